"""What the records suite is handed: the port's two objects on an engine, and a way to make the engine fail."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from msgspec import Struct
from typing_extensions import override

from bowerbird.adapters.sqlite.connection import Tuning
from bowerbird.adapters.sqlite.group import Limits
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id
from bowerbird.base.shards import ShardMap
from bowerbird.ports.records import Outbox, Queued, Records
from tests.support.records_disk import FailingDisk, Trouble
from tests.support.records_tables import TABLES

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Outage = Callable[[], AbstractAsyncContextManager[None]]
TROUBLES: tuple[Trouble, ...] = ("full", "write", "sync")


@dataclass(frozen=True)
class Subject:
    """An empty engine. Within one of its `outages`, by name, it cannot write."""

    records: Records
    outbox: Outbox
    outages: Mapping[str, Outage]

    async def queued(self) -> list[Queued]:
        """Return all events in the outboxes, server by server."""
        found: list[Queued] = []
        for server in await self.outbox.servers():
            found += await self.outbox.take(server, 10_000)
        return found


class Inline(Executor):
    """Runs everything at once, in the caller's thread, as a simulation wants it."""

    @override
    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is the caller's, who finds it in the future
            future.set_exception(error)
        return future


class Variant(Struct, frozen=True):
    """How the adapter is put together; a test of the suite itself puts broken parts in."""

    servers: int = 1
    executor: Callable[[], Executor] | None = None
    limits: Limits = Limits()
    writer: type[SqliteWriter] = SqliteWriter
    records: type[SqliteRecords] = SqliteRecords
    outbox: type[SqliteOutbox] = SqliteOutbox


@asynccontextmanager
async def open_sqlite(variant: Variant, folder: Path) -> AsyncGenerator[Subject]:
    """Open a fresh SQLite engine in a folder, on a disk that can fail."""
    disk, shards = FailingDisk(), ShardMap.even(variant.servers)
    writer = variant.writer.open(
        folder, TABLES, shards, tuning=Tuning(vfs=disk.name), limits=variant.limits, executor=variant.executor
    )
    records = variant.records.open(folder, TABLES, shards, writer)
    outages = {trouble: partial(disk.outage, trouble) for trouble in TROUBLES}
    try:
        yield Subject(records, variant.outbox(writer), outages)
    finally:
        await writer.close()
        records.close()


SQLITE: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "sqlite-1": partial(open_sqlite, Variant()),
    "sqlite-4": partial(open_sqlite, Variant(servers=4)),
    "sqlite-inline": partial(open_sqlite, Variant(executor=Inline)),
}


async def everything(records: Records, owners: Sequence[Id]) -> Mapping[str, Sequence[Struct]]:
    """Return all notes and places of the owners, in the order of their primary keys."""
    notes = [note for owner in owners for note in await records.scan(TABLES[0], "by_place", (owner,), limit=500)]
    places = [place for owner in owners for place in await records.scan(TABLES[1], "", (owner,), limit=500)]
    return {"note": sorted(notes, key=TABLES[0].key_of), "place": places}
