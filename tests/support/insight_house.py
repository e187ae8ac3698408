"""Insight on the engines of one machine: a log whose disk can fail or stand still, and people's keys."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Event as Gate
from typing import cast

from prometheus_client import REGISTRY
from typing_extensions import override

from bowerbird.adapters.sqlite.connection import Tuning
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.base.ids import Id
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import READ, WRITE, Caller
from bowerbird.contracts.events import VIEWS, Event, read_body, read_envelope
from bowerbird.contracts.insight import View, ViewKind
from bowerbird.ports.log import Stored
from bowerbird.services.insight.service import InsightService
from bowerbird.services.insight.settings import InsightSettings
from bowerbird.services.insight.store import Store
from tests.support.house import MASTER, Ruled
from tests.support.records_disk import FailingDisk

SEED = 20_260_131


class Dice(Ruled):
    """A ruled world whose chance is its seed's too, and where who sleeps waits to be woken."""

    def __init__(self) -> None:
        super().__init__()
        self._dice = Random(SEED)
        self._asleep, self._woken = asyncio.Event(), asyncio.Event()

    @override
    def chance(self) -> float:
        return self._dice.random()

    @override
    async def sleep(self, seconds: float) -> None:
        self.pass_s(seconds)
        self._asleep.set()
        await self._woken.wait()
        self._woken.clear()

    async def wake(self) -> None:
        """Let the one who sleeps go on."""
        await self._asleep.wait()
        self._asleep.clear()
        self._woken.set()

    async def round(self) -> None:
        """Let the one who sleeps do what is to be done, until they sleep again."""
        await self.wake()
        await self._asleep.wait()


@dataclass
class InsightHouse:
    """The engines, and short ways to people and views."""

    world: Dice
    log: SqliteLog
    keys: SqliteKeys
    disk: FailingDisk
    writer: Executor

    def service(self, settings: InsightSettings | None = None) -> InsightService:
        """Return insight as one process has it."""
        return InsightService(Store(self.log, self.keys, self.world), self.world, settings or InsightSettings())

    async def person(self, shard: int = 7) -> Id:
        """Return somebody who has a key."""
        person = self.world.new_id(kinds.USER, shard)
        await self.keys.create(person)
        return person

    def view(self, viewer: Id, kind: ViewKind = "pin_seen", things: int = 1) -> View:
        """Return a view of as many pins of now."""
        seen = tuple(self.world.new_id(kinds.PIN, 9) for _ in range(things))
        return View(kind=kind, viewer=viewer, things=seen, at=self.world.now_us())

    async def see(self, insight: InsightService, viewer: Id, views: int) -> list[View]:
        """Tell insight of so many views one after another, and return them."""
        told = [self.view(viewer) for _ in range(views)]
        for view in told:
            await insight.seen(by(viewer), [view])
        return told

    async def stored(self, topic: str = VIEWS) -> list[Stored]:
        """Return all records of a topic."""
        found: list[Stored] = []
        while page := await self.log.read(topic, [found[-1].offset] if found else [], 1000):
            found += page
        return found

    async def logged(self) -> list[View]:
        """Return the views in the log, opened."""
        return [(await self.opened(stored)).body for stored in await self.stored()]

    async def opened(self, stored: Stored) -> Event[View]:
        """Return a record as an event, its body opened with the key of its owner."""
        envelope = read_envelope(stored.record.data)
        [key] = await self.keys.get([envelope.owner])
        assert key is not None
        return Event(envelope, cast("View", read_body(envelope, key)))

    @contextmanager
    def standing(self) -> Generator[Gate]:
        """Let whoever writes the log wait within the block, until the gate is set."""
        gate = Gate()
        self.writer.submit(gate.wait)
        try:
            yield gate
        finally:
            gate.set()


@asynccontextmanager
async def running(insight: InsightService) -> AsyncGenerator[asyncio.Task[None]]:
    """Run insight within the block."""
    task = asyncio.create_task(insight.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


def by(person: Id, trace: str = "test") -> Caller:
    """Return the caller that a person is."""
    return Caller(person=person, scopes=READ | WRITE, trace=trace)


def lost(cause: str) -> int:
    """Return how many views this process has counted as lost."""
    return int(REGISTRY.get_sample_value("bowerbird_views_dropped_total", {"cause": cause}) or 0)


def written() -> int:
    """Return how many views this process has counted as written."""
    return int(REGISTRY.get_sample_value("bowerbird_views_written_total") or 0)


@asynccontextmanager
async def open_house(folder: Path) -> AsyncGenerator[InsightHouse]:
    """Open the engines in an empty folder."""
    world, disk, executor = Dice(), FailingDisk(), ThreadPoolExecutor(1)
    log = SqliteLog.open(folder, world, tuning=Tuning(vfs=disk.name), executor=executor)
    key_writer = SqliteKeyWriter.open(folder, MASTER, world)
    keys = SqliteKeys.open(folder, key_writer, MASTER, world)
    try:
        yield InsightHouse(world, log, keys, disk, executor)
    finally:
        keys.close()
        await key_writer.close()
        await log.close()
