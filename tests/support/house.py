"""The whole house in one process on the engines of one machine, wired as `bowerbird serve` wires it.

A test rules its clock and its chance, and nothing runs by itself. Only strangers' pages and decoding are stood in for.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.csr.order import argv
from bowerbird.adapters.csr.walks import CsrWalks
from bowerbird.adapters.csr.writes import CsrWalkWrites
from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.signing import Signer
from bowerbird.adapters.memory.counters import MemoryCounters
from bowerbird.adapters.memory.leases import MemoryLeases
from bowerbird.adapters.sqlite.asking_writes import SqliteAskingWrites
from bowerbird.adapters.sqlite.askings import SqliteAskings
from bowerbird.adapters.sqlite.connection import Tuning
from bowerbird.adapters.sqlite.graph import SqliteGraph, SqliteGraphWrites
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.taste_writes import SqliteTasteWrites
from bowerbird.adapters.sqlite.tastes import SqliteTastes
from bowerbird.adapters.sqlite.timeline_writes import SqliteTimelineWrites
from bowerbird.adapters.sqlite.timelines import SqliteTimelines
from bowerbird.adapters.sqlite.views import open_views_reader, open_views_writer
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.adapters.tantivy.index import TantivyIndex
from bowerbird.adapters.tantivy.writer import TantivyWriter
from bowerbird.adapters.usearch.vectors import UsearchVectors
from bowerbird.adapters.usearch.writes import UsearchVectorWrites
from bowerbird.app import house as app_house
from bowerbird.app import wiring
from bowerbird.app.engines import Engines
from bowerbird.app.sections import SECTIONS, Settings
from bowerbird.app.topology import SERVICES, TABLES, called_from, service_of
from bowerbird.base.ids import Id
from bowerbird.base.processes import Processes
from bowerbird.base.shards import ShardMap
from bowerbird.base.world import World
from bowerbird.contracts.caller import READ, WRITE, Caller, system
from bowerbird.contracts.events import CHANGES
from bowerbird.contracts.identity import Registration
from bowerbird.ports.fetch import Fetch, Fetched
from bowerbird.ports.pictures import PictureRefused, Pictures, Rendered, Rendition
from bowerbird.ports.records import Outbox
from bowerbird.runtime.hands import HandLimits, Hands
from bowerbird.runtime.relay import Relay
from bowerbird.services.media.model import upload_key
from tests.support.eyes import Eyes, Twins
from tests.support.placement import TOGETHER, Present, placed
from tests.support.records_subject import Inline

MASTER: Final = bytes(range(32))
PASSWORD: Final = "a long enough password"
BEGIN_US: Final = 1_800_000_000_000_000
FORGETFUL: Any = Tuning(synchronous="OFF")  # pyright: ignore[reportArgumentType] - no test here pulls the plug
CHEAP: Final = {"hash_memory_kib": 8, "hash_passes": 1, "hash_queue_max": 1000}

Wrap = Callable[[Any], Any]


def unchanged(engine: Any) -> Any:  # noqa: ANN401 - any engine
    """Return an engine as it is."""
    return engine


class Ruled(World):
    """A world that its seed decides: each look at the clock takes a microsecond, and sleeping is over at once."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self._chance = Random(seed)
        self._us = BEGIN_US

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self._us += round(seconds * 1_000_000)

    @override
    def now_us(self) -> int:
        self._us += 1
        return self._us

    @override
    def monotonic_s(self) -> float:
        return (self._us - BEGIN_US) / 1_000_000

    @override
    async def sleep(self, seconds: float) -> None:
        self.pass_s(seconds)
        await asyncio.sleep(0)

    @override
    def random_bytes(self, count: int) -> bytes:
        return self._chance.randbytes(count)


class Pages(Fetch):
    """Strangers' pages by address: what a page is called, and its picture. Any other cannot be reached."""

    def __init__(self) -> None:
        self.known: dict[str, Fetched] = {}

    def page(self, url: str, picture: bytes = b"") -> str:
        """Put a page there, and return its address."""
        self.known[url] = Fetched(failure="", status=200, url=url, title="A page", picture=picture)
        return url

    @override
    async def fetch(self, url: str) -> Fetched:
        return self.known.get(url, Fetched(failure="no-such-host", status=0, url=url))


class Plates(Pictures):
    """Pictures that are their bytes, in one size; what begins with "bad" is none."""

    def __init__(self) -> None:
        self.rendered = 0

    @override
    async def render(self, data: bytes) -> Rendered:
        self.rendered += 1
        if data.startswith(b"bad"):
            raise PictureRefused("not-a-picture", "it begins with bad")
        one = Rendition("236", 4, 3, "image/webp", data)
        return Rendered(4, 3, sha256(data).digest(), bytes(32), "#102030", "abc", [one])

    @override
    async def shrink(self, data: bytes) -> Rendition:
        return (await self.render(data)).renditions[0]


@dataclass
class House:
    """All of it. `wired`: services, groups and sweeps; `relay` moves events to the log when it is told to."""

    world: Ruled
    engines: Engines
    outbox: Outbox
    wired: app_house.House
    pages: Pages
    plates: Plates
    people: int = 0

    @property
    def services(self) -> wiring.Services:
        """Return the services."""
        return self.wired.services

    @property
    def relay(self) -> Relay:
        """Return a relay to the log."""
        return Relay(self.outbox, self.engines.log, self.world, CHANGES)

    async def person(self) -> Id:
        """Return somebody new."""
        self.people += 1
        handle = f"person_{self.people}"
        new = Registration(handle=handle, name="Ada", email=f"{handle}@example.org", password=PASSWORD)
        return (await self.services.identity.make_person(system(), new, "person")).id

    async def photo(self, person: Id, data: bytes = b"a photo") -> Id:
        """Return a completed upload of somebody's."""
        upload = await self.sent(person, data)
        await self.services.media.complete(by(person), upload)
        return upload

    async def sent(self, person: Id, data: bytes) -> Id:
        """Return an upload whose bytes have arrived."""
        target = await self.services.media.begin(by(person), "image/webp", len(data))
        await self.engines.blobs.put(upload_key(target.id), data, "image/webp")
        return target.id


def _forget(_descriptor: int) -> None:
    """Stand in for `os.fsync` where no test pulls the plug."""


def by(person: Id) -> Caller:
    """Return the caller that a person is."""
    return Caller(person=person, scopes=READ | WRITE, trace="test")


def settings_with(**changed: Mapping[str, object]) -> Settings:
    """Return the default settings but for some fields of some sections."""
    sections: dict[str, Any] = {name: section() for name, section in SECTIONS.items()}
    for name, fields in {"identity": CHEAP, **changed}.items():
        sections[name] = replace(sections[name], **fields)
    return Settings(**sections)


@asynccontextmanager
async def open_house(
    folder: Path, settings: Settings | None = None, *, wrap: Wrap = unchanged, seed: int = 0, servers: int = 1
) -> AsyncGenerator[House]:
    """Open a house in a folder; `wrap` may put something in front of the engines that handlers call."""
    world, chosen = Ruled(seed), settings or settings_with()
    async with AsyncExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(os, "fsync", _forget)
        engines, outbox = open_engines(stack, folder, world, wrap, servers)
        wired = await _wired(stack, engines, chosen, world)
        pages, plates = engines.fetch, engines.pictures
        assert isinstance(pages, Pages)
        assert isinstance(plates, Plates)
        yield House(world, engines, outbox, wired, pages, plates)


async def _wired(stack: AsyncExitStack, engines: Engines, settings: Settings, world: World) -> app_house.House:
    """Return the house as one process has it or, apart, put together from what the process of each service has."""
    if Present.placement == TOGETHER:
        return app_house.build(engines, settings, MASTER, world, hashing=Inline())
    remotes: dict[type[Any], Any] = {}
    parts: list[app_house.House] = []
    for row in SERVICES:
        placement = wiring.Placement(frozenset({row.name}), _reaching(remotes, called_from(row.name)))
        parts.append(app_house.build(engines, settings, MASTER, world, Inline(), placement))
        service: Any = getattr(parts[-1].services, row.name)
        remotes[row.contract] = await stack.enter_async_context(placed(row.contract, service))
    return app_house.House(
        services=wiring.services_elsewhere(settings, MASTER, world, remotes.__getitem__),
        groups=[group for part in parts for group in part.groups],
        sweeps=[sweep for part in parts for sweep in part.sweeps],
        loops=[loop for part in parts for loop in part.loops],
        closers=[close for part in parts for close in part.closers],
    )


def _reaching(remotes: Mapping[type[Any], Any], peers: Collection[str]) -> Callable[[type[Any]], Any]:
    """Return what gives a service's process the peers that its row in the topology names, and no others."""

    def reach(contract: type[Any]) -> Any:  # noqa: ANN401 - an object of the contract
        assert service_of(contract).name in peers
        return remotes[contract]

    return reach


def open_engines(
    stack: AsyncExitStack, folder: Path, world: World, wrap: Wrap = unchanged, servers: int = 1
) -> tuple[Engines, Outbox]:
    """Open the engines in a folder, everything inline and in the loop, and the outbox; the stack closes them."""
    shards = ShardMap.even(servers)
    writer = SqliteWriter.open(folder, TABLES, shards, tuning=FORGETFUL, executor=Inline)
    key_writer = SqliteKeyWriter.open(folder, MASTER, world, tuning=FORGETFUL, executor=Inline)
    records = SqliteRecords.open(folder, TABLES, shards, writer)
    keys = SqliteKeys.open(folder, key_writer, MASTER, world)
    log = SqliteLog.open(folder, world, tuning=FORGETFUL, executor=Inline())
    views = open_views_writer(folder, tuning=FORGETFUL, executor=Inline())
    reader = open_views_reader(folder)
    index = TantivyWriter(folder, Inline())
    vectors = UsearchVectorWrites.open(folder / "vectors", Inline(), Inline())
    hand = Hands(Processes(), argv(), HandLimits(hands_max=1, memory_bytes_max=8 << 30), "graph_hands")
    walking = CsrWalkWrites.open(folder / "walks", hand, world, Inline())
    walks = CsrWalks(folder / "walks", walking, Inline())
    writers = (log, key_writer, writer, views, index, vectors, walking)
    for close in (hand.close, *(each.close for each in writers)):
        stack.push_async_callback(close)
    for close_now in (records.close, keys.close, reader.close, walks.close):
        stack.callback(close_now)
    engines = Engines(
        records=wrap(records),
        keys=wrap(keys),
        log=log,
        timelines=wrap(SqliteTimelines(reader, SqliteTimelineWrites(views))),
        graph=wrap(SqliteGraph(reader, SqliteGraphWrites(views))),
        tastes=wrap(SqliteTastes(reader, SqliteTasteWrites(views))),
        askings=wrap(SqliteAskings(reader, SqliteAskingWrites(views))),
        textindex=wrap(TantivyIndex.open(folder, index, Inline())),
        vectors=wrap(UsearchVectors(folder / "vectors", vectors, Inline())),
        walks=wrap(walks),
        blobs=FileBlobs.open(folder / "blobs", Signer("http://localhost/blobs", [MASTER], world), world, Inline()),
        counters=MemoryCounters(world),
        leases=MemoryLeases(world),
        fetch=Pages(),
        pictures=Plates(),
        embedder=Eyes(),
        likeness=Twins(),
        closers=[],
        queues={},
    )
    return engines, SqliteOutbox(writer)
