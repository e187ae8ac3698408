"""How safety counts: by the counters, under a key that names budget and caller."""

from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.safety import Budget
from bowerbird.ports.counters import Counters
from bowerbird.ports.records import EngineUnavailable


class Store:
    """The counters that all workers share."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    async def take(self, budget: Budget, by: bytes, amount: int, limit: int, window_s: int) -> tuple[int, int, int]:
        """Return what was granted of `amount`, what is left for all, and seconds to the window's end. Unavailable."""
        try:
            tally = await self._counters.take(b"%s:%s" % (budget.encode(), by), amount, limit, window_s)
        except EngineUnavailable as error:
            raise Unavailable("attempts cannot be counted now; try again soon", retry_after_s=1) from error
        return tally.granted, tally.remaining, tally.reset_s
