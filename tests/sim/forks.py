"""Runs in interpreters of their own: each is a fork of this one, so that all begin alike and leave nothing behind."""

import gc
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from msgspec import msgpack

from tests.sim.play import Outcome, found, play
from tests.sim.script import Script

RUN_S_MAX: Final = 120
"""A run that takes longer in real time hangs."""

_PATH_LENGTH: Final = 64
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it


@dataclass
class _Running:
    pid: int
    script: Script
    folder: Path
    began_s: float


class Forks:
    """`root`: where the town stands and runs have their folders, in memory where the machine offers that."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._town = root / "town"
        self._numbers = 0
        self._found_town()

    def _found_town(self) -> None:
        pid = os.fork()
        if pid == 0:
            _end(self._found)
        _, status = os.waitpid(pid, 0)
        if status:
            raise RuntimeError("the town could not be founded; what is above says why")

    def _found(self) -> None:
        self._town.mkdir()
        found(self._town)

    def play(self, script: Script, trace: Path | None = None) -> Outcome:
        """Play one script."""
        [(_, outcome)] = self.play_all([script], 1, trace)
        return outcome

    def play_all(
        self, scripts: Iterable[Script], workers: int, trace: Path | None = None
    ) -> Iterator[tuple[Script, Outcome]]:
        """Play scripts, some at a time, and yield what came of each as it ends."""
        waiting = iter(scripts)
        running: dict[int, _Running] = {}
        while True:
            for script in islice(waiting, workers - len(running)):
                pipe, begun = self._begin(script, trace)
                running[pipe] = begun
            if not running:
                return
            pipe = _first(running)
            yield _ended(pipe, running.pop(pipe))

    def _begin(self, script: Script, trace: Path | None) -> tuple[int, _Running]:
        """Begin to play, and return the pipe that tells what came of it."""
        self._numbers += 1
        # Alike in length wherever it is, since paths stand in messages, whose length decides how they travel.
        folder = self._root / str(self._numbers).rjust(_PATH_LENGTH - len(str(self._root)) - 1, "0")
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _end(lambda: _told(writing, _played(script, self._town, folder, trace)))
        os.close(writing)
        return reading, _Running(pid, script, folder, time.monotonic())


def _first(running: Mapping[int, _Running]) -> int:
    """Return the pipe of a run that has ended; one that hangs is made to."""
    while True:
        ready, _, _ = select.select(list(running), [], [], 1.0)
        if ready:
            return ready[0]
        for one in running.values():
            if time.monotonic() - one.began_s > RUN_S_MAX:
                os.kill(one.pid, signal.SIGKILL)


def _ended(pipe: int, running: _Running) -> tuple[Script, Outcome]:
    with os.fdopen(pipe, "rb") as told:
        outcome = told.read()
    _, status = os.waitpid(running.pid, 0)
    shutil.rmtree(running.folder, ignore_errors=True)
    if outcome:
        return running.script, msgpack.decode(outcome, type=Outcome)
    return running.script, Outcome("crashed or hung", f"the interpreter ended with {status}", "", {}, 0.0)


@contextmanager
def forks() -> Generator[Forks]:
    """Provide a place for runs, and remove it afterwards."""
    parent = _MEMORY if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="bowerbird-sim-", dir=parent) as root:
        yield Forks(Path(root))


def _played(script: Script, town: Path, folder: Path, trace: Path | None) -> Outcome:
    if trace is None:
        return play(script, town, folder)
    with trace.open("w", encoding="utf-8") as out:
        return play(script, town, folder, out)


def _told(descriptor: int, outcome: Outcome) -> None:
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(msgpack.encode(outcome))


def _end(work: Callable[[], None]) -> None:
    """Do work and end the interpreter, without collecting or finalising anything."""
    gc.disable()
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - nothing may get past the end of the interpreter
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
