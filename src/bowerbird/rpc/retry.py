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
        """Return the answer of `ask(milliseconds left)`, asked up to ATTEMPTS_MAX times; the last one's error.

        Who is stopping was not asked: that is no attempt, and costs the budget nothing.
        """
        began_s = self._world.monotonic_s()
        self._budget.earn(began_s)
        attempts, pause_ms, left_ms = 0, PAUSE_FIRST_MS, timeout_ms
        while True:
            try:
                return await ask(left_ms)
            except Stopping:
                wait_ms = PAUSE_FIRST_MS
                left_ms = self._left_ms(began_s, timeout_ms, wait_ms)
                if left_ms <= 0:
                    raise
            except (Unreachable, ReplyLost) as error:
                attempts += 1
                if attempts == ATTEMPTS_MAX or (isinstance(error, ReplyLost) and not repeatable):
                    raise
                wait_ms = self._pause_ms(error, pause_ms)
                left_ms = self._left_ms(began_s, timeout_ms, wait_ms)
                if left_ms <= 0 or not self._budget.spend(self._world.monotonic_s()):
                    raise
                pause_ms *= PAUSE_FACTOR
            self._stats.retries += 1
            await self._world.sleep(wait_ms / 1000)

    def _left_ms(self, began_s: float, timeout_ms: int, wait_ms: int) -> int:
        """Return how much of a call's time is left behind a pause."""
        return timeout_ms - wait_ms - int((self._world.monotonic_s() - began_s) * 1000)

    def _pause_ms(self, error: Exception, longest_ms: int) -> int:
        """Return how long to wait first: not at all for a breaker, which will not change its mind meanwhile."""
        return 0 if isinstance(error, BreakerOpen) else int(longest_ms * (0.5 + self._world.chance() / 2))
