"""Boards with its real peers on SQLite in a folder, under a clock that a test moves, and its events by hand."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from typing_extensions import override

from bowerbird.adapters.memory.counters import MemoryCounters
from bowerbird.adapters.sqlite.connection import REBUILDABLE
from bowerbird.adapters.sqlite.graph import SqliteGraph, SqliteGraphWrites
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.views import open_views_reader, open_views_writer
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id
from bowerbird.base.shards import ShardMap
from bowerbird.base.world import World
from bowerbird.contracts.caller import READ, WRITE, Caller, Once, system
from bowerbird.contracts.events import Event, read_body, read_envelope
from bowerbird.contracts.identity import Registration
from bowerbird.ports.keys import Keys
from bowerbird.ports.once import ANSWERED
from bowerbird.ports.records import Outbox
from bowerbird.services.boards.consumer import Consumer, Details
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.service import BoardsService
from bowerbird.services.boards.settings import BoardsSettings
from bowerbird.services.boards.store import TABLES as BOARD_TABLES
from bowerbird.services.boards.store import Store
from bowerbird.services.graph.service import GraphService
from bowerbird.services.graph.settings import GraphSettings
from bowerbird.services.graph.store import TABLES as GRAPH_TABLES
from bowerbird.services.graph.store import Store as GraphStore
from bowerbird.services.identity.hasher import Hasher
from bowerbird.services.identity.service import IdentityService
from bowerbird.services.identity.session_token import KeyRing
from bowerbird.services.identity.settings import IdentitySettings
from bowerbird.services.identity.store import TABLES as IDENTITY_TABLES
from bowerbird.services.identity.store import Store as IdentityStore
from bowerbird.services.links.service import LinksService
from bowerbird.services.links.store import TABLES as LINK_TABLES
from bowerbird.services.links.store import Store as LinksStore
from bowerbird.services.safety.service import SafetyService
from bowerbird.services.safety.settings import SafetySettings
from bowerbird.services.safety.store import Store as SafetyStore
from tests.support.boards_peers import Album, MemoryKeys, Pages, Watched

DAY_S: Final = 86_400
PASSWORD: Final = "a long enough password"

Handler = Callable[[Event[Any]], Awaitable[None]]


class Clock(World):
    """The real world but for time, which a test moves; each look at it takes a microsecond."""

    def __init__(self) -> None:
        super().__init__()
        self._us = 1_800_000_000_000_000

    @override
    def now_us(self) -> int:
        self._us += 1
        return self._us

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self._us += round(seconds * 1_000_000)


@dataclass
class House:
    """Everything of boards, and what stands around it."""

    clock: Clock
    records: Watched
    outbox: Outbox
    keys: Keys
    identity: IdentityService
    graph: GraphService
    links: LinksService
    pages: Pages
    media: Album
    store: Store
    boards: BoardsService
    consumer: Consumer
    details: Details
    heard: list[Event[Any]] = field(default_factory=list[Event[Any]])
    """Every event that `hear` has taken, in order of commit."""

    people: int = 0

    async def person(self) -> Id:
        """Return somebody new."""
        self.people += 1
        handle = f"person_{self.people}"
        new = Registration(handle=handle, name="Ada", email=f"{handle}@example.org", password=PASSWORD)
        return (await self.identity.make_person(system(), new, "person")).id

    async def hear(self, *, erased: bool = False) -> list[Event[Any]]:
        """Take the events that wait in the outboxes, oldest first; of the erased only if asked, and without a body."""
        found: list[Event[Any]] = []
        for server in await self.outbox.servers():
            queued = await self.outbox.take(server, 10_000)
            await self.outbox.done(server, [one.sequence for one in queued])
            for one in queued:
                envelope = read_envelope(one.outgoing.data)
                key = (await self.keys.get([envelope.owner]))[0]
                if key is not None or erased:
                    found.append(Event[Any](envelope, read_body(envelope, key) if key else None))
        self.heard += found
        return found

    async def tell(self, handlers: Mapping[str, Handler], events: Sequence[Event[Any]]) -> None:
        """Hand events to those who handle them."""
        for event in events:
            handler = handlers.get(event.envelope.type)
            if handler is not None:
                await handler(event)

    async def settle(self, chance: Random | None = None) -> None:
        """Handle what waits and what follows from it; with a chance, twice and in no order."""
        while events := await self.hear():
            told = events if chance is None else chance.sample(events * 2, len(events) * 2)
            await self.tell(self.consumer.handlers(), told)
            await self.tell(self.details.handlers(), told)

    async def sweep(self) -> None:
        """Do all that has come due."""
        for step in self.consumer.sweeps().values():
            while await step():
                pass

    async def types(self) -> list[str]:
        """Take what waits and return its types."""
        return [event.envelope.type for event in await self.hear()]


def as_(person: Id | None, once: Once | None = None) -> Caller:
    """Return a person as the caller, or nobody."""
    return Caller(person=person, scopes=READ | WRITE if person else 0, once=once)


@asynccontextmanager
async def open_house(folder: Path, servers: int = 1) -> AsyncGenerator[House]:
    """Open a fresh house in a folder."""
    clock, shards = Clock(), ShardMap.even(servers)
    tables = (*BOARD_TABLES, *GRAPH_TABLES, *IDENTITY_TABLES, *LINK_TABLES, ANSWERED)
    writer = SqliteWriter.open(folder, tables, shards, tuning=REBUILDABLE)
    engine = SqliteRecords.open(folder, tables, shards, writer)
    records = Watched(engine)
    keys, pages, album = MemoryKeys(clock), Pages(), Album(clock)
    costs = IdentitySettings(hash_memory_kib=8, hash_passes=1)
    hasher = Hasher(clock, costs)
    safety = SafetyService(SafetyStore(MemoryCounters(clock)), clock, SafetySettings())
    ring = KeyRing.derive(bytes(32), 0)
    identity = IdentityService(IdentityStore(records, keys, clock), safety, album, hasher, ring, clock, costs)
    views_writer = open_views_writer(folder)
    views = open_views_reader(folder)
    maps = SqliteGraph(views, SqliteGraphWrites(views_writer))
    graph = GraphService(GraphStore(records, keys, maps, clock), identity, clock, GraphSettings())
    links = LinksService(LinksStore(records, keys, pages, clock), clock)
    kit = Kit(Store(records, keys, clock), links, album, graph, identity, clock, BoardsSettings())
    try:
        yield House(
            clock=clock,
            records=records,
            outbox=SqliteOutbox(writer),
            keys=keys,
            identity=identity,
            graph=graph,
            links=links,
            pages=pages,
            media=album,
            store=kit.store,
            boards=BoardsService(kit),
            consumer=Consumer(kit),
            details=Details(kit),
        )
    finally:
        hasher.close()
        engine.close()
        views.close()
        await views_writer.close()
        await writer.close()
