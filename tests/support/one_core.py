"""A worker that has one core and a clock of its own: whatever it works on takes time, and nothing else does.

Requests arrive by the clock; those that are there when the loop comes round are all in its queue, as in a real worker.
"""

import asyncio
import heapq
from collections.abc import Coroutine
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from typing_extensions import override

from bowerbird.base.world import World
from bowerbird.edge.http.admission import Admission, Kind
from bowerbird.edge.http.settings import HttpSettings

ARRIVING_S = 15e-6
"""What it costs to take a request in, before anything is decided."""
REFUSING_S = 30e-6


class Clock(World):
    """Time that passes when somebody works, or when there is nothing to do."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self._due: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def work(self, seconds: float) -> None:
        """Keep the core busy."""
        self.now_s += seconds

    @override
    def monotonic_s(self) -> float:
        return self.now_s

    @override
    async def sleep(self, seconds: float) -> None:
        due: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._due, (self.now_s + seconds, next(self._numbers), due))
        await due

    async def run(self, until_s: float) -> None:
        """Let the loop come round until a time; when nobody works it is at once when the next thing is due."""
        while self.now_s < until_s:
            before = self.now_s
            for _ in range(3):  # a future's waiter runs two rounds later
                await asyncio.sleep(0)
            if self.now_s == before:
                self.now_s = min(until_s, self._due[0][0] if self._due else until_s)
            while self._due and self._due[0][0] <= self.now_s:
                due = heapq.heappop(self._due)[2]
                if not due.done():
                    due.set_result(None)


@dataclass(frozen=True)
class Answered:
    """What became of a request: `began_s` None where it was refused."""

    name: str
    arrived_s: float
    began_s: float | None
    ended_s: float


@dataclass
class Worker:
    """Admission, and requests that cost the core some time, or wait for something elsewhere, or both."""

    settings: HttpSettings = field(default_factory=HttpSettings)
    clock: Clock = field(default_factory=Clock)
    answers: list[Answered] = field(default_factory=list[Answered])

    def __post_init__(self) -> None:
        self.admission = Admission(self.settings, self.clock)
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside everything else."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End whatever still runs, and fail with what failed."""
        for task in self._tasks:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    async def request(
        self, work_s: float, away_s: float = 0, kind: Kind = "read", rank: int = 0, name: str = ""
    ) -> bool:
        """Make a request; return whether it was served."""
        arrived_s = self.clock.now_s
        self.clock.work(ARRIVING_S)
        turn = self.admission.begin(kind) or await self.admission.wait(kind, rank)
        if turn is None:
            self.clock.work(REFUSING_S)
            self.answers.append(Answered(name, arrived_s, None, self.clock.now_s))
            return False
        began_s = self.clock.now_s
        try:
            self.clock.work(work_s)
            if away_s:
                await self.clock.sleep(away_s)
        finally:
            turn.end()
        self.answers.append(Answered(name, arrived_s, began_s, self.clock.now_s))
        return True

    async def client(
        self, until_s: float, work_s: float, away_s: float = 0, kind: Kind = "read", rank: int = 0
    ) -> None:
        """Ask, and as soon as there is an answer of any kind ask again."""
        while self.clock.now_s < until_s:
            await self.request(work_s, away_s, kind, rank)

    def served(self, since_s: float, until_s: float) -> list[Answered]:
        """Return what was answered well within a time."""
        return [one for one in self.answers if one.began_s is not None and since_s <= one.ended_s < until_s]
