"""What the suites of timelines and graph are handed: the port on views.db, in folders of their own."""

from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import apsw
from msgspec import Struct

from bowerbird.adapters.sqlite.graph import SqliteGraph, SqliteGraphWrites
from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.timeline_writes import DEAD_MAX, SqliteTimelineWrites
from bowerbird.adapters.sqlite.timelines import SqliteTimelines
from bowerbird.adapters.sqlite.views import ask, open_views_reader, open_views_writer
from bowerbird.ports.graph import Graph
from bowerbird.ports.timelines import Timelines
from tests.support.records_subject import Inline


class Variant(Struct, frozen=True):
    """How the adapters are put together; tests of the suites themselves put broken parts in."""

    executor: Callable[[], Executor] | None = None
    dead_max: int = DEAD_MAX
    timelines: type[SqliteTimelines] = SqliteTimelines
    timeline_writes: type[SqliteTimelineWrites] = SqliteTimelineWrites
    graph: type[SqliteGraph] = SqliteGraph
    graph_writes: type[SqliteGraphWrites] = SqliteGraphWrites


@dataclass
class Subject:
    """An empty engine with both ports; `reopen` closes and opens it, `audit` asserts what it keeps for itself."""

    variant: Variant
    folder: Path
    writer: GroupCommit = field(init=False)
    reader: apsw.Connection = field(init=False)
    timelines: Timelines = field(init=False)
    graph: Graph = field(init=False)

    def __post_init__(self) -> None:
        executor = self.variant.executor
        self.writer = open_views_writer(self.folder, executor=executor() if executor else None)
        self.reader = open_views_reader(self.folder)
        writes = self.variant.timeline_writes(self.writer, self.variant.dead_max)
        self.timelines = self.variant.timelines(self.reader, writes)
        self.graph = self.variant.graph(self.reader, self.variant.graph_writes(self.writer))

    async def close(self) -> None:
        """Close both connections."""
        await self.writer.close()
        self.reader.close()

    async def reopen(self) -> None:
        """Close the engine and open it again on the same data."""
        await self.close()
        self.__post_init__()

    def audit(self) -> None:
        """Assert that what is counted is what there is, and that nothing is kept that nothing needs."""
        for question in _FAULTS:
            assert ask(self.reader, question, ()) == [], question


_UNDER = "(e.at, p.pin) <= (t.floor_at, t.floor_pin)"
_OF_TIMELINE = "FROM entry e JOIN post p ON p.id = e.post WHERE e.timeline = t.number"
_FAULTS = (
    f"SELECT * FROM timeline t WHERE live <> (SELECT count(*) {_OF_TIMELINE} AND NOT {_UNDER})",  # noqa: S608 - constants
    f"SELECT * FROM timeline t WHERE dead <> (SELECT count(*) {_OF_TIMELINE} AND {_UNDER})",  # noqa: S608 - constants
    "SELECT * FROM timeline WHERE live = 0 AND dead = 0 AND floor_pin = x'' AND kept IS NULL",
    "SELECT * FROM timeline WHERE kind = ''",
    "SELECT * FROM post p WHERE uses = 0 OR uses <> (SELECT count(*) FROM entry e WHERE e.post = p.id)",
    "SELECT * FROM entry WHERE timeline NOT IN (SELECT number FROM timeline)",
    "SELECT * FROM entry e JOIN post p ON p.id = e.post WHERE e.at <> p.at",
    "SELECT * FROM follow JOIN cleared ON person IN (follower, followee)",
    "SELECT * FROM degree WHERE following <> (SELECT count(*) FROM follow WHERE follower = person AND stands)",
    "SELECT * FROM degree WHERE followers <> (SELECT count(*) FROM follow WHERE followee = person AND stands)",
)


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
    "sqlite-buries-at-once": partial(open_sqlite, Variant(dead_max=1)),
    "sqlite-inline": partial(open_sqlite, Variant(executor=Inline, dead_max=3)),
}
