"""A writer that dies, at any of its writes, leaves the last whole state; one whose disk fails goes on when it can."""

import asyncio
import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import Struct

from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.walks import Change, Dropped, Saved
from tests.ports.walks.crash import change_of, edges_after
from tests.ports.walks.scene import TODAY, board, described, saves, thing, unsaved
from tests.ports.walks.subject import Edges, Subject, Variant, audit, edges_of
from tests.support.records_subject import Inline

ROOT: Final = Path(__file__).parents[3]
HEARD: Final = 150

CALLS: Final[Sequence[Sequence[Change] | None]] = (
    saves([[1, 2], [2, 3], [3, 4]]),
    [unsaved(1, 0), described(2, 7)],
    None,
    [Dropped(board(1)), Saved(thing(9), board(0), TODAY)],
    None,
    saves([[5, 6]]),
)
"""What is done until it crashes; None is a compaction."""


class Died(BaseException):
    """The process is no more."""


class Disk:
    """Counts what changes files, and lets one of the changes fail: half done, where it is a write."""

    def __init__(self, fails_at: int, error: type[BaseException]) -> None:
        self._left = fails_at
        self._error = error
        self.done = 0

    def let(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as this disk does it."""

        def changed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - any function of os
            self.done += 1
            if self.done == self._left:
                if function is PWRITE:
                    descriptor, data, place = arguments
                    function(descriptor, data[: len(data) // 2], place)
                raise self._error("on purpose")
            return function(*arguments, **named)

        return changed


PWRITE: Final = os.pwrite


@contextmanager
def disk_that_fails(at: int, error: type[BaseException]) -> Generator[Disk]:
    """Let the disk fail once inside."""
    disk = Disk(at, error)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("pwrite", "fsync", "ftruncate"):
            patch.setattr(os, name, disk.let(getattr(os, name)))
        for name in ("replace", "unlink"):
            patch.setattr(Path, name, disk.let(getattr(Path, name)))
        yield disk


class Done(Struct, frozen=True):
    """The edges after so many calls."""

    applied: list[Offset]
    edges: Edges


async def states(folder: Path) -> list[Done]:
    """Return what the graph is after each of the calls, when nothing fails."""
    subject, found = Subject(Variant(executor=Inline), folder), list[Done]()
    for number in range(len(CALLS)):
        found.append(await state_of(subject))
        await call(subject, number)
    found.append(await state_of(subject))
    await subject.close()
    return found


async def call(subject: Subject, number: int) -> None:
    """Make one of the calls."""
    said = CALLS[number]
    await (subject.walks.compact() if said is None else subject.walks.change(said, [Offset(0, number)]))


async def state_of(subject: Subject) -> Done:
    """Return what a reader finds who comes now."""
    graph = subject.graph()
    audit(graph)
    return Done(await subject.walks.applied(), edges_of(graph))


async def test_a_writer_that_dies_at_any_write_leaves_the_last_whole_state(tmp_path: Path) -> None:
    expected = await states(tmp_path / "whole")
    at = 0
    for at in range(1, 1000):
        folder, done = tmp_path / str(at), 0
        with disk_that_fails(at, Died) as disk:
            subject: Subject | None = None
            try:
                subject = Subject(Variant(executor=Inline), folder)
                for done in range(len(CALLS)):
                    await call(subject, done)
                done = len(CALLS)
            except Died:
                pass
        if disk.done < at:
            break
        survivor = Subject(Variant(executor=Inline), folder)
        assert await state_of(survivor) in expected[done : done + 2], at
        for number in range(done, len(CALLS)):
            await call(survivor, number)
        assert await state_of(survivor) == expected[-1]
        await survivor.close()
    assert at > 25


async def test_a_disk_that_fails_once_costs_one_call(tmp_path: Path) -> None:
    expected = await states(tmp_path / "whole")
    at = 0
    for at in range(1, 1000):
        with disk_that_fails(at, OSError) as disk:
            try:
                subject = Subject(Variant(executor=Inline), tmp_path / str(at))
            except EngineUnavailable:
                subject = Subject(Variant(executor=Inline), tmp_path / str(at))
            for number in range(len(CALLS)):
                try:
                    await call(subject, number)
                except EngineUnavailable:
                    assert await state_of(subject) in expected[number : number + 2], (at, number)
                    await call(subject, number)
                assert await state_of(subject) == expected[number + 1], (at, number)
            try:
                await subject.reopen()
            except EngineUnavailable:
                subject.open()
            assert await state_of(subject) == expected[-1]
            await subject.close()
        if disk.done < at:
            break
    assert at > 25


async def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ports.walks.crash", str(tmp_path), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        heard = [await process.stdout.readline() for _ in range(HEARD)]
    finally:
        process.kill()
        # What it had said before it died is still in the pipe.
        rest, _ = await process.communicate()
    assert all(heard), "it died by itself"
    last = max(int(line) for line in [*heard, *rest.splitlines(keepends=True)] if line.endswith(b"\n"))
    subject = Subject(Variant(executor=Inline), tmp_path)
    (applied,) = await subject.walks.applied()
    assert last <= applied.number <= last + 1, "the next one may have been on its way"
    assert edges_of(subject.graph()) == edges_after(applied.number)
    audit(subject.graph())
    await subject.walks.change(change_of(applied.number + 1))
    assert edges_of(subject.graph()) == edges_after(applied.number + 1)
    await subject.close()


@pytest.mark.parametrize("cut", [1, 3, 8, 20, 60])
async def test_a_torn_end_is_cut_off(tmp_path: Path, cut: int) -> None:
    subject = Subject(Variant(executor=Inline), tmp_path)
    await subject.walks.change(saves([[1, 2]]), [Offset(0, 1)])
    whole = await state_of(subject)
    await subject.walks.change(saves([[], [3, 4]]), [Offset(0, 2)])
    await subject.close()
    file = tmp_path / "00000001.delta"
    data = file.read_bytes()
    for torn in (data[:-cut], data[:-cut] + b"\xff" * cut, data[:-cut] + b"\xff" * 4096):
        file.write_bytes(torn)
        subject = Subject(Variant(executor=Inline), tmp_path)
        assert await state_of(subject) == whole
        await subject.walks.change(saves([[], [3, 4]]), [Offset(0, 2)])
        assert (await state_of(subject)).applied == [Offset(0, 2)]
        await subject.close()
        assert file.read_bytes() == data


async def test_a_loss_of_power_takes_the_offsets_with_the_changes(tmp_path: Path) -> None:
    subject = Subject(Variant(executor=Inline), tmp_path)
    await subject.walks.change(saves([[1, 2]]), [Offset(0, 1)])
    whole = await state_of(subject)
    subject.hand.may_go.clear()
    compacting = asyncio.ensure_future(subject.walks.compact())
    await subject.hand.asked.wait()
    await subject.walks.change(saves([[], [3, 4]]), [Offset(0, 2)])
    subject.hand.may_go.set()
    await compacting
    await subject.close()
    behind = tmp_path / "00000002.delta"
    assert behind.stat().st_size
    # The snapshot was made durable, and what came after it was not.
    behind.write_bytes(b"")
    subject = Subject(Variant(executor=Inline), tmp_path)
    assert await state_of(subject) == whole
    await subject.close()
