"""The class that meets insight's contract: a bounded queue that is written out in batches."""

from collections import deque
from collections.abc import Sequence
from typing import Final

import structlog
from typing_extensions import override

from bowerbird.base.telemetry import counter
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.insight import VIEWS_MAX, Insight, View
from bowerbird.contracts.problems import Invalid
from bowerbird.services.insight.settings import InsightSettings
from bowerbird.services.insight.store import Store

BATCH_MAX: Final = 500

_log = structlog.get_logger()
_written = counter("views_written_total", "Views written to the log.")
_dropped = counter("views_dropped_total", "Views that a full queue or a failing log lost.", "cause")


class InsightService(Insight):
    """`run` must be going wherever views are taken; `flush` writes what waits at the end."""

    def __init__(self, store: Store, world: World, settings: InsightSettings) -> None:
        self._store = store
        self._world = world
        self._settings = settings
        self._queue: deque[tuple[Caller, View]] = deque()

    @override
    async def seen(self, caller: Caller, views: Sequence[View]) -> None:
        if len(views) > VIEWS_MAX:
            raise Invalid(f"at most {VIEWS_MAX} views at a time", field="views")
        for view in views:
            if self._world.chance() >= self._settings.sample_share:
                continue
            if len(self._queue) >= self._settings.queue_views_max:
                _dropped.labels("full").inc()
                continue
            self._queue.append((caller, view))

    async def run(self) -> None:
        """Write what waits, again and again, until cancelled."""
        while True:
            await self._world.sleep(self._settings.flush_pause_ms / 1000)
            await self.flush()

    async def flush(self) -> None:
        """Write all that waits; what the log does not take is lost, and counted."""
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
            try:
                _written.inc(await self._store.append(batch))
            except Exception as error:  # noqa: BLE001 - views are lossy by contract; whatever failed, serving goes on
                _dropped.labels("log").inc(len(batch))
                _log.warning("views_lost", count=len(batch), error=repr(error))
