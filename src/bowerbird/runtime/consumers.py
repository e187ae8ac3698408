"""Consumers: read a topic as a group, open each event, hand it to its handler, and commit what is done.

Events of one entity are handled one after another, others side by side, up to a bound; whose events they are decides
who is next (`turns`), so that neither a slow one nor one person's thousands hold up anybody else's. An event that keeps
failing is parked with its reason. A group's offset never passes one that is not done.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

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
from bowerbird.ports.log import POLL_MAX, Log, Mark, Offset, Stored
from bowerbird.ports.records import EngineUnavailable
from bowerbird.runtime.turns import Piece, Turns

Handler = Callable[[Event[Any]], Awaitable[None]]
Result = TypeVar("Result")

WAIT_MS: Final = 1000
TRIES_MAX: Final = 6
RETRY_FIRST_S: Final = 0.1
RETRY_LONGEST_S: Final = 10.0
AWAY_PAUSE_S: Final = 1.0

_log = structlog.get_logger()
_handled = counter("consumer_events_total", "Events a group is done with, by outcome.", "group", "outcome")
_delay = histogram("consumer_delay_seconds", "From an event's commit until a group was done with it.", "group")


class Group(Struct, frozen=True, kw_only=True):
    """A consumer group: its handlers by event type, and how many entities it works on side by side.

    `window_max`: events taken from the log and not yet done, among which one of each person comes in turn.
    `checkpoint` stores offsets with a projection's own data, behind what the handlers left to be written; `applied`
    returns what is stored there.
    """

    name: str
    handlers: Mapping[str, Handler]
    topic: str = events.CHANGES
    parallel_max: int = 16
    window_max: int = 10_000
    checkpoint: Callable[[list[Offset]], Awaitable[None]] | None = None
    applied: Callable[[], Awaitable[list[Offset]]] | None = None


class _Work(Struct):
    """An event taken from the log and not yet committed. `first`: the group meets it for the first time.

    `upto`: its own offset, or that of the last behind it that the group has no handler for.
    """

    stored: Stored
    first: bool
    upto: Offset
    done: bool = False


class _Poison(Exception):  # noqa: N818 - what the log holds
    """Bytes that are no event, or that nobody can open."""


class Consumer:
    """Runs one group: takes events into a window, works through it, and commits what is done from its beginning on."""

    def __init__(self, group: Group, log: Log, keys: Keys, world: World) -> None:
        self._group = group
        self._log = log
        self._keys = keys
        self._world = world
        self._window: dict[int, deque[_Work]] = {}
        self._held = 0
        self._turns: Turns[_Work] = Turns(max(1, group.parallel_max // 2))
        self._running = 0
        self._room = asyncio.Event()
        self._done = asyncio.Event()
        self._reached: dict[int, Offset] = {}
        self._known: dict[int, int] = {}
        self._mark: Mark | None = None

    async def run(self) -> None:
        """Consume until cancelled; an engine that is away is asked again."""
        await self._persist(self._go_back)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._commit_forever())
            while True:
                for stored in await self._persist(self._take):
                    self._line_up(stored)
                self._begin(tasks)

    async def replay(self, stored: Stored) -> str:
        """Hand over an event that was parked, once; return what became of it, or raise why that failed again."""
        if self._person(stored) is None:
            return "skipped"
        try:
            return await self._deliver(_Work(stored, first=False, upto=stored.offset))
        except _Poison as poison:
            raise ValueError(f"it cannot be opened: {poison}") from poison

    async def _go_back(self) -> None:
        """Begin behind what was committed, or, for a projection that holds less, behind that.

        What was committed may be the lesser of the two: somebody sent the group back.
        """
        name, topic = self._group.name, self._group.topic
        committed = {offset.partition: offset.number for offset in await self._log.committed(name, topic)}
        self._known = committed
        if self._group.applied is None:
            return
        applied = {offset.partition: offset.number for offset in await self._group.applied()}
        both = committed.keys() & applied.keys()
        behind = {partition: min(committed[partition], applied[partition]) for partition in both}
        self._known = {partition: max(number, applied.get(partition, -1)) for partition, number in committed.items()}
        if behind != committed:
            await self._log.seek(name, topic, [Offset(*place) for place in behind.items()])

    async def _take(self) -> list[Stored]:
        while self._held >= self._group.window_max:
            self._room.clear()
            await self._room.wait()
        room = min(POLL_MAX, self._group.window_max - self._held)
        batch = await self._log.poll(self._group.name, self._group.topic, self._mark, room, WAIT_MS)
        self._mark = batch.mark
        return batch.records

    def _meets(self, offset: Offset) -> bool:
        """Return whether the group has not met an event before, and note that it has."""
        first = offset.number > self._known.get(offset.partition, -1)
        if first:
            self._known[offset.partition] = offset.number
        return first

    def _line_up(self, stored: Stored) -> None:
        """Put an event behind those of its entity; one that nobody handles is done already, and takes no room."""
        first, waiting = self._meets(stored.offset), self._window.setdefault(stored.offset.partition, deque())
        person = self._person(stored)
        if person is not None:
            work = _Work(stored, first, stored.offset)
            waiting.append(work)
            self._held += 1
            self._turns.put(Piece(person, stored.record.key, work))
            return
        _handled.labels(self._group.name, "skipped").inc()
        if waiting:
            waiting[-1].upto = stored.offset
        else:
            self._reached[stored.offset.partition] = stored.offset
            self._done.set()

    def _person(self, stored: Stored) -> bytes | None:
        """Return whose turn an event takes: who did it, or whose it is; None for one without a handler."""
        try:
            envelope = _envelope(stored)
        except _Poison:
            return stored.record.key
        known = envelope.type in self._group.handlers and envelope.type in events.KINDS
        return (envelope.actor or envelope.owner) if known else None

    def _begin(self, tasks: asyncio.TaskGroup) -> None:
        """Begin what is next, as far as there is room."""
        while self._running < self._group.parallel_max and (piece := self._turns.take()) is not None:
            self._running += 1
            tasks.create_task(self._work(piece, tasks))

    async def _work(self, piece: Piece[_Work], tasks: asyncio.TaskGroup) -> None:
        outcome = await self._outcome(piece.work)
        _handled.labels(self._group.name, outcome).inc()
        piece.work.done = True
        self._turns.done(piece)
        self._running -= 1
        self._done.set()
        self._begin(tasks)

    async def _commit_forever(self) -> None:
        while True:
            await self._done.wait()
            await self._persist(self._commit)

    async def _commit(self) -> None:
        """Commit the done beginning of every partition's window; nothing behind an event that is not done."""
        self._done.clear()
        for partition, waiting in self._window.items():
            while waiting and waiting[0].done:
                self._reached[partition] = waiting.popleft().upto
                self._held -= 1
        self._room.set()
        offsets = list(self._reached.values())
        if not offsets:
            return
        if self._group.checkpoint is not None:
            await self._group.checkpoint(offsets)
        await self._log.commit(self._group.name, self._group.topic, offsets)
        # What was skipped meanwhile is reached too, and not committed yet.
        self._reached = {offset.partition: offset for offset in self._reached.values() if offset not in offsets}

    async def _persist(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Do what only an engine's absence keeps from being done, however long that takes."""
        while True:
            try:
                return await work()
            except (EngineUnavailable, Unavailable, OSError) as error:
                _log.warning("consumer_retries", group=self._group.name, error=repr(error))
                await self._world.sleep(AWAY_PAUSE_S)

    async def _outcome(self, work: _Work) -> str:
        """Deliver an event until it is done; only what is no engine's absence counts as a try."""
        tries, pause_s = 0, RETRY_FIRST_S
        while True:
            try:
                return await self._deliver(work)
            except (EngineUnavailable, Unavailable, OSError) as error:
                _log.warning("handler_retries", group=self._group.name, error=repr(error))
            except _Poison as poison:
                return await self._park(work.stored, str(poison))
            except Exception as error:  # noqa: BLE001 - whatever a handler raises is retried, then parked
                tries += 1
                if tries >= TRIES_MAX:
                    return await self._park(work.stored, repr(error))
            await self._world.sleep(pause_s * (0.5 + self._world.chance()))
            pause_s = min(pause_s * 2, RETRY_LONGEST_S)

    async def _deliver(self, work: _Work) -> str:
        """Open an event and hand it to its handler; return what became of it. Raises what the handler raises."""
        envelope = _envelope(work.stored)
        handler = self._group.handlers[envelope.type]
        body = await self._open(envelope)
        if body is None and envelope.type != "user_deleted":
            return "erased"
        with structlog.contextvars.bound_contextvars(trace=envelope.trace, group=self._group.name, event=envelope.type):
            await handler(Event(envelope, body))
        if work.first:
            _delay.labels(self._group.name).observe(max(0, self._world.now_us() - envelope.at) / 1e6)
        return "handled"

    async def _open(self, envelope: events.Envelope) -> Struct | None:
        key = (await self._keys.get([Id(envelope.owner)]))[0]
        try:
            return None if key is None else events.read_body(envelope, key)
        except (Unreadable, msgspec.DecodeError) as error:
            raise _Poison(type(error).__name__) from error

    async def _park(self, stored: Stored, reason: str) -> str:
        name, topic = self._group.name, self._group.topic
        await self._persist(lambda: self._log.park(name, topic, stored, reason))
        _log.error("event_parked", group=name, offset=stored.offset.number, reason=reason)
        return "parked"


def _envelope(stored: Stored) -> events.Envelope:
    try:
        return events.read_envelope(stored.record.data)
    except msgspec.DecodeError as error:
        raise _Poison(type(error).__name__) from error
