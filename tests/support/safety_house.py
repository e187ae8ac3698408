"""Safety on counters in memory, several workers of it, under a clock that a test moves."""

import asyncio

from typing_extensions import override

from bowerbird.adapters.memory.counters import MemoryCounters
from bowerbird.base.world import World
from bowerbird.ports.counters import Counters, Tally
from bowerbird.ports.records import EngineUnavailable
from bowerbird.services.safety.service import SafetyService
from bowerbird.services.safety.settings import SafetySettings
from bowerbird.services.safety.store import Store


class Clock(World):
    """The real world but for time, which stands still until it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self._us = 1_800_000_000_000_000

    @override
    def now_us(self) -> int:
        return self._us

    @override
    def monotonic_s(self) -> float:
        return self._us / 1_000_000

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self._us += round(seconds * 1_000_000)


class Watched:
    """Counters that note each taking, and can be away."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self.takings = 0
        self.away = False

    async def take(self, key: bytes, amount: int, limit: int, window_s: int) -> Tally:
        self.takings += 1
        await asyncio.sleep(0)
        if self.away:
            raise EngineUnavailable("the counters are away, as planned")
        return await self._counters.take(key, amount, limit, window_s)

    async def give_back(self, key: bytes, amount: int) -> None:
        await self._counters.give_back(key, amount)


class SafetyHouse:
    """One engine of counters and as many workers as a test asks for."""

    def __init__(self, settings: SafetySettings) -> None:
        self.clock = Clock()
        self.counters = Watched(MemoryCounters(self.clock))
        self._settings = settings

    def worker(self) -> SafetyService:
        """Return the service as one more worker has it."""
        return SafetyService(Store(self.counters), self.clock, self._settings)
