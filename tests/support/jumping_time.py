"""A clock that stands while anybody has something to do, and then jumps to whoever wakes next."""

import asyncio
import heapq
from collections.abc import Coroutine
from typing import Any

from typing_extensions import override

from bowerbird.base.world import World


class Time(World):
    """What sleeps in it wakes in order, and at once to everybody else."""

    def __init__(self) -> None:
        super().__init__()
        self.s = 0.0
        self._asleep: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = 0

    @override
    def monotonic_s(self) -> float:
        return self.s

    @override
    async def sleep(self, seconds: float) -> None:
        self._number += 1
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._asleep, (self.s + seconds, self._number, woken))
        await woken

    async def pass_s(self, seconds: float) -> None:
        """Let time pass, and everybody do what comes due in it."""
        await self.run(self.sleep(seconds))

    async def pass_until(self, task: asyncio.Task[Any]) -> None:
        """Let time pass until a task is done."""
        while not task.done():
            for _ in range(20):
                await asyncio.sleep(0)
            if self._asleep and not task.done():
                at_s, _, woken = heapq.heappop(self._asleep)
                if not woken.done():  # or whoever slept was cancelled
                    self.s = at_s
                    woken.set_result(None)

    async def run(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - whatever the work returns
        """Do something, however long it takes, and return what it returns."""
        task = asyncio.create_task(work)
        await self.pass_until(task)
        return task.result()
