"""Making a call again: what was not begun, and what may be repeated, within its time and within a budget.

The budget keeps those who wait from burying whoever struggles: all retries together are a fifth of the calls, or ten a
second where that is more.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from bowerbird.base.world import World
from bowerbird.rpc.errors import BreakerOpen, ReplyLost, Stopping, Unreachable
from bowerbird.rpc.limits import Stats

SHARE: Final = 0.2
FLOOR_PER_S: Final = 10.0
SAVED_MAX: Final = 10.0
"""How many retries may be saved up, of either kind."""

ATTEMPTS_MAX: Final = 3
PAUSE_FIRST_MS: Final = 20
PAUSE_FACTOR: Final = 4

Answer = TypeVar("Answer")


class Budget:
    """What is left to spend; times are `World.monotonic_s`. Each call's share takes from what the floor would give."""

    def __init__(self, now_s: float) -> None:
        self._by_share = 0.0
        self._by_floor = SAVED_MAX
        self._filled_s = now_s

    def earn(self, now_s: float) -> None:
        """Count a call."""
        self._fill(now_s)
        self._by_share = min(SAVED_MAX, self._by_share + SHARE)
        self._by_floor = max(0.0, self._by_floor - SHARE)

    def spend(self, now_s: float) -> bool:
        """Return whether one more call may be made again, and count it."""
        self._fill(now_s)
        if self._by_share >= 1:
            self._by_share -= 1
            return True
        if self._by_floor >= 1:
            self._by_floor -= 1
            return True
        return False

    def _fill(self, now_s: float) -> None:
        self._by_floor = min(SAVED_MAX, self._by_floor + (now_s - self._filled_s) * FLOOR_PER_S)
        self._filled_s = now_s


class Retry:
    """The policy of all calls to one service."""

    def __init__(self, world: World, stats: Stats) -> None:
        self._world = world
        self._stats = stats
        self._budget = Budget(world.monotonic_s())

    async def call(self, ask: Callable[[int], Awaitable[Answer]], timeout_ms: int, *, repeatable: bool) -> Answer:
        """Return the answer of `ask(milliseconds left)`, asked up to ATTEMPTS_MAX times; the last one's error."""
        began_s = self._world.monotonic_s()
        self._budget.earn(began_s)
        pause_ms, left_ms = PAUSE_FIRST_MS, timeout_ms
        for _ in range(ATTEMPTS_MAX - 1):
            try:
                return await ask(left_ms)
            except (Unreachable, ReplyLost) as error:
                if isinstance(error, ReplyLost) and not repeatable:
                    raise
                wait_ms = self._pause_ms(error, pause_ms)
                left_ms = timeout_ms - wait_ms - int((self._world.monotonic_s() - began_s) * 1000)
                if left_ms <= 0 or not self._may_pay(error):
                    raise
            self._stats.retries += 1
            await self._world.sleep(wait_ms / 1000)
            pause_ms *= PAUSE_FACTOR
        return await ask(left_ms)

    def _may_pay(self, error: Exception) -> bool:
        """Return whether the budget has it; who is stopping is not asked again, and costs nothing."""
        return isinstance(error, Stopping) or self._budget.spend(self._world.monotonic_s())

    def _pause_ms(self, error: Exception, longest_ms: int) -> int:
        """Return how long to wait first: not at all for a breaker, which will not change its mind meanwhile."""
        return 0 if isinstance(error, BreakerOpen) else int(longest_ms * (0.5 + self._world.chance() / 2))
