"""What the suite of tastes is handed: the port on views.db, with its writer's reader and one beside it."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import apsw
from msgspec import Struct
from typing_extensions import override

from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.taste_writes import SIGHTS_OVER, SqliteTasteWrites
from bowerbird.adapters.sqlite.tastes import SqliteTastes
from bowerbird.adapters.sqlite.views import ask, open_views_reader, open_views_writer
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.tastes import SIGHTS_KEPT, Save, Sight, Tastes, TasteWrites
from bowerbird.rpc.errors import Errors
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.records_subject import Inline
from tests.support.rpc_pair import connected

ERRORS = Errors({"unavailable": EngineUnavailable, "value": ValueError})


class Variant(Struct, frozen=True):
    """How the adapter is put together; tests of the suite itself put broken parts in."""

    executor: Callable[[], Executor] | None = None
    sights_kept: int = SIGHTS_KEPT
    sights_over: int = SIGHTS_OVER
    tastes: type[SqliteTastes] = SqliteTastes
    writes: type[SqliteTasteWrites] = SqliteTasteWrites


@dataclass
class Subject:
    """An empty engine; `reopen` closes and opens it, `audit` asserts what it keeps for itself.

    `tastes`: reads, and has the writer write; `beside`: a reader as in another process. `across`: what both write
    with, where that is not the writer itself.
    """

    variant: Variant
    folder: Path
    across: TasteWrites | None = None
    writer: GroupCommit = field(init=False)
    writes: SqliteTasteWrites = field(init=False)
    tastes: Tastes = field(init=False)
    beside: Tastes = field(init=False)
    _connections: list[apsw.Connection] = field(init=False)

    def __post_init__(self) -> None:
        made = self.variant
        self.writer = open_views_writer(self.folder, executor=made.executor() if made.executor else None)
        self.writes = made.writes(self.writer, made.sights_kept, made.sights_over)
        self._connections = [open_views_reader(self.folder) for _ in range(2)]
        self.tastes, self.beside = (made.tastes(one, self.across or self.writes) for one in self._connections)

    @property
    def readers(self) -> tuple[Tastes, Tastes]:
        """Return both readers."""
        return self.tastes, self.beside

    async def close(self) -> None:
        """Close all connections."""
        await self.writer.close()
        for connection in self._connections:
            connection.close()

    async def reopen(self) -> None:
        """Close the engine and open it again on the same data."""
        await self.close()
        self.__post_init__()

    def audit(self) -> None:
        """Assert that saves and shelves agree, that counts are right, and that nothing is kept that nothing needs."""
        for question in _FAULTS:
            assert ask(self._connections[0], question, ()) == [], question


_FAULTS = (
    "SELECT * FROM shelf WHERE board IS NULL",
    "SELECT * FROM shelf WHERE number NOT IN (SELECT shelf FROM save)",
    "SELECT * FROM save WHERE shelf NOT IN (SELECT number FROM shelf)",
    "SELECT * FROM save s JOIN shelf f ON f.number = s.shelf WHERE f.board <> s.board OR f.person IS NOT s.person",
    "SELECT * FROM save s JOIN shelf f ON f.number = s.shelf WHERE f.public <> s.listed",
    "SELECT * FROM viewer WHERE person IS NULL OR sights = 0",
    "SELECT * FROM viewer WHERE sights <> (SELECT count(*) FROM sight WHERE viewer = number)",
    "SELECT * FROM sight WHERE viewer NOT IN (SELECT number FROM viewer)",
)


class _Writer(TasteWrites):
    """Hands calls to the writer that a subject has by then."""

    def __init__(self) -> None:
        self.subject: Subject | None = None

    @override
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await self._writes.put(saves, gone, applied)

    @override
    async def publish(self, board: Id, *, public: bool) -> None:
        await self._writes.publish(board, public=public)

    @override
    async def saw(self, sights: Sequence[Sight]) -> None:
        await self._writes.saw(sights)

    @override
    async def forget(self, person: Id) -> None:
        await self._writes.forget(person)

    @property
    def _writes(self) -> TasteWrites:
        assert self.subject is not None
        return self.subject.writes


@asynccontextmanager
async def open_here(variant: Variant, folder: Path) -> AsyncGenerator[Subject]:
    """Open a fresh engine in a folder."""
    subject = Subject(variant, folder)
    try:
        yield subject
    finally:
        await subject.close()


@asynccontextmanager
async def open_across(variant: Variant, folder: Path) -> AsyncGenerator[Subject]:
    """Open a fresh engine whose readers write over a socket, as other processes do."""
    writer = _Writer()
    async with connected(folder, serve(TasteWrites, writer), ERRORS) as pair:
        subject = Subject(variant, folder, across=remote(TasteWrites, pair.client, ERRORS))
        writer.subject = subject
        try:
            yield subject
        finally:
            await subject.close()


SQLITE: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "sqlite": partial(open_here, Variant()),
    "sqlite-inline": partial(open_here, Variant(executor=Inline)),
    "sqlite-across": partial(open_across, Variant()),
}
