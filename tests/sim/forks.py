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
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec import msgpack

from tests.sim.play import Outcome, found, play
from tests.sim.script import Script

RUN_S_MAX: Final = 120
"""A run that takes longer in real time hangs."""

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
        self._running: dict[int, _Running] = {}
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
        more = True
        while more or self._running:
            while more and len(self._running) < workers:
                script = next(waiting, None)
                more = script is not None
                if script is not None:
                    self._begin(script, trace)
            if self._running:
                yield self._next()

    def _begin(self, script: Script, trace: Path | None) -> None:
        self._numbers += 1
        folder = self._root / f"run{self._numbers}"
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _end(lambda: _told(writing, _played(script, self._town, folder, trace)))
        os.close(writing)
        self._running[reading] = _Running(pid, script, folder, time.monotonic())

    def _next(self) -> tuple[Script, Outcome]:
        """Wait for a run to end."""
        while True:
            ready, _, _ = select.select(list(self._running), [], [], 1.0)
            late = [at for at, one in self._running.items() if time.monotonic() - one.began_s > RUN_S_MAX]
            for at in ready or late:
                if at not in ready:
                    os.kill(self._running[at].pid, signal.SIGKILL)
                return self._ended(at)

    def _ended(self, at: int) -> tuple[Script, Outcome]:
        running = self._running.pop(at)
        pieces: list[bytes] = []
        while piece := os.read(at, 1 << 16):
            pieces.append(piece)
        os.close(at)
        _, status = os.waitpid(running.pid, 0)
        shutil.rmtree(running.folder, ignore_errors=True)
        if pieces:
            return running.script, msgpack.decode(b"".join(pieces), type=Outcome)
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
