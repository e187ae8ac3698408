"""The supervisor over real processes: in order, again after a fall, drained at the end, and nobody left behind."""

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import structlog
from typing_extensions import override

from bowerbird.base.processes import Processes
from bowerbird.base.world import World
from bowerbird.runtime.supervisor import (
    BACKOFF_LONGEST_S,
    BACKOFF_SERVING_S,
    STEADY_S,
    Child,
    ChildFailed,
    State,
    Supervisor,
)
from tests.support.waiting import until

CHILD = Path(__file__).parents[1] / "support" / "tree_child.py"


class Hasty(World):
    """A world that notes rests instead of resting, and whose clock a test moves."""

    def __init__(self) -> None:
        super().__init__()
        self.rests: list[float] = []
        self.passed_s = 0.0

    @override
    def monotonic_s(self) -> float:
        return self.passed_s

    @override
    async def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)


class Tree:
    """A supervisor of noting children."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "notes"
        self.world = Hasty()
        self.ended: list[str] = []
        self.supervisor: Supervisor | None = None

    def child(
        self, name: str, *words: str, ready_ms: int = 30_000, drain_ms: int = 30_000, rolls: bool = False
    ) -> Child:
        argv = (sys.executable, "-I", "-S", str(CHILD), str(self.file), name, *words)
        return Child(name=name, argv=argv, ready_ms=ready_ms, drain_ms=drain_ms, rolls=rolls)

    async def start(self, *stages: Sequence[Child]) -> Supervisor:
        self.supervisor = Supervisor(stages, os.environ, Processes(), self.world, self.ended.append)
        await self.supervisor.start()
        return self.supervisor

    def notes(self, *names: str) -> list[str]:
        """Return what children noted, those of some names or of all, without process numbers."""
        if not self.file.exists():
            return []
        lines = [line.split() for line in self.file.read_text().splitlines()]
        return [f"{name} {what}" for name, what, _ in lines if not names or name in names]

    def pids(self) -> set[int]:
        """Return the numbers of all processes that ever noted anything."""
        return {int(line.split()[2]) for line in self.file.read_text().splitlines()} if self.file.exists() else set()


@pytest.fixture
async def tree(tmp_path: Path) -> AsyncIterator[Tree]:
    tree = Tree(tmp_path)
    yield tree
    if tree.supervisor is not None:
        await tree.supervisor.stop()
        assert not any(map(lives, tree.pids()))


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


async def test_a_stage_starts_when_the_one_before_is_ready_and_stops_before_it(tree: Tree) -> None:
    stages = [tree.child("core", "ready")], [tree.child("one", "ready", "slow"), tree.child("two", "ready")]
    supervisor = await tree.start(*stages)
    assert tree.notes()[:2] == ["core started", "core ready"]
    assert sorted(tree.notes()[2:]) == ["one ready", "one started", "two ready", "two started"]
    assert {name: state for name, (state, _) in supervisor.states().items()} == dict.fromkeys(
        ("core", "one", "two"), State.READY
    )
    await supervisor.stop()
    assert tree.notes()[6:] == ["two ended", "one ended", "core ended"]
    assert {state for state, _ in supervisor.states().values()} == {State.STOPPED}


async def test_rolling_replaces_those_that_roll_one_after_another(tree: Tree) -> None:
    stages = [tree.child("core", "ready")], [tree.child(name, "ready", "slow", rolls=True) for name in ("one", "two")]
    supervisor = await tree.start(*stages)
    before = len(tree.notes())
    await supervisor.roll()
    assert tree.notes()[before:] == [
        f"{name} {what}" for name in ("one", "two") for what in ("ended", "started", "ready")
    ]
    assert {state for state, _ in supervisor.states().values()} == {State.READY}
    assert tree.world.rests == []
    assert tree.ended == ["one", "two"]
    os.kill(supervisor.states()["one"][1], signal.SIGKILL)
    await until(lambda: tree.notes("one").count("one ready") == 3)


async def test_rolling_ends_at_one_that_does_not_become_ready(tree: Tree) -> None:
    """What is wrong with the first is wrong with all: the others go on serving."""
    fails = tree.child("one", "ready", "once", rolls=True)
    supervisor = await tree.start([fails, tree.child("two", "ready", rolls=True)])
    await supervisor.roll()
    assert tree.notes("two") == ["two started", "two ready"]
    await until(lambda: len(tree.world.rests) > 1)


async def test_what_is_killed_is_started_again_at_once(tree: Tree) -> None:
    supervisor = await tree.start([tree.child("core", "ready"), tree.child("edge", "ready")])
    _, first = supervisor.states()["core"]
    os.kill(first, signal.SIGKILL)
    await until(
        lambda: supervisor.states()["core"][1] not in {0, first} and tree.notes("core").count("core ready") == 2
    )
    await until(lambda: supervisor.states()["core"][0] is State.READY)
    assert tree.world.rests == [0.0]
    assert tree.ended == ["core"]
    assert tree.notes("edge") == ["edge started", "edge ready"]


async def test_what_keeps_falling_is_started_after_longer_and_longer_pauses(tree: Tree) -> None:
    await tree.start([tree.child("core", "ready", "short")])
    await until(lambda: len(tree.world.rests) >= 10)
    assert tree.world.rests[:10] == [0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, BACKOFF_LONGEST_S, BACKOFF_LONGEST_S]


async def test_what_serves_for_a_while_between_its_ends_is_never_missed_for_long(tree: Tree) -> None:
    supervisor = await tree.start([tree.child("core", "ready")])
    for count in range(2, 9):
        tree.world.passed_s += BACKOFF_SERVING_S
        os.kill(supervisor.states()["core"][1], signal.SIGKILL)
        await until(lambda count=count: tree.notes().count("core ready") == count)
        await until(lambda: supervisor.states()["core"][0] is State.READY)
    assert tree.world.rests == [0.0, 0.1, 0.2, 0.4, 0.8, BACKOFF_SERVING_S, BACKOFF_SERVING_S]


async def test_what_ran_for_long_is_started_at_once_again(tree: Tree) -> None:
    supervisor = await tree.start([tree.child("core", "ready")])
    for place in range(3):
        tree.world.passed_s += STEADY_S + 1 if place == 2 else 0
        os.kill(supervisor.states()["core"][1], signal.SIGKILL)
        await until(lambda count=place + 2: tree.notes().count("core ready") == count)
        await until(lambda: supervisor.states()["core"][0] is State.READY)
    assert tree.world.rests == [0.0, 0.1, 0.0]


async def test_a_child_that_ends_before_it_is_ready_fails_the_start_and_leaves_nobody(tree: Tree) -> None:
    """Its brother, which takes its time, is ended too, whenever it comes."""
    stages = [tree.child("core", "ready")], [tree.child("broken", "broken"), tree.child("brother", "ready")]
    with pytest.raises(ChildFailed, match="broken did not become ready"):
        await tree.start(*stages)
    assert tree.notes("core") == ["core started", "core ready", "core ended"]
    assert not any(map(lives, tree.pids()))


async def test_a_child_that_takes_too_long_to_be_ready_is_killed_and_fails_the_start(tree: Tree) -> None:
    with pytest.raises(ChildFailed, match="silent did not become ready"), structlog.testing.capture_logs() as lines:
        await tree.start([tree.child("silent", "deaf", ready_ms=300)])
    assert [(line["event"], line["process"]) for line in lines] == [("process_not_ready_in_time", "silent")]
    assert not any(map(lives, tree.pids()))


async def test_a_program_that_is_not_there_fails_the_start(tree: Tree) -> None:
    child = Child(name="nothing", argv=("/nonexistent/program",), ready_ms=1000, drain_ms=1000)
    with pytest.raises(ChildFailed, match="nothing did not become ready"):
        await tree.start([child])


async def test_every_end_is_told_of_and_leaves_no_number(tree: Tree) -> None:
    """That of one that fell, of one that was stopped, and of one that never got ready, each once."""
    supervisor = await tree.start([tree.child("fallen", "ready")], [tree.child("steady", "ready")])
    os.kill(supervisor.states()["fallen"][1], signal.SIGKILL)
    await until(lambda: tree.notes("fallen").count("fallen ready") == 2)
    await supervisor.stop()
    assert tree.ended == ["fallen", "steady", "fallen"]
    assert {pid for _, pid in supervisor.states().values()} == {0}
    with pytest.raises(ChildFailed):
        await tree.start([tree.child("silent", "deaf", ready_ms=300)])
    assert tree.ended[3:] == ["silent"]


async def test_a_machine_without_free_descriptors_is_asked_again(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    supervisor = await tree.start([tree.child("core", "ready")])
    whole, tried = socket.socketpair, list[int]()

    def exhausted() -> tuple[socket.socket, socket.socket]:
        tried.append(1)
        if len(tried) < 4:
            raise OSError(errno.EMFILE, "Too many open files")
        return whole()

    monkeypatch.setattr("bowerbird.runtime.supervisor.socket.socketpair", exhausted)
    os.kill(supervisor.states()["core"][1], signal.SIGKILL)
    await until(lambda: supervisor.states()["core"][0] is State.READY and len(tried) == 4)
    assert tree.world.rests == [0.0, 0.1, 0.2, 0.4]


async def test_whoever_is_told_of_an_end_and_fails_keeps_nobody_from_starting_again(tmp_path: Path) -> None:
    tree = Tree(tmp_path)

    def failing(_name: str) -> None:
        raise FileNotFoundError("the folder is gone")

    supervisor = Supervisor([[tree.child("core", "ready")]], os.environ, Processes(), tree.world, failing)
    await supervisor.start()
    os.kill(supervisor.states()["core"][1], signal.SIGKILL)
    await until(lambda: tree.notes().count("core ready") == 2)
    await supervisor.stop()


async def test_what_does_not_end_when_told_to_is_killed_after_its_time(tree: Tree) -> None:
    supervisor = await tree.start([tree.child("deaf", "ready", "deaf", drain_ms=200)])
    await supervisor.stop()
    assert tree.notes() == ["deaf started", "deaf ready", "deaf deaf"]
    assert not any(map(lives, tree.pids()))


async def test_stopping_while_a_child_is_started_again_leaves_nobody(tree: Tree) -> None:
    supervisor = await tree.start([tree.child("core", "ready", "short")])
    await until(lambda: len(tree.world.rests) >= 3)
    await supervisor.stop()
    count = len(tree.notes())
    assert not any(map(lives, tree.pids()))
    await asyncio.sleep(0)
    assert len(tree.notes()) == count


PARENT = """
import asyncio, os, sys
from bowerbird.base.processes import Processes
from bowerbird.base.world import World
from bowerbird.runtime.supervisor import Child, Supervisor

async def main():
    stages = [[Child(name=name, argv=tuple(sys.argv[1:]) + (name, "ready"), ready_ms=30_000, drain_ms=30_000)
               for name in ("one", "two")]]
    await Supervisor(stages, os.environ, Processes(), World()).start()
    print("up", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_children_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    argv = [sys.executable, "-c", PARENT, sys.executable, "-I", "-S", str(CHILD), str(file)]
    parent = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    assert await parent.stdout.readline() == b"up\n"
    parent.kill()
    await parent.wait()
    pids = [int(line.split()[2]) for line in file.read_text().splitlines()]
    assert len(set(pids)) == 2
    await until(lambda: not any(map(lives, pids)))
    assert file.read_text().count("abandoned") == 2


LINE = """
import asyncio, os, socket
from bowerbird.runtime.supervisor import Line

async def main():
    stop = asyncio.Event()
    line = Line()
    assert not [name for name in os.environ if name.startswith("BOWERBIRD_")]
    line.when_closed(stop.set)
    line.ready()
    await stop.wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_a_child_of_ours_says_ready_and_stops_when_the_line_closes(tree: Tree, loop: str) -> None:
    """Without a supervisor the same program does nothing of that."""
    script = LINE if loop == "asyncio" else f"import uvloop\nuvloop.install()\n{LINE}"
    child = Child(name="ours", argv=(sys.executable, "-W", "ignore", "-c", script), ready_ms=30_000, drain_ms=30_000)
    supervisor = await tree.start([child])
    _, pid = supervisor.states()["ours"]
    assert lives(pid)
    supervisor._stages[0][0]._hang_up()  # pyright: ignore[reportPrivateUsage] - as if it were gone
    await until(lambda: "ours" in tree.ended)
    assert not lives(pid)
