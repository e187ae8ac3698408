"""The class that meets insight's contract: a bounded queue that is written out in batches."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

import structlog
from typing_extensions import override

from bowerbird.base.telemetry import counter, gauge
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.insight import VIEWS_MAX, Insight, View
from bowerbird.contracts.problems import Invalid
from bowerbird.services.insight.settings import InsightSettings
from bowerbird.services.insight.store import Store

BATCH_MAX: Final = 500

_log = structlog.get_logger()
_written = counter("views_written_total", "Views written to the log.")
_dropped = counter(
    "views_dropped_total", "Views lost to a full queue, to a log that failed, or with a viewer's key.", "cause"
)
_waiting = gauge("views_waiting", "Views waiting to be written, all processes together.")


class InsightService(Insight):
    """`run` must be going wherever views are taken; `flush` writes what waits at the end."""

    def __init__(self, store: Store, world: World, settings: InsightSettings) -> None:
        self._store = store
        self._world = world
        self._settings = settings
        self._queue: deque[tuple[Caller, View]] = deque()
        self._writing: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Return how many views wait to be written."""
        return len(self._queue)

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
        """Write what waits, again and again, until cancelled; a batch on its way is then left to `flush`."""
        while True:
            await self._world.sleep(self._settings.flush_pause_ms / 1000)
            _waiting.set(len(self._queue))
            await asyncio.shield(self._write())

    async def flush(self) -> None:
        """Write what waits, for the last time: what the log does not take now is lost."""
        await self._write()
        _dropped.labels("log").inc(len(self._queue))
        self._queue.clear()
        _waiting.set(0)

    def _write(self) -> asyncio.Task[None]:
        """Write what waits, batch by batch, until a batch is lost; whoever comes meanwhile joins in."""
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_batches(), name="write views")
        return self._writing

    async def _write_batches(self) -> None:
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
            try:
                written = await self._store.append(batch)
            except Exception as error:  # noqa: BLE001 - views are lossy by contract; whatever failed, serving goes on
                _dropped.labels("log").inc(len(batch))
                _log.warning("views_lost", count=len(batch), error=repr(error))
                return
            _written.inc(written)
            _dropped.labels("erased").inc(len(batch) - written)
