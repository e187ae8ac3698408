"""Counters: how often something happened in a window, the same for every worker."""

from typing import Protocol

from msgspec import Struct


class Tally(Struct, frozen=True, array_like=True):
    """What was granted of what was asked, how much is left in the window, and when it is full again (seconds)."""

    granted: int
    remaining: int
    reset_s: int


class Counters(Protocol):
    """Approximate over a restart, exact otherwise; memory is bounded and the oldest windows go first."""

    async def take(self, key: bytes, amount: int, limit: int, window_s: int) -> Tally:
        """Take up to `amount` of `limit` a window that begins with the first taking; grant what is left, maybe 0."""
        ...

    async def give_back(self, key: bytes, amount: int) -> None:
        """Return what was taken and not used; nothing happens when the window is over."""
        ...
