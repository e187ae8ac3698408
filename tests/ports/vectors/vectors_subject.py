"""What the suite of vectors is handed: the port on files, a writer and two readers that know nothing of one another."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from msgspec import Struct
from typing_extensions import override

from bowerbird.adapters.usearch.manifest import read
from bowerbird.adapters.usearch.upkeep import Sizes
from bowerbird.adapters.usearch.vectors import UsearchVectors
from bowerbird.adapters.usearch.writes import UsearchVectorWrites
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.vectors import Picture, Vectors, VectorWrites
from bowerbird.rpc.errors import Errors
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.records_subject import Inline
from tests.support.rpc_pair import connected

ERRORS = Errors({"unavailable": EngineUnavailable, "value": ValueError})

SMALL = Sizes(file_rows=90, fresh_min=8, fresh_max=20, unsynced_max=7, records_min=30)
"""With these, graphs grow, files are left and journals are rewritten all the time."""

NEVER = Sizes(fresh_min=1 << 17, unsynced_max=1 << 30, records_min=1 << 30)
"""With these nothing is done behind."""


def one_thread() -> Executor:
    return ThreadPoolExecutor(1)


class Variant(Struct, frozen=True):
    """How the adapter is put together; tests of the suite itself put broken parts in."""

    executor: Callable[[], Executor] = one_thread
    sizes: Sizes = Sizes()
    vectors: type[UsearchVectors] = UsearchVectors
    writes: type[UsearchVectorWrites] = UsearchVectorWrites


@dataclass
class Subject:
    """An empty engine. `vectors`: reads, and has the writer write; `beside`: a reader as in another process."""

    variant: Variant
    folder: Path
    writes: UsearchVectorWrites = field(init=False)
    vectors: Vectors = field(init=False)
    beside: Vectors = field(init=False)
    across: VectorWrites | None = None
    """What readers write with, where that is not the writer itself."""
    _readers: list[UsearchVectors] = field(init=False)

    def __post_init__(self) -> None:
        made = self.variant
        self.writes = made.writes.open(self.folder, made.executor(), made.executor(), made.sizes)
        writes = self.across or self.writes
        self._readers = [made.vectors(self.folder, writes, made.executor()) for _ in range(2)]
        self.vectors, self.beside = self._readers

    async def settled(self) -> None:
        """Return when nothing is left to be done behind."""
        await self.writes.settled()

    async def close(self) -> None:
        """Close the writer and the readers."""
        await self.writes.close()
        for reader in self._readers:
            reader.close()

    async def reopen(self) -> None:
        """Close the engine and open it again on the same data."""
        await self.close()
        self.__post_init__()

    def audit(self) -> None:
        """Assert that no file is there that nothing names, and that what is named is there; when it is settled."""
        for folder in self.folder.iterdir():
            manifest = read(folder)
            assert manifest is not None
            there = {path.name for path in folder.iterdir() if not path.name.startswith("rows-")}
            graphs = {f"graph-{file}-{graph.rows}" for file, graph in manifest.graphs.items()}
            assert there == {"manifest", f"journal-{manifest.journal}", *graphs}


@asynccontextmanager
async def open_files(variant: Variant, folder: Path) -> AsyncGenerator[Subject]:
    """Open a fresh engine in a folder."""
    subject = Subject(variant, folder / "vectors")
    try:
        yield subject
    finally:
        await subject.close()


class _Writer(VectorWrites):
    """Hands calls to the writer that a subject has by then."""

    def __init__(self) -> None:
        self.subject: Subject | None = None

    @override
    async def put(self, space: str, pictures: Sequence[Picture], applied: Sequence[Offset] = ()) -> None:
        await self._writes.put(space, pictures, applied)

    @override
    async def move(
        self, space: str, pins: Sequence[Id], partition: Id, *, public: bool, applied: Sequence[Offset] = ()
    ) -> None:
        await self._writes.move(space, pins, partition, public=public, applied=applied)

    @override
    async def remove(self, space: str, pins: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await self._writes.remove(space, pins, applied)

    @override
    async def drop(self, space: str) -> None:
        await self._writes.drop(space)

    @property
    def _writes(self) -> VectorWrites:
        assert self.subject is not None
        return self.subject.writes


@asynccontextmanager
async def open_across(variant: Variant, folder: Path) -> AsyncGenerator[Subject]:
    """Open a fresh engine whose readers write over a socket, as other processes do."""
    writer = _Writer()
    async with connected(folder, serve(VectorWrites, writer), ERRORS) as pair:
        subject = Subject(variant, folder / "vectors", across=remote(VectorWrites, pair.client, ERRORS))
        writer.subject = subject
        try:
            yield subject
        finally:
            await subject.close()


USEARCH: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "usearch": partial(open_files, Variant()),
    "usearch-small": partial(open_files, Variant(sizes=SMALL)),
    "usearch-inline": partial(open_files, Variant(executor=Inline, sizes=SMALL)),
    "usearch-across": partial(open_across, Variant(sizes=SMALL)),
    "usearch-scanned": partial(open_files, Variant(executor=Inline, sizes=NEVER)),
}

TENDED = {name: opener for name, opener in USEARCH.items() if name in {"usearch-small", "usearch-inline"}}
"""Those for which little is enough."""
