"""What the log suite is handed: the port on an engine that can be started again, and that can fail."""

from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from msgspec import Struct

from bowerbird.adapters.sqlite.connection import Tuning
from bowerbird.adapters.sqlite.log import Segments, SqliteLog
from bowerbird.ports.log import Batch, Log, Mark, Record
from tests.support.records_disk import FailingDisk, Trouble
from tests.support.records_subject import Inline
from tests.support.set_clock import SetClock

TOPIC, GROUP = "changes", "feed"


class Variant(Struct, frozen=True):
    """How the adapter is put together; a test of the suite itself puts broken parts in."""

    executor: Callable[[], Executor] | None = None
    segments: Segments = Segments()
    log: type[SqliteLog] = SqliteLog


@dataclass
class Subject:
    """An empty engine on a clock of its own; `restart` is what another process finds, `outage` what full disks do."""

    variant: Variant
    folder: Path
    clock: SetClock = field(default_factory=SetClock)
    disk: FailingDisk = field(default_factory=FailingDisk)
    log: Log = field(init=False)
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict[tuple[str, str], Mark])

    def __post_init__(self) -> None:
        executor = self.variant.executor
        log = self.variant.log.open(
            self.folder,
            self.clock,
            tuning=Tuning(vfs=self.disk.name),
            executor=executor() if executor else None,
            segments=self.variant.segments,
        )
        self.log, self.close = log, log.close

    async def restart(self) -> None:
        """Close the engine and open it again on the same data."""
        await self.close()
        self.marks.clear()
        self.__post_init__()

    def outage(self, trouble: Trouble) -> AbstractAsyncContextManager[None]:
        """Within the block nothing can be written."""
        return self.disk.outage(trouble)

    async def append(self, *data: str, topic: str = TOPIC, at: int = 0) -> None:
        """Append records of one time."""
        await self.log.append(topic, [record(one, at) for one in data])

    async def polled(self, limit: int = 1000, group: str = GROUP, topic: str = TOPIC) -> list[str]:
        """Return the data of what is polled without waiting, behind what was polled before."""
        return [stored.record.data.decode() for stored in (await self.poll(limit, 0, group, topic)).records]

    async def poll(self, limit: int = 1000, wait_ms: int = 0, group: str = GROUP, topic: str = TOPIC) -> Batch:
        """Poll behind what was polled before in this process's life."""
        batch = await self.log.poll(group, topic, self.marks.get((group, topic)), limit, wait_ms)
        self.marks[group, topic] = batch.mark
        return batch

    async def all(self, topic: str = TOPIC) -> list[str]:
        """Return the data of all records, read page by page."""
        found: list[str] = []
        after = []
        while page := await self.log.read(topic, after, 7):
            found += [stored.record.data.decode() for stored in page]
            after = [page[-1].offset]
        return found


def record(data: str, at: int = 0, key: bytes = b"key") -> Record:
    return Record(key, data.encode(), at)


@asynccontextmanager
async def open_sqlite(variant: Variant, folder: Path) -> AsyncGenerator[Subject]:
    """Open a fresh SQLite engine in a folder."""
    subject = Subject(variant, folder)
    try:
        yield subject
    finally:
        await subject.close()


SQLITE: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "sqlite": partial(open_sqlite, Variant()),
    "sqlite-small-segments": partial(open_sqlite, Variant(segments=Segments(records_max=3))),
    "sqlite-inline": partial(open_sqlite, Variant(executor=Inline, segments=Segments(bytes_max=500))),
}
