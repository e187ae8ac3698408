"""The supervisor: starts a tree of processes in order, restarts what falls over, and stops them without cutting work.

Each child is told its name in BOWERBIRD_PROCESS, and holds one end of a socket pair, named in its BOWERBIRD_READY_FD:
it writes a line when it is ready, and stops by itself when the other end closes, since then there is no supervisor any
more.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import structlog
from msgspec import Struct

from bowerbird.base.processes import Processes
from bowerbird.base.telemetry import PROCESS, counter
from bowerbird.base.world import World

READY_FD: Final = "BOWERBIRD_READY_FD"
BACKOFF_FIRST_S: Final = 0.1
BACKOFF_LONGEST_S: Final = 10.0
BACKOFF_SERVING_S: Final = 1.0
"""The longest pause before what ran for as long: it served, and is missed."""
STEADY_S: Final = 30.0

_log = structlog.get_logger()
_starts = counter("process_starts_total", "Times a process of the tree was started and became ready.", "process")


class Child(Struct, frozen=True, kw_only=True):
    """A program to keep running. `drain_ms`: how long it may take to end by itself before it is killed.

    `inherits`: descriptors of the supervisor's that it holds under the same numbers. `rolls`: it may be replaced while
    the others serve, since they share a listening socket.
    """

    name: str
    argv: tuple[str, ...]
    ready_ms: int
    drain_ms: int
    inherits: tuple[int, ...] = ()
    rolls: bool = False


class State(StrEnum):
    """Where a child stands."""

    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"
    STOPPED = "stopped"


class ChildFailed(Exception):  # noqa: N818 - the state of the child
    """A child ended, or was not ready in time, while the tree was being started for the first time."""


def _ignore(_name: str) -> None:
    """Hear of a child's end and do nothing."""


class Supervisor:
    """Stages are started one after another and stopped in the opposite order; the children of one, side by side.

    `ended` is told the name of a child whenever its process has ended, before another is started.
    """

    def __init__(
        self,
        stages: Sequence[Sequence[Child]],
        env: Mapping[str, str],
        processes: Processes,
        world: World,
        ended: Callable[[str], None] = _ignore,
    ) -> None:
        self._stages = [[_Keeper(child, env, processes, world, ended) for child in stage] for stage in stages]

    async def start(self) -> None:
        """Return when every child is ready; ChildFailed when one is not, with all of them stopped again."""
        for stage in self._stages:
            started = await asyncio.gather(*[keeper.start() for keeper in stage], return_exceptions=True)
            failures = [failure for failure in started if failure is not None]
            if failures:
                await self.stop()
                raise failures[0]

    async def stop(self) -> None:
        """End the children, each with its time to drain."""
        for stage in reversed(self._stages):
            await asyncio.gather(*[keeper.stop() for keeper in stage])

    async def roll(self) -> None:
        """Replace the children that roll, one after another, each when the one before is ready again.

        One that does not become ready ends it: the others stay as they are, and this one is tried again as ever.
        """
        for keeper in [keeper for stage in self._stages for keeper in stage if keeper.child.rolls]:
            if not await keeper.replace():
                _log.error("rolling_ended", process=keeper.child.name)
                return
            _log.info("process_replaced", process=keeper.child.name)

    def states(self) -> dict[str, tuple[State, int]]:
        """Return each child's state and process number (0 without a process)."""
        return {keeper.child.name: (keeper.state, keeper.pid) for stage in self._stages for keeper in stage}


class _Keeper:
    """Keeps one child running."""

    def __init__(
        self,
        child: Child,
        env: Mapping[str, str],
        processes: Processes,
        world: World,
        ended: Callable[[str], None],
    ) -> None:
        self.child = child
        self.state = State.STOPPED
        self._env = env
        self._processes = processes
        self._world = world
        self._tell_end = ended
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._line: socket.socket | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    async def start(self) -> None:
        if not await self._launch():
            raise ChildFailed(f"{self.child.name} did not become ready; its lines above say why.")
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.child.name}")

    async def _keep(self) -> None:
        """Start the child again whenever it ends, at once the first time, later with longer and longer pauses.

        They stay short for what serves between its ends, and begin anew behind a long life.
        """
        pause_s = 0.0
        while True:
            began_s = self._world.monotonic_s()
            code = await self._ended()
            lived_s = self._world.monotonic_s() - began_s
            if lived_s > STEADY_S:
                pause_s = 0.0
            elif lived_s >= BACKOFF_SERVING_S:
                pause_s = min(pause_s, BACKOFF_SERVING_S)
            self.state = State.WAITING
            _log.warning("process_ended", process=self.child.name, code=code, again_in_s=pause_s)
            await self._world.sleep(pause_s)
            await self._launch()
            pause_s = min(max(BACKOFF_FIRST_S, pause_s * 2), BACKOFF_LONGEST_S)

    async def _ended(self) -> int | None:
        """Wait for the process's end, if there is one, tell of it, and return its code."""
        if self._process is None:
            return None
        code = await self._process.wait()
        self._process = None
        try:
            self._tell_end(self.child.name)
        except OSError:
            _log.exception("end_not_told", process=self.child.name)
        return code

    async def _launch(self) -> bool:
        """Start the process and wait for its word; False, with the process gone, when none came in time."""
        self.state = State.STARTING
        try:
            line = await self._start()
        except OSError:
            _log.exception("process_not_started", process=self.child.name)
            return False
        ready = await self._heard(line)
        if ready:
            self.state = State.READY
        else:
            await self._kill()
        return ready

    async def _start(self) -> socket.socket:
        """Start the process and return this end of the line to it. OSError."""
        self._hang_up()
        self._line, theirs = socket.socketpair()
        self._line.settimeout(0)
        with theirs:
            env = {**self._env, PROCESS: self.child.name, READY_FD: str(theirs.fileno())}
            inherits = (theirs.fileno(), *self.child.inherits)
            self._process = await self._processes.start_service(self.child.argv, env, inherits)
        return self._line

    async def _heard(self, line: socket.socket) -> bool:
        """Return whether the child wrote its line before it closed its end or took too long."""
        try:
            word = asyncio.get_running_loop().sock_recv(line, 64)
            return bool(await asyncio.wait_for(word, self.child.ready_ms / 1000))
        except TimeoutError:
            _log.warning("process_not_ready_in_time", process=self.child.name, ready_ms=self.child.ready_ms)
            return False
        except OSError:
            return False

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    async def replace(self) -> bool:
        """End the process, with its time to drain, and start another; return whether that is ready."""
        await self._end()
        ready = await self._launch()
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.child.name}")
        return ready

    async def stop(self) -> None:
        await self._end()
        self._hang_up()
        self.state = State.STOPPED

    async def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._ended(), self.child.drain_ms / 1000)
        except TimeoutError:
            _log.warning("process_killed", process=self.child.name, drain_ms=self.child.drain_ms)
            await self._kill()

    async def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        await self._ended()


class Line:
    """A child's end of the line to its supervisor; without one (started by hand) it does nothing."""

    def __init__(self) -> None:
        self._name = os.environ.pop(PROCESS, "")
        descriptor = os.environ.pop(READY_FD, "")
        self._line = socket.socket(fileno=int(descriptor)) if descriptor else None

    def ready(self) -> None:
        """Tell the supervisor that this process is ready."""
        if self._line is not None:
            self._line.send(b"ready\n")
            _starts.labels(self._name).inc()

    def when_closed(self, stop: Callable[[], None]) -> None:
        """Call `stop`, once, in the running loop when the supervisor is gone."""
        line = self._line
        if line is None:
            return
        loop = asyncio.get_running_loop()

        def closed() -> None:
            loop.remove_reader(line)
            stop()

        line.settimeout(0)
        loop.add_reader(line, closed)
