"""Counters in memory: a dictionary of windows, in the order in which they began."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from bowerbird.base.world import World
from bowerbird.ports.counters import KEY_BYTES_MAX, WINDOW_S_MAX, Tally

ENTRIES_MAX: Final = 100_000
"""Windows kept; about 300 bytes each."""


@dataclass(slots=True)
class _Window:
    """What was taken since the window began, and when (by the monotonic clock) it is over."""

    taken: int
    over_at_s: float


class MemoryCounters:
    """As `ports.counters.Counters`, for one process. `entries_max`: past it the oldest window goes."""

    def __init__(self, world: World, entries_max: int = ENTRIES_MAX) -> None:
        self._world = world
        self._entries_max = entries_max
        self._windows: dict[bytes, _Window] = {}

    async def take(self, key: bytes, amount: int, limit: int, window_s: int) -> Tally:
        _refuse_bad(key, amount)
        if limit < 0 or not 1 <= window_s <= WINDOW_S_MAX:
            raise ValueError(f"A limit is 0 or more, a window 1 to {WINDOW_S_MAX} s, not {limit} in {window_s} s.")
        window = self._running(key)
        taken = 0 if window is None else window.taken
        granted = max(0, min(amount, limit - taken))
        if granted:
            window = window or self._begin(key, window_s)
            window.taken += granted
        return self._tally(granted, limit, window)

    async def give_back(self, key: bytes, amount: int) -> None:
        _refuse_bad(key, amount)
        window = self._running(key)
        if window is not None:
            window.taken = max(0, window.taken - amount)

    def _tally(self, granted: int, limit: int, window: _Window | None) -> Tally:
        if window is None or window.taken == 0:
            return Tally(granted, limit, 0)
        # Rounded first, so that what is left of the arithmetic is no second more.
        reset_s = ceil(round(window.over_at_s - self._world.monotonic_s(), 3))
        return Tally(granted, max(0, limit - window.taken), reset_s)

    def _running(self, key: bytes) -> _Window | None:
        window = self._windows.get(key)
        if window is None or window.over_at_s > self._world.monotonic_s():
            return window
        del self._windows[key]
        return None

    def _begin(self, key: bytes, window_s: int) -> _Window:
        while len(self._windows) >= self._entries_max:
            del self._windows[next(iter(self._windows))]
        window = self._windows[key] = _Window(0, self._world.monotonic_s() + window_s)
        return window


def _refuse_bad(key: bytes, amount: int) -> None:
    if not 1 <= len(key) <= KEY_BYTES_MAX or amount < 1:
        raise ValueError(f"A key is 1 to {KEY_BYTES_MAX} bytes and an amount 1 or more, not {len(key)} and {amount}.")
