"""The machine: virtual time, the processes on it, and which of them goes on next, all decided by the seed.

Callbacks of one process run in the order in which they became ready, which asyncio promises and code relies on. Which
process takes the next step is chance. Time passes by a few microseconds a step, and jumps to the next timer when
nobody has anything to do.
"""

import asyncio
import heapq
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count
from typing import Final

from tests.sim.chance import Chance
from tests.sim.loop import SimLoop
from tests.sim.trace import Trace

BEGIN_US: Final = 1_800_000_000_000_000
"""What the wall clock shows when a run begins."""

_STEP_US_MAX: Final = 20
_TURNS: Final = (1, 1, 2, 5, 20)
"""How many callbacks a process runs before another may have its turn."""


class Stuck(Exception):  # noqa: N818 - it names the state
    """Nobody has anything to do, and no timer is set."""


class SimProcess:
    """A process of the machine: a loop of its own, and everything that ends with it.

    `ended` are called when it dies, however it dies. What it does afterwards, in code that still unwinds, has no
    effect: whoever stands between it and the world asks `alive`.
    """

    def __init__(self, machine: "Machine", name: str, number: int) -> None:
        self.machine = machine
        self.name = name
        self.number = number
        self.alive = True
        self.stalled_until_us = 0
        self.ended: list[Callable[[], None]] = []
        self.loop = SimLoop(self)

    def spawn(self, coroutine: "asyncio._CoroutineLike[None]", name: str) -> asyncio.Task[None]:  # pyright: ignore[reportPrivateUsage] - typeshed's name for what a task takes
        """Begin a task of the process, from anywhere."""
        with self.machine.as_process(self):
            return self.loop.create_task(coroutine, name=name)

    def kill(self, cause: str) -> None:
        """End at once, between two callbacks or in the midst of one: nothing of the process has any effect from now."""
        if not self.alive:
            return
        self.alive = False
        self.machine.trace.note("dies", self.name, self.number, cause)
        self.machine.bury(self)


class Machine:
    """All of it; `current` is the process whose code runs, None between callbacks."""

    def __init__(self, chance: Chance, trace: Trace) -> None:
        self.chance = chance
        self.trace = trace
        self.current: SimProcess | None = None
        self.living: list[SimProcess] = []
        self.complaints: list[str] = []
        self.wall_offset_us = 0
        self._dead: list[SimProcess] = []
        self._unburied: list[SimProcess] = []
        self._now_us = 0
        self._numbers = count(1)
        self._order = count()
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._scheduler = chance.stream("scheduler")

    @property
    def now_us(self) -> int:
        """Return microseconds since the run began."""
        return self._now_us

    def wall_us(self) -> int:
        """Return what the wall clock shows."""
        return BEGIN_US + self._now_us + self.wall_offset_us

    def start(self, name: str) -> SimProcess:
        """Return a new process with nothing to do yet."""
        process = SimProcess(self, name, next(self._numbers))
        self.living.append(process)
        self.trace.note("starts", name, process.number)
        return process

    def bury(self, process: SimProcess) -> None:
        """Take a process that died off the machine; what it held is let go of once no code of it is on the stack."""
        self._unburied.append(process)
        if self.current is None:
            self._let_go()

    def at(self, when_us: int, act: Callable[[], None]) -> None:
        """Let something happen at a time, or now if that has passed."""
        heapq.heappush(self._events, (when_us, next(self._order), act))

    def after(self, delay_us: int, act: Callable[[], None]) -> None:
        """Let something happen after a while."""
        self.at(self._now_us + delay_us, act)

    @contextmanager
    def as_process(self, process: SimProcess) -> Generator[None]:
        """Run code as a process: what it opens belongs to that."""
        before, self.current = self.current, process
        loop_before = asyncio._get_running_loop()
        asyncio._set_running_loop(process.loop)
        try:
            yield
        except SystemExit:
            process.kill("exits")
        finally:
            asyncio._set_running_loop(loop_before)
            self.current = before
            if before is None and self._unburied:
                self._let_go()

    def run(self, done: Callable[[], bool]) -> None:
        """Let everything happen until something is so; Stuck when that can never be."""
        while not done():
            self._happen()
            ready = [process for process in self.living if process.loop.ready and self._may_go(process)]
            if ready:
                self._step(ready[0] if len(ready) == 1 else self._scheduler.choice(ready))
            elif self._events:
                self._pass(self._events[0][0])
            else:
                raise Stuck

    def _may_go(self, process: SimProcess) -> bool:
        return process.stalled_until_us <= self._now_us

    def _pass(self, until_us: int) -> None:
        self._now_us = max(self._now_us, until_us)
        self.trace.now_us = self._now_us

    def _happen(self) -> None:
        """Let happen what is due."""
        while self._events and self._events[0][0] <= self._now_us:
            heapq.heappop(self._events)[2]()

    def _step(self, process: SimProcess) -> None:
        """Let a process run some of its callbacks."""
        turns = min(self._scheduler.choice(_TURNS), len(process.loop.ready))
        self.trace.note("runs", process.name, turns)
        with self.as_process(process):
            for _ in range(turns):
                if not process.alive:
                    break
                process.loop.run_one()
        self._pass(self._now_us + turns * self._scheduler.randint(1, _STEP_US_MAX))

    def _let_go(self) -> None:
        while self._unburied:
            process = self._unburied.pop()
            self.living.remove(process)
            # Kept until the run ends, or the interpreter would run the finally blocks of what is thrown away.
            self._dead.append(process)
            for end in reversed(process.ended):
                end()
