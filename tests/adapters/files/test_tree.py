"""The directory under the blobs: what a dead writer leaves, what survives, and what two writers do to each other."""

import asyncio
import errno
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typing_extensions import override

from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.incoming import SWEEP_AGE_S, Incoming, sweep
from bowerbird.adapters.files.signing import Signer
from bowerbird.base.world import World
from bowerbird.ports.records import EngineUnavailable
from tests.support.blobs_subject import NEW_KEY
from tests.support.set_clock import SetClock

JPEG, PNG = "image/jpeg", "image/png"


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def opened(root: Path, threads: ThreadPoolExecutor, world: World | None = None) -> FileBlobs:
    clock = world or SetClock()
    return FileBlobs.open(root, Signer("/blobs", [NEW_KEY], clock), clock, threads)


@pytest.fixture
def blobs(tmp_path: Path, threads: ThreadPoolExecutor) -> FileBlobs:
    return opened(tmp_path, threads)


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_a_dead_writer_left_is_swept_and_what_lives_is_not(tmp_path: Path) -> None:
    now_us = World().now_us()
    dead, living = Incoming(tmp_path / "dead"), Incoming(tmp_path / "living")
    for incoming in (dead, living):
        incoming.open()
        incoming.write(b"half")
    assert dead._file is not None  # pyright: ignore[reportPrivateUsage] - its death is what is played
    dead._file.close()  # pyright: ignore[reportPrivateUsage] - as above
    assert sweep(tmp_path, now_us) == 0
    assert sweep(tmp_path, now_us + 2 * SWEEP_AGE_S * 1_000_000) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["living"]
    living.close()
    assert list(tmp_path.iterdir()) == []


async def test_opening_sweeps_and_keeps_all_else(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    blobs = opened(tmp_path, threads)
    await blobs.put("a/b", b"kept", JPEG)
    (tmp_path / "tmp" / "left").write_bytes(b"half")
    again = opened(tmp_path, threads, Tomorrow())
    assert files_below(tmp_path) == {"kept/image=jpeg/a/b~": b"kept"}
    assert await again.stat("a/b") == await blobs.stat("a/b")


class Tomorrow(World):
    """The real clock, a day ahead."""

    @override
    def now_us(self) -> int:
        return super().now_us() + 86_400_000_000


async def test_a_copy_of_the_directory_is_complete(
    tmp_path: Path, blobs: FileBlobs, threads: ThreadPoolExecutor
) -> None:
    await blobs.put("a/b", b"bytes", JPEG)
    other = tmp_path / "restored"
    for name, data in files_below(tmp_path).items():
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_bytes(data)
    stat = await opened(other, threads).stat("a/b")
    assert stat is not None
    assert (stat.length, stat.mime) == (5, JPEG)


async def test_a_copy_takes_no_room_where_it_can(tmp_path: Path, blobs: FileBlobs) -> None:
    await blobs.put("a", b"bytes", JPEG)
    await blobs.copy("a", "b/c")
    first, second = tmp_path / "kept/image=jpeg/a~", tmp_path / "kept/image=jpeg/b/c~"
    assert first.samefile(second)


async def test_a_file_with_too_many_names_is_copied_whole(
    tmp_path: Path, blobs: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(errno.EMLINK, "too many links, as planned")

    await blobs.put("a", b"bytes", JPEG)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    await blobs.copy("a", "b")
    assert files_below(tmp_path) == {"kept/image=jpeg/a~": b"bytes", "kept/image=jpeg/b~": b"bytes"}
    assert await blobs.stat("a") is not None


async def test_of_two_writers_of_two_types_one_remains(tmp_path: Path, blobs: FileBlobs) -> None:
    for _ in range(40):
        await asyncio.gather(blobs.put("a", b"jpeg", JPEG), blobs.put("a", b"png", PNG))
        stat = await blobs.stat("a")
        assert stat is not None
        data = b"".join([piece async for piece in blobs.read("a")])
        assert (stat.mime, data) in {(JPEG, b"jpeg"), (PNG, b"png")}
    await blobs.put("a", b"last", JPEG)
    assert files_below(tmp_path) == {"kept/image=jpeg/a~": b"last"}


async def test_a_clock_that_goes_back_does_not_bring_old_bytes_back(
    tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    clock = SetClock()
    blobs = opened(tmp_path, threads, clock)
    await blobs.put("a", b"old", PNG)
    await blobs.put("b", b"older", JPEG)
    clock.pass_s(-3600)
    await blobs.put("a", b"new", JPEG)
    assert b"".join([piece async for piece in blobs.read("a")]) == b"new"
    await blobs.put("c", b"c", PNG)
    await blobs.copy("c", "a")
    assert b"".join([piece async for piece in blobs.read("a")]) == b"c"


async def test_empty_folders_go_and_come_back(tmp_path: Path, blobs: FileBlobs) -> None:
    async def turn(number: int) -> None:
        for _ in range(25):
            await blobs.put(f"a/b/c/{number}", b"", JPEG)
            await blobs.delete([f"a/b/c/{number}"])

    await asyncio.gather(*[turn(number) for number in range(6)])
    assert list((tmp_path / "kept").iterdir()) == []
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_only_this_user_can_read_the_directory(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    blobs = opened(tmp_path / "new", threads)
    await blobs.put("a/b", b"", JPEG)
    for folder in ("kept", "tmp", "kept/image=jpeg", "kept/image=jpeg/a"):
        assert (tmp_path / "new" / folder).stat().st_mode & 0o777 == 0o700


async def test_a_disk_that_fails_is_said_by_the_ports_own_error(tmp_path: Path, blobs: FileBlobs) -> None:
    (tmp_path / "tmp").rmdir()
    with pytest.raises(EngineUnavailable):
        await blobs.put("a", b"", JPEG)
    assert await blobs.stat("a") is None


async def test_a_cancelled_caller_waits_for_its_thread(tmp_path: Path, blobs: FileBlobs) -> None:
    for turn in range(30):
        task = asyncio.create_task(blobs.put("a", bytes(1 << 20), JPEG))
        for _ in range(turn):
            await asyncio.sleep(0)
        task.cancel()
        task.cancel()
        await asyncio.wait([task])
        assert list((tmp_path / "tmp").iterdir()) == []
