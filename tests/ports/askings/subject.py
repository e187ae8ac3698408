"""What the suite of askings is handed: the port on views.db, with its writer's reader and one beside it."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import apsw
from msgspec import Struct
from typing_extensions import override

from bowerbird.adapters.sqlite.asking_writes import SqliteAskingWrites
from bowerbird.adapters.sqlite.askings import SqliteAskings
from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.soundness import examine, rules_of_views
from bowerbird.adapters.sqlite.views import ask, open_views_reader, open_views_writer
from bowerbird.base.ids import Id
from bowerbird.ports.askings import QUERIES_KEPT, Asking, Askings, AskingWrites
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.rpc.errors import Errors
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.records_subject import Inline
from tests.support.rpc_pair import connected

ERRORS = Errors({"unavailable": EngineUnavailable, "value": ValueError})


class Variant(Struct, frozen=True):
    """How the adapter is put together; tests of the suite itself put broken parts in."""

    executor: Callable[[], Executor] | None = None
    queries_kept: int = QUERIES_KEPT
    askings: type[SqliteAskings] = SqliteAskings
    writes: type[SqliteAskingWrites] = SqliteAskingWrites


@dataclass
class Subject:
    """An empty engine; `reopen` closes and opens it, `audit` asserts what it keeps for itself.

    `askings`: reads, and has the writer write; `beside`: a reader as in another process. `across`: what both write
    with, where that is not the writer itself.
    """

    variant: Variant
    folder: Path
    across: AskingWrites | None = None
    writer: GroupCommit = field(init=False)
    writes: SqliteAskingWrites = field(init=False)
    askings: Askings = field(init=False)
    beside: Askings = field(init=False)
    _connections: list[apsw.Connection] = field(init=False)

    def __post_init__(self) -> None:
        made = self.variant
        self.writer = open_views_writer(self.folder, executor=made.executor() if made.executor else None)
        self.writes = made.writes(self.writer, made.queries_kept)
        self._connections = [open_views_reader(self.folder) for _ in range(2)]
        self.askings, self.beside = (made.askings(one, self.across or self.writes) for one in self._connections)

    @property
    def readers(self) -> tuple[Askings, Askings]:
        """Return both readers."""
        return self.askings, self.beside

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
        """Assert that counts and beginnings are right, and that nothing is kept that nothing needs."""
        assert list(examine(self.folder / "views.db", rules_of_views)) == []
        for question in _FAULTS:
            assert ask(self._connections[0], question, ()) == [], question


_FAULTS = (
    "SELECT * FROM asked WHERE people = 0",
    "SELECT * FROM asker WHERE NOT gone AND number NOT IN (SELECT asker FROM asking)",
    "SELECT * FROM asking WHERE asker NOT IN (SELECT number FROM asker WHERE NOT gone)",
    "SELECT * FROM asking WHERE query NOT IN (SELECT number FROM asked)",
    "SELECT * FROM opening WHERE substr(query, 1, length(prefix)) <> prefix",
)


class _Writer(AskingWrites):
    """Hands calls to the writer that a subject has by then."""

    def __init__(self) -> None:
        self.subject: Subject | None = None

    @override
    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        await self._writes.note(askings, applied)

    @override
    async def forget(self, person: Id) -> None:
        await self._writes.forget(person)

    @override
    async def expire(self, before_us: int, limit: int) -> int:
        return await self._writes.expire(before_us, limit)

    @property
    def _writes(self) -> AskingWrites:
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
    async with connected(folder, serve(AskingWrites, writer), ERRORS) as pair:
        subject = Subject(variant, folder, across=remote(AskingWrites, pair.client, ERRORS))
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
