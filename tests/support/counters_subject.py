"""What the counters suite is handed, and counters broken on purpose."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from typing_extensions import override

from bowerbird.adapters.memory.counters import MemoryCounters
from bowerbird.ports.counters import Counters, Tally
from tests.support.defects import Defect
from tests.support.set_clock import SetClock

WINDOWS_MAX = 50


@dataclass(frozen=True)
class Subject:
    """Counters that keep WINDOWS_MAX windows, on a clock that `pass_s` moves."""

    counters: Counters
    pass_s: Callable[[float], None]


@asynccontextmanager
async def open_memory(counters: type[MemoryCounters], _folder: Path) -> AsyncGenerator[Subject]:
    """Open fresh counters in memory."""
    clock = SetClock()
    yield Subject(counters(clock, WINDOWS_MAX), clock.pass_s)


MEMORY: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "memory": partial(open_memory, MemoryCounters),
}


class AllOrNothing(MemoryCounters):
    """Grants nothing where it could grant a part."""

    @override
    async def take(self, key: bytes, amount: int, limit: int, window_s: int) -> Tally:
        tally = await super().take(key, amount, limit, window_s)
        if 0 < tally.granted < amount:
            await super().give_back(key, tally.granted)
            return Tally(0, tally.remaining + tally.granted, tally.reset_s)
        return tally


class SlidingWindow(MemoryCounters):
    """Begins the window anew with every taking."""

    @override
    async def take(self, key: bytes, amount: int, limit: int, window_s: int) -> Tally:
        tally = await super().take(key, amount, limit, window_s)
        if (window := self._windows.get(key)) is not None:
            window.over_at_s = self._world.monotonic_s() + window_s
        return tally


class WindowsOfTheClock(MemoryCounters):
    """Begins all windows with the minute, not with the first taking."""

    @override
    async def take(self, key: bytes, amount: int, limit: int, window_s: int) -> Tally:
        number = int(self._world.monotonic_s() // window_s)
        return await super().take(key[:100] + number.to_bytes(8, "big"), amount, limit, window_s)


class GivesBackMore(MemoryCounters):
    """Lets a caller give back what was never taken."""

    @override
    async def give_back(self, key: bytes, amount: int) -> None:
        await super().give_back(key, amount)
        if (window := self._windows.get(key)) is not None:
            window.taken -= 1


class KeepsEverything(MemoryCounters):
    """Bounds nothing."""

    @override
    async def take(self, key: bytes, amount: int, limit: int, window_s: int) -> Tally:
        self._entries_max += 1
        return await super().take(key, amount, limit, window_s)


class ForgetsTheNewest(MemoryCounters):
    """Makes room by forgetting the window that began last."""

    @override
    async def take(self, key: bytes, amount: int, limit: int, window_s: int) -> Tally:
        if key not in self._windows and len(self._windows) >= self._entries_max:
            self._windows.popitem()
        return await super().take(key, amount, limit, window_s)


def _broken(counters: type[MemoryCounters], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_memory, counters), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "all or nothing": _broken(AllOrNothing, "what_is_left_is_granted"),
    "sliding window": _broken(SlidingWindow, "a_window_is_over_when_its_time_has_passed"),
    "windows of the clock": _broken(WindowsOfTheClock, "a_window_begins_with_the_first_taking"),
    "gives back more": _broken(GivesBackMore, "no_more_is_given_back_than_was_taken"),
    "keeps everything": _broken(KeepsEverything, "the_oldest_windows_go_first"),
    "forgets the newest": _broken(ForgetsTheNewest, "the_oldest_windows_go_first"),
}
