"""Counters: how often something happened in a window, the same for every worker."""

from typing import Protocol

from msgspec import Struct

KEY_BYTES_MAX = 256
WINDOW_S_MAX = 86_400


class Tally(Struct, frozen=True, array_like=True):
    """What was granted of what was asked, how much is left in the window, and when it is full again (seconds)."""

    granted: int
    remaining: int
    reset_s: int


class Counters(Protocol):
    """Approximate over a restart, exact otherwise; memory is bounded and the oldest windows go first.

    Keys are 1 to KEY_BYTES_MAX bytes, amounts 1 or more, limits 0 or more, windows 1 to WINDOW_S_MAX seconds; anything
    else is a ValueError.
    """

    async def take(self, key: bytes, amount: int, limit: int, window_s: int) -> Tally:
        """Take up to `amount` of `limit` a window that begins with the first taking; grant what is left, maybe 0.

        A window keeps its length; `limit` may differ from call to call.
        """
        ...

    async def give_back(self, key: bytes, amount: int) -> None:
        """Return what was taken and not used, at most what was taken; nothing happens when the window is over."""
        ...
