"""Identity on the real engines of one machine, under a clock that a test moves, with every unit watched."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from typing_extensions import override

from bowerbird.adapters.memory.counters import MemoryCounters
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.seal import Unreadable
from bowerbird.base.shards import ShardMap
from bowerbird.contracts import events
from bowerbird.contracts.caller import ADMIN, NOBODY, READ, WRITE, Caller
from bowerbird.contracts.events import Event
from bowerbird.contracts.identity import Device, Identity, Registration, SignedIn
from bowerbird.ports import once
from bowerbird.ports.keys import Keys
from bowerbird.ports.records import EngineUnavailable, Outgoing, Position, Records
from bowerbird.ports.tables import Key, Op, Row, Table
from bowerbird.services.identity import store as identity_tables
from bowerbird.services.identity.hasher import Hasher
from bowerbird.services.identity.service import IdentityService
from bowerbird.services.identity.session_token import KeyRing
from bowerbird.services.identity.settings import IdentitySettings
from bowerbird.services.identity.store import Store
from bowerbird.services.identity.sweeper import Sweeper
from bowerbird.services.media.service import MediaService
from bowerbird.services.media.settings import MediaSettings
from bowerbird.services.media.store import Store as MediaStore
from bowerbird.services.safety.service import SafetyService
from bowerbird.services.safety.settings import SafetySettings
from bowerbird.services.safety.store import Store as SafetyStore
from tests.support.placement import placed
from tests.support.safety_house import Clock

CHEAP = IdentitySettings(hash_memory_kib=8, hash_passes=1, hash_queue_max=1000)
"""Hashes that take no time, for tests that are not about their cost."""
UNCOUNTED = SafetySettings(sign_in_limit=0, sign_in_address_limit=0, register_limit=0)
SECRET = bytes(range(32))
PASSWORD = "correct horse battery"
DEVICE = Device("Firefox on Debian", "203.0.113.5")

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Hook = Callable[[], Awaitable[None]]


class Watched:
    """Records that note each call, can be cut off after some units, and let others in before one."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.calls: list[str] = []
        self.left: int | None = None
        self.before: dict[str, Hook] = {}

    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        tables = "+".join(op.table for op in ops)
        self.calls.append(f"commit {tables}")
        if self.left is not None:
            if self.left == 0:
                raise EngineUnavailable("the writer is gone, as planned")
            self.left -= 1
        if hook := self.before.pop(tables, None):
            await hook()
        return await self._records.commit(ops, outgoing)

    async def get(self, table: Table[Row], keys: Sequence[Key]) -> list[Row | None]:
        self.calls.append(f"get {table.name} {len(keys)}")
        return await self._records.get(table, keys)

    async def scan(
        self,
        table: Table[Row],
        index: str,
        prefix: Key,
        *,
        after: Key | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[Row]:
        self.calls.append(f"scan {table.name} {index}")
        return await self._records.scan(table, index, prefix, after=after, limit=limit, newest_first=newest_first)

    async def sweep(self, table: Table[Row], index: str, upto: int, limit: int) -> list[Row]:
        self.calls.append(f"sweep {table.name} {index}")
        return await self._records.sweep(table, index, upto, limit)


class Pool(ThreadPoolExecutor):
    """A pool that notes how many hashes it was given."""

    def __init__(self) -> None:
        super().__init__(2)
        self.given = 0

    @override
    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        self.given += 1
        return super().submit(fn, *args, **kwargs)


class Nowhere:
    """An engine that is not there: whoever asks it for anything fails."""


@dataclass
class House:
    """One machine. `worker` gives the services as one more process has them."""

    folder: Path
    clock: Clock
    records: Watched
    keys: Keys
    outbox: SqliteOutbox
    counters: MemoryCounters
    settings: IdentitySettings
    safety_settings: SafetySettings
    identity: Identity = field(init=False)
    sweeper: Sweeper = field(init=False)
    pool: Pool = field(default_factory=Pool)

    def __post_init__(self) -> None:
        self.identity = self.worker()
        self.sweeper = Sweeper(self.store(), self.clock, self.settings)

    def store(self) -> Store:
        """Return identity's store over the watched records."""
        return Store(self.records, self.keys, self.clock)

    def worker(self, settings: IdentitySettings | None = None) -> IdentityService:
        """Return identity as one more process has it."""
        chosen = settings or self.settings
        return IdentityService(
            self.store(),
            SafetyService(SafetyStore(self.counters), self.clock, self.safety_settings),
            MediaService(self.media_store(), self.clock, MediaSettings()),
            Hasher(self.clock, chosen, self.pool),
            KeyRing.of(SECRET, chosen),
            self.clock,
            chosen,
        )

    def media_store(self) -> MediaStore:
        """Return media's store: rows alone, no blobs and nobody who decodes."""
        nowhere: Any = Nowhere()
        return MediaStore(self.records, self.keys, nowhere, nowhere, self.clock)

    async def join(self, handle: str) -> SignedIn:
        """Register somebody."""
        return await self.identity.register(NOBODY, registration(handle), DEVICE)

    async def happened(self) -> list[Event[Any]]:
        """Return the events since the last time, in order; bodies that cannot be opened are None."""
        found: list[Event[Any]] = []
        for server in await self.outbox.servers():
            queued = await self.outbox.take(server, 10_000)
            found += [await self._opened(one.outgoing) for one in queued]
            await self.outbox.done(server, [one.sequence for one in queued])
        return found

    async def types(self) -> list[str]:
        """Return the types of the events since the last time."""
        return [event.envelope.type for event in await self.happened()]

    async def _opened(self, outgoing: Outgoing) -> Event[Any]:
        envelope = events.read_envelope(outgoing.data)
        key = (await self.keys.get([envelope.owner]))[0]
        try:
            return Event(envelope, events.read_body(envelope, key) if key else None)
        except Unreadable:
            return Event(envelope, None)


def registration(handle: str) -> Registration:
    """Return what somebody of that handle registers with."""
    return Registration(handle=handle, name=handle.title(), email=f"{handle}@example.org", password=PASSWORD)


def caller(signed_in: SignedIn) -> Caller:
    """Return the caller that somebody is who just signed in."""
    scopes = READ | WRITE | (ADMIN if signed_in.user.role == "admin" else 0)
    return Caller(person=signed_in.user.id, scopes=scopes, session=signed_in.session.id, trace="test")


@asynccontextmanager
async def open_house(
    folder: Path,
    settings: IdentitySettings = CHEAP,
    safety: SafetySettings = UNCOUNTED,
    more: Sequence[Table[Any]] = (),
) -> AsyncGenerator[House]:
    """Open a house in an empty folder, with more tables when another service lives there too."""
    tables = (*identity_tables.TABLES, once.ANSWERED, *more)
    shards, clock = ShardMap.even(2), Clock()
    writer = SqliteWriter.open(folder, tables, shards)
    key_writer = SqliteKeyWriter.open(folder, SECRET, clock)
    records = SqliteRecords.open(folder, tables, shards, writer)
    keys = SqliteKeys.open(folder, key_writer, SECRET, clock)
    house = House(folder, clock, Watched(records), keys, SqliteOutbox(writer), MemoryCounters(clock), settings, safety)
    try:
        async with placed(Identity, house.identity) as house.identity:
            yield house
    finally:
        house.pool.shutdown()
        keys.close()
        records.close()
        await key_writer.close()
        await writer.close()


async def together(*doing: Awaitable[Any]) -> list[Any]:
    """Do things at the same time, and return results and problems."""
    return await asyncio.gather(*doing, return_exceptions=True)
