"""Consumers: read a topic as a group, open each event, hand it to its handler, and commit what is done.

Events of one entity are handled one after another, others side by side, up to a bound, so that a slow one holds up
nobody else. An event that keeps failing is parked with its reason. A group's offset never passes one that is not done.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
import structlog
from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.base.seal import Unreadable
from bowerbird.base.telemetry import counter, histogram
from bowerbird.base.world import World
from bowerbird.contracts import events
from bowerbird.contracts.events import Event
from bowerbird.contracts.problems import Unavailable
from bowerbird.ports.keys import Keys
from bowerbird.ports.log import Log, Offset, Stored
from bowerbird.ports.records import EngineUnavailable

Handler = Callable[[Event[Any]], Awaitable[None]]

WINDOW_MAX: Final = 500
WAIT_MS: Final = 1000
TRIES_MAX: Final = 6
RETRY_FIRST_S: Final = 0.05
RETRY_LONGEST_S: Final = 10.0

_log = structlog.get_logger()
_handled = counter("consumer_events_total", "Events a group is done with, by outcome.", "group", "outcome")
_delay = histogram("consumer_delay_seconds", "From an event's commit until a group was done with it.", "group")


class Group(Struct, frozen=True, kw_only=True):
    """A consumer group: its handlers by event type, and how many entities it works on side by side.

    `checkpoint` stores offsets with a projection's own data; `applied` returns what is stored there.
    """

    name: str
    handlers: Mapping[str, Handler]
    topic: str = events.CHANGES
    parallel_max: int = 16
    checkpoint: Callable[[list[Offset]], Awaitable[None]] | None = None
    applied: Callable[[], Awaitable[list[Offset]]] | None = None


class _Work(Struct):
    """An event taken from the log and not yet committed."""

    stored: Stored
    done: bool = False


class Consumer:
    """Runs one group: takes events into a window, works through it, and commits what is done from its beginning on."""

    def __init__(self, group: Group, log: Log, keys: Keys, world: World) -> None:
        self._group = group
        self._log = log
        self._keys = keys
        self._world = world
        self._window: dict[int, deque[_Work]] = {}
        self._lanes: dict[bytes, deque[_Work]] = {}
        self._places = asyncio.Semaphore(group.parallel_max)
        self._progress = asyncio.Event()

    async def run(self) -> None:
        """Consume until cancelled; an engine that is away is asked again."""
        await self._go_back()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._commit_forever())
            while True:
                await self._away_is_no_end(self._take(tasks, WAIT_MS))

    async def drain(self) -> int:
        """Handle and commit all that the log has now; return how many events that was. For tests and for `replay`."""
        count = 0
        while True:
            async with asyncio.TaskGroup() as tasks:
                taken = await self._take(tasks, 0)
            await self._commit()
            count += taken
            if not taken:
                return count

    async def _go_back(self) -> None:
        """Begin behind what was committed, or, for a projection, behind what it holds: it may be older, or empty."""
        behind: int | list[Offset] | None = None
        if self._group.applied is not None:
            behind = await self._group.applied() or 0
        await self._log.seek(self._group.name, self._group.topic, behind)

    async def _take(self, tasks: asyncio.TaskGroup, wait_ms: int) -> int:
        room = WINDOW_MAX - sum(map(len, self._window.values()))
        if room <= 0:
            await self._made_progress()
            return 0
        batch = await self._log.poll(self._group.name, self._group.topic, room, wait_ms)
        for stored in batch.records:
            work = _Work(stored)
            self._window.setdefault(stored.offset.partition, deque()).append(work)
            if (lane := self._lanes.get(stored.record.key)) is not None:
                lane.append(work)
            else:
                self._lanes[stored.record.key] = deque([work])
                tasks.create_task(self._work_through(stored.record.key))
        return len(batch.records)

    async def _work_through(self, key: bytes) -> None:
        lane = self._lanes[key]
        async with self._places:
            while lane:
                await self._handle(lane[0].stored)
                lane.popleft().done = True
                self._progress.set()
            del self._lanes[key]

    async def _made_progress(self) -> None:
        await self._progress.wait()

    async def _commit_forever(self) -> None:
        while True:
            await self._made_progress()
            await self._away_is_no_end(self._commit())

    async def _commit(self) -> None:
        """Commit the done beginning of every partition's window; nothing behind an event that is not done."""
        self._progress.clear()
        offsets: list[Offset] = []
        for waiting in self._window.values():
            last = None
            while waiting and waiting[0].done:
                last = waiting.popleft()
            if last is not None:
                offsets.append(last.stored.offset)
        if not offsets:
            return
        if self._group.checkpoint is not None:
            await self._group.checkpoint(offsets)
        await self._log.commit(self._group.name, self._group.topic, offsets)

    async def _away_is_no_end(self, work: Awaitable[object]) -> None:
        try:
            await work
        except (EngineUnavailable, OSError) as error:
            _log.warning("consumer_retries", group=self._group.name, error=repr(error))
            await self._world.sleep(RETRY_LONGEST_S / 10)

    async def _handle(self, stored: Stored) -> None:
        """Deliver an event until it is done; only what is no engine's absence counts as a try."""
        tries = 0
        pause_s = RETRY_FIRST_S
        while True:
            try:
                outcome = await self.deliver(stored)
                break
            except (EngineUnavailable, Unavailable, OSError) as error:
                _log.warning("handler_retries", group=self._group.name, error=repr(error))
            except Exception as error:  # noqa: BLE001 - whatever a handler raises is retried, then parked
                tries += 1
                if tries >= TRIES_MAX:
                    outcome = await self._park(stored, error)
                    break
            pause_s = min(pause_s * 2, RETRY_LONGEST_S)
            await self._world.sleep(pause_s * (0.5 + self._world.chance()))
        _handled.labels(self._group.name, outcome).inc()

    async def deliver(self, stored: Stored) -> str:
        """Open one event and hand it to its handler; return what became of it. Raises what the handler raises."""
        envelope = events.read_envelope(stored.record.data)
        handler = self._group.handlers.get(envelope.type)
        if handler is None or envelope.type not in events.KINDS:
            return "skipped"
        body = await self._open(envelope)
        if body is None and envelope.type != "user_deleted":
            return "erased"
        with structlog.contextvars.bound_contextvars(trace=envelope.trace, group=self._group.name, event=envelope.type):
            await handler(Event(envelope, body))
        _delay.labels(self._group.name).observe(max(0, self._world.now_us() - envelope.at) / 1e6)
        return "handled"

    async def _open(self, envelope: events.Envelope) -> Struct | None:
        key = (await self._keys.get([Id(envelope.owner)]))[0]
        return None if key is None else events.read_body(envelope, key)

    async def _park(self, stored: Stored, error: Exception) -> str:
        reason = type(error).__name__ if isinstance(error, (Unreadable, msgspec.DecodeError)) else repr(error)[:500]
        await self._log.park(self._group.name, self._group.topic, stored, reason)
        _log.error("event_parked", group=self._group.name, offset=stored.offset.number, reason=reason)
        return "parked"
