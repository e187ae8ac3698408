"""What the edge does without: two services in other processes for which no reader waits, and whose absence none sees.

Views are sent and not waited for. Reading and writing go on uncounted while nobody counts them; whatever else is
counted is refused then, as services/safety promises.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import structlog
from typing_extensions import override

from bowerbird.base.telemetry import counter
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.insight import VIEWS_MAX, Insight, View
from bowerbird.contracts.problems import Invalid, Unavailable
from bowerbird.contracts.safety import Allowance, Budget, Safety

OPEN: Final[frozenset[Budget]] = frozenset({"read", "write"})
"""What goes on uncounted."""

COUNTING_S: Final = 0.1
"""How long a request waits to be counted where it could go on without."""

SENDINGS_MAX: Final = 200
"""Views on their way to insight at once; what comes beyond is dropped."""

_uncounted = counter("uncounted_total", "Requests that went on uncounted since safety did not answer.")
_lost = counter("views_unsent_total", "Views lost on their way to insight.")
_log = structlog.get_logger()

P = TypeVar("P")


class OpenSafety(Safety):
    """Safety elsewhere."""

    def __init__(self, far: Safety) -> None:
        self._far = far

    @override
    async def spend(self, caller: Caller, budget: Budget, by: bytes) -> Allowance:
        if budget not in OPEN:
            return await self._far.spend(caller, budget, by)
        try:
            async with asyncio.timeout(COUNTING_S):
                return await self._far.spend(caller, budget, by)
        except (Unavailable, TimeoutError):
            _uncounted.inc()
            return Allowance(allowed=True, limit=0, remaining=0, reset_s=0)


class UnawaitedInsight(Insight):
    """Insight elsewhere."""

    def __init__(self, far: Insight) -> None:
        self._far = far
        self._sendings: set[asyncio.Task[None]] = set()

    @override
    async def seen(self, caller: Caller, views: Sequence[View]) -> None:
        if len(views) > VIEWS_MAX:
            raise Invalid(f"at most {VIEWS_MAX} views at a time", field="views")
        if len(self._sendings) >= SENDINGS_MAX:
            _lost.inc(len(views))
            return
        sending = asyncio.create_task(self._send(caller, views), name="send views")
        self._sendings.add(sending)
        sending.add_done_callback(self._sendings.discard)

    async def _send(self, caller: Caller, views: Sequence[View]) -> None:
        try:
            await self._far.seen(caller, views)
        except Exception as error:  # noqa: BLE001 - views are lossy by contract; whatever failed, serving goes on
            _lost.inc(len(views))
            _log.warning("views_unsent", count=len(views), error=repr(error))

    async def flush(self) -> None:
        """Wait for those on their way."""
        if self._sendings:
            await asyncio.wait(self._sendings)


_LENIENT: Final[dict[Any, Any]] = {Safety: OpenSafety, Insight: UnawaitedInsight}


def lenient(contract: type[P], far: P) -> P:
    """Return a service in another process as the edge asks it."""
    return _LENIENT[contract](far) if contract in _LENIENT else far
