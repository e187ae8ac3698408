"""The relay: moves committed events from each server's outbox to the log, in order, at least once.

It publishes first and deletes afterwards, so that a crash between the two repeats events and never loses one.
"""

import asyncio
from typing import Final

import structlog

from bowerbird.base.telemetry import counter, gauge
from bowerbird.base.world import World
from bowerbird.ports.log import Log, Record
from bowerbird.ports.records import EngineUnavailable, Outbox, Queued

BATCH_MAX: Final = 500
IDLE_WAIT_MS: Final = 1000
RETRY_WAIT_S: Final = 0.5

_log = structlog.get_logger()
_moved = counter("relay_events_total", "Events moved from the outbox to the log.")
_failures = counter("relay_failures_total", "Attempts to move events that failed and are repeated.")
_backlog = gauge(
    "relay_backlog_events",
    "Events found waiting in a server's outbox, a batch at most.",
    "server",
    over="livemostrecent",
)


class Relay:
    """One task for all servers of this process. `topic`: where the events go."""

    def __init__(self, outbox: Outbox, log: Log, world: World, topic: str) -> None:
        self._outbox = outbox
        self._log = log
        self._world = world
        self._topic = topic

    async def run(self) -> None:
        """Move events until cancelled; an engine that is away is asked again."""
        while True:
            try:
                moved = await self.move()
            except (EngineUnavailable, OSError) as error:
                _failures.inc()
                _log.warning("relay_retries", error=repr(error))
                await self._world.sleep(RETRY_WAIT_S)
                continue
            if not moved:
                await self._outbox.wait(IDLE_WAIT_MS)

    async def move(self) -> int:
        """Move one batch of each server; return how many events that was. One server's failure holds up no other."""
        servers = await self._outbox.servers()
        results = await asyncio.gather(*[self._move_from(server) for server in servers], return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            raise failures[0]
        return sum(result for result in results if isinstance(result, int))

    async def _move_from(self, server: int) -> int:
        queued = await self._outbox.take(server, BATCH_MAX)
        _backlog.labels(str(server)).set(len(queued))
        if not queued:
            return 0
        now = self._world.now_us()
        await self._log.append(self._topic, [_record(event, now) for event in queued])
        await self._outbox.done(server, [event.sequence for event in queued])
        _moved.inc(len(queued))
        return len(queued)


def _record(event: Queued, now_us: int) -> Record:
    return Record(key=event.outgoing.key, data=event.outgoing.data, at=now_us)
