"""What suites of ports on views.db are handed whose writing half is a port of its own: two readers and one writer."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import apsw
from msgspec import Struct

from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.views import ask, open_views_reader, open_views_writer
from bowerbird.ports.records import EngineUnavailable
from bowerbird.rpc.errors import Errors
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.rpc_pair import connected

ERRORS: Final = Errors({"unavailable": EngineUnavailable, "value": ValueError})


class Made(Struct, frozen=True):
    """How an adapter is put together; tests of the suite itself put broken parts in."""

    executor: Callable[[], Executor] | None = None


Variant = TypeVar("Variant", bound=Made)
Reads = TypeVar("Reads")
Writes = TypeVar("Writes")


@dataclass
class Pair(ABC, Generic[Variant, Reads, Writes]):
    """An empty engine; `reopen` closes and opens it.

    `readers`: one as in the writer's process, and one as in another. `across`: what both write with, where that is not
    the writer itself.
    """

    variant: Variant
    folder: Path
    across: Writes | None = None
    writer: GroupCommit = field(init=False)
    writes: Writes = field(init=False)
    readers: tuple[Reads, Reads] = field(init=False)
    _connections: list[apsw.Connection] = field(init=False)

    def __post_init__(self) -> None:
        executor = self.variant.executor
        self.writer = open_views_writer(self.folder, executor=executor() if executor else None)
        self.writes = self.writing(self.writer)
        self._connections = [open_views_reader(self.folder) for _ in range(2)]
        one, other = (self.reading(connection, self.across or self.writes) for connection in self._connections)
        self.readers = one, other

    @abstractmethod
    def writing(self, writer: GroupCommit) -> Writes:
        """Return the adapter's writing half."""

    @abstractmethod
    def reading(self, connection: apsw.Connection, writes: Writes) -> Reads:
        """Return the adapter's reading half."""

    async def close(self) -> None:
        """Close all connections."""
        await self.writer.close()
        for connection in self._connections:
            connection.close()

    async def reopen(self) -> None:
        """Close the engine and open it again on the same data."""
        await self.close()
        self.__post_init__()

    def holds_none(self, *faults: str) -> None:
        """Assert that questions about what should not be there find nothing."""
        for question in faults:
            assert ask(self._connections[0], question, ()) == [], question


Subject = TypeVar("Subject", bound=Pair[Any, Any, Any])


class _Late:
    """Hands calls to the writer that a subject has by then."""

    subject: Pair[Any, Any, Any]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the writer has
        return partial(self._call, name)

    async def _call(self, name: str, *arguments: object, **named: object) -> Any:  # noqa: ANN401 - as above
        return await getattr(self.subject.writes, name)(*arguments, **named)


@asynccontextmanager
async def open_here(
    kind: Callable[[Variant, Path], Subject], variant: Variant, folder: Path
) -> AsyncGenerator[Subject]:
    """Open a fresh engine in a folder."""
    subject = kind(variant, folder)
    try:
        yield subject
    finally:
        await subject.close()


@asynccontextmanager
async def open_across(
    kind: Callable[[Variant, Path, Writes], Subject], protocol: type[Writes], variant: Variant, folder: Path
) -> AsyncGenerator[Subject]:
    """Open a fresh engine whose readers write over a socket, as other processes do."""
    late: Any = _Late()
    async with connected(folder, serve(protocol, late), ERRORS) as pair:
        subject = kind(variant, folder, remote(protocol, pair.client, ERRORS))
        late.subject = subject
        try:
            yield subject
        finally:
            await subject.close()
