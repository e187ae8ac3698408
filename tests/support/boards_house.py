"""Boards with its real peers on SQLite in a folder, under a clock that a test moves, and its events by hand."""

import io
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from PIL import Image
from typing_extensions import override

from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.signing import Signer
from bowerbird.adapters.httpfetch.exchange import Exchanger
from bowerbird.adapters.httpfetch.fetch import HttpFetch
from bowerbird.adapters.httpfetch.hand import answer as answer_fetch
from bowerbird.adapters.httpfetch.limits import FetchLimits
from bowerbird.adapters.memory.counters import MemoryCounters
from bowerbird.adapters.pillow.hand import answer as answer_picture
from bowerbird.adapters.pillow.limits import PictureLimits
from bowerbird.adapters.pillow.pictures import PillowPictures
from bowerbird.adapters.sqlite.connection import REBUILDABLE
from bowerbird.adapters.sqlite.graph import SqliteGraph, SqliteGraphWrites
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.views import open_views_reader, open_views_writer
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id
from bowerbird.base.shards import ShardMap
from bowerbird.base.world import World
from bowerbird.contracts.boards import Board, Boards, NewPin, Pin
from bowerbird.contracts.caller import READ, WRITE, Caller, Once, system
from bowerbird.contracts.events import Event, read_body, read_envelope
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.identity import Identity, Registration
from bowerbird.contracts.links import Links
from bowerbird.contracts.media import Media
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
from bowerbird.services.media.model import upload_key
from bowerbird.services.media.service import MediaService
from bowerbird.services.media.settings import MediaSettings
from bowerbird.services.media.store import TABLES as MEDIA_TABLES
from bowerbird.services.media.store import Store as MediaStore
from bowerbird.services.safety.service import SafetyService
from bowerbird.services.safety.settings import SafetySettings
from bowerbird.services.safety.store import Store as SafetyStore
from tests.support.boards_peers import Door, Watched, resolve_nothing
from tests.support.placement import placed
from tests.support.web import Web, open_web

DAY_S: Final = 86_400
PASSWORD: Final = "a long enough password"
MASTER: Final = bytes(range(32))

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
    identity: Identity
    graph: Graph
    links: Links
    web: Web
    network: Door
    blobs: FileBlobs
    media: Media
    store: Store
    boards: Boards
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

    async def board(self, owner: Id, visibility: str = "public") -> Board:
        """Make a board of somebody's."""
        return await self.boards.create(as_(owner), "Bread", "", visibility)

    async def save(self, person: Id, board: Board, new: NewPin) -> Pin:
        """Save something to a board."""
        return (await self.boards.save_pin(as_(person), board.id, new)).pin

    async def link(self, person: Id, board: Board, number: int = 0) -> Pin:
        """Save a link to a board, another for every number."""
        return await self.save(person, board, NewPin(url=f"https://example.org/{number}"))

    async def count(self, board: Board) -> int:
        """Return how many pins a board says it has."""
        [access] = await self.boards.access(as_(board.owner), [board.id])
        assert access is not None
        return access.board.pins

    async def photo(self, person: Id, seed: int = 0) -> Id:
        """Return a completed upload of somebody's: a small picture, another for every seed."""
        data = png(seed)
        target = await self.media.begin(as_(person), "image/png", len(data))
        await self.blobs.put(upload_key(target.id), data, "image/png")
        await self.media.complete(as_(person), target.id)
        return target.id

    async def owner_of(self, media: Id | None) -> Id:
        """Return whose a picture is."""
        assert media is not None
        [picture] = await self.media.pictures(system(), [media])
        assert picture is not None
        return picture.owner

    def page(self, path: str, title: str, picture: bytes | None = None) -> str:
        """Serve a page, and its picture, and return its address."""
        image = "" if picture is None else self.web.page(f"{path}.png", picture, "image/png")
        return self.web.page(
            path,
            f"""<!doctype html><title>{title}</title>
            <meta property="og:description" content="Flour and water">
            <meta property="og:site_name" content="Bread Weekly">
            {f'<meta property="og:image" content="{image}">' if image else ""}""",
        )

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

    async def said(self) -> list[Event[Any]]:
        """Take what waits, and return what boards and links say."""
        own = ("board_", "pin_", "share_", "link_")
        return [event for event in await self.hear() if event.envelope.type.startswith(own)]

    async def types(self) -> list[str]:
        """As `said`, but the types alone."""
        return [event.envelope.type for event in await self.said()]


def as_(person: Id | None, once: Once | None = None) -> Caller:
    """Return a person as the caller, or nobody."""
    return Caller(person=person, scopes=READ | WRITE if person else 0, once=once)


def png(seed: int = 0) -> bytes:
    """Return a small picture, another for every seed."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (seed % 256, seed // 256 % 256, 99)).save(out, "PNG")
    return out.getvalue()


@asynccontextmanager
async def open_house(folder: Path, servers: int = 1) -> AsyncGenerator[House]:
    """Open a fresh house in a folder."""
    clock = Clock()
    async with AsyncExitStack() as stack:
        records, outbox = _open_records(stack, folder, servers)
        keys = _open_keys(stack, folder, clock)
        web = await stack.enter_async_context(open_web())
        network, fetch = _open_network(web)
        blobs, own_media = _open_media(stack, folder, records, keys, clock)
        media = await stack.enter_async_context(placed(Media, own_media))
        costs = IdentitySettings(hash_memory_kib=8, hash_passes=1)
        hasher = Hasher(clock, costs)
        stack.callback(hasher.close)
        safety = SafetyService(SafetyStore(MemoryCounters(clock)), clock, SafetySettings())
        ring = KeyRing.of(MASTER, costs)
        people = IdentityService(IdentityStore(records, keys, clock), safety, media, hasher, ring, clock, costs)
        identity = await stack.enter_async_context(placed(Identity, people))
        graph_store = GraphStore(records, keys, _open_maps(stack, folder), clock)
        ties = GraphService(graph_store, identity, clock, GraphSettings())
        graph = await stack.enter_async_context(placed(Graph, ties))
        addresses = LinksService(LinksStore(records, keys, fetch, clock), clock)
        links = await stack.enter_async_context(placed(Links, addresses))
        kit = Kit(Store(records, keys, clock), links, media, graph, identity, clock, BoardsSettings())
        yield House(
            clock=clock,
            records=records,
            outbox=outbox,
            keys=keys,
            identity=identity,
            graph=graph,
            links=links,
            web=web,
            network=network,
            blobs=blobs,
            media=media,
            store=kit.store,
            boards=await stack.enter_async_context(placed(Boards, BoardsService(kit))),
            consumer=Consumer(kit),
            details=Details(kit),
        )


def _open_records(stack: AsyncExitStack, folder: Path, servers: int) -> tuple[Watched, Outbox]:
    tables = (*BOARD_TABLES, *GRAPH_TABLES, *IDENTITY_TABLES, *LINK_TABLES, *MEDIA_TABLES, ANSWERED)
    shards = ShardMap.even(servers)
    writer = SqliteWriter.open(folder, tables, shards, tuning=REBUILDABLE)
    stack.push_async_callback(writer.close)
    records = SqliteRecords.open(folder, tables, shards, writer)
    stack.callback(records.close)
    return Watched(records), SqliteOutbox(writer)


def _open_keys(stack: AsyncExitStack, folder: Path, clock: Clock) -> Keys:
    writer = SqliteKeyWriter.open(folder, MASTER, clock, tuning=REBUILDABLE)
    stack.push_async_callback(writer.close)
    keys = SqliteKeys.open(folder, writer, MASTER, clock)
    stack.callback(keys.close)
    return keys


def _open_maps(stack: AsyncExitStack, folder: Path) -> SqliteGraph:
    writer = open_views_writer(folder)
    stack.push_async_callback(writer.close)
    reader = open_views_reader(folder)
    stack.callback(reader.close)
    return SqliteGraph(reader, SqliteGraphWrites(writer))


def _open_network(web: Web) -> tuple[Door, HttpFetch]:
    """Return the way to the web server alone: names are not known here, and only one address may be reached."""
    limits = FetchLimits(ports=(80, 443, web.port), allowed_hosts=(f"127.0.0.1:{web.port}",))
    exchanger = Exchanger(limits, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), resolve_nothing, time.monotonic)
    door = Door(partial(answer_fetch, exchanger))
    return door, HttpFetch(door, limits)


def _open_media(
    stack: AsyncExitStack, folder: Path, records: Watched, keys: Keys, clock: Clock
) -> tuple[FileBlobs, MediaService]:
    threads = stack.enter_context(ThreadPoolExecutor(2))
    blobs = FileBlobs.open(folder / "blobs", Signer("http://localhost/blobs", [MASTER], clock), clock, threads)
    limits = PictureLimits()
    pictures = PillowPictures(Door(partial(answer_picture, limits)), limits)
    return blobs, MediaService(MediaStore(records, keys, blobs, pictures, clock), clock, MediaSettings())
