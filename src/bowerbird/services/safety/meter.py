"""One budget's meter: takes shares of it from the counters of all workers and spends them here."""

import asyncio
from math import ceil

from bowerbird.base.world import World
from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.safety import Allowance, Budget
from bowerbird.services.safety.store import Store

_SHARES = 20
"""A share is this part of the limit: what at most is lost when a worker forgets one."""
_BLIND_S = 1
"""For how long an open budget goes uncounted when the counters did not answer."""


class _Share:
    """What one caller may still do here, and until when (monotonic seconds) the window lasts."""

    __slots__ = ("left", "lock", "remaining", "until")

    def __init__(self) -> None:
        self.left = 0
        self.remaining = 0
        self.until = 0.0
        self.lock = asyncio.Lock()


class Meter:
    """Counts one budget. `shared`: exact, one by one, and refused while the counters are away; else by shares."""

    def __init__(self, store: Store, world: World, budget: Budget, rate: tuple[int, int], *, exact: bool) -> None:
        self._store = store
        self._world = world
        self._budget: Budget = budget
        self._limit, self._window_s = rate
        self._exact = exact
        self._amount = 1 if exact else max(1, self._limit // _SHARES)
        self._shares: dict[bytes, _Share] = {}

    async def spend(self, by: bytes, keys_max: int) -> Allowance:
        """Count one more; forgets the callers heard of longest ago beyond `keys_max`. Unavailable."""
        if not self._limit:
            return Allowance(allowed=True, limit=0, remaining=0, reset_s=0)
        share = self._shares.get(by)
        now_s = self._world.monotonic_s()
        if share is None or share.until <= now_s:
            share = self._renewed(by, keys_max)
        elif share.left or not share.remaining:
            return self._spent(share, now_s)
        async with share.lock:
            now_s = self._world.monotonic_s()
            if not share.left and (share.remaining or share.until <= now_s):
                await self._fill(share, by, now_s)
            return self._spent(share, now_s)

    def _renewed(self, by: bytes, keys_max: int) -> _Share:
        """Begin a share, the youngest; whoever already fills one of this window is waited for by its lock."""
        share = self._shares.pop(by, None)
        if share is None or not share.lock.locked():
            share = _Share()
        self._shares[by] = share
        while len(self._shares) > keys_max:
            del self._shares[next(iter(self._shares))]
        return share

    async def _fill(self, share: _Share, by: bytes, now_s: float) -> None:
        try:
            granted, remaining, reset_s = await self._store.take(
                self._budget, by, self._amount, self._limit, self._window_s
            )
        except Unavailable:
            if self._exact:
                raise
            granted, remaining, reset_s = self._amount, self._limit - self._amount, _BLIND_S
        share.left, share.remaining, share.until = granted, remaining, now_s + reset_s

    def _spent(self, share: _Share, now_s: float) -> Allowance:
        reset_s = max(1, ceil(share.until - now_s))
        if not share.left:
            return Allowance(allowed=False, limit=self._limit, remaining=0, reset_s=reset_s)
        share.left -= 1
        return Allowance(allowed=True, limit=self._limit, remaining=share.remaining + share.left, reset_s=reset_s)
