"""What the suite of the text index is handed: the port on tantivy, in a folder of its own."""

from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from msgspec import Struct

from bowerbird.adapters.tantivy.index import TantivyIndex
from bowerbird.adapters.tantivy.writer import TantivyWriter
from bowerbird.ports.textindex import TextIndex
from tests.support.records_subject import Inline


class Variant(Struct, frozen=True):
    """How the adapter is put together; a test of the suite itself puts broken parts in."""

    executor: Callable[[], Executor] = Inline
    reader: type[TantivyIndex] = TantivyIndex
    writer: type[TantivyWriter] = TantivyWriter


def _nothing() -> None:
    """Leave the data as it is."""


@dataclass
class Subject:
    """An empty index, and another that reads the same beside it; `reopen` closes and opens all."""

    variant: Variant
    folder: Path
    index: TextIndex = field(init=False)
    beside: TextIndex = field(init=False)
    _writer: TantivyWriter = field(init=False)

    def __post_init__(self) -> None:
        executor = self.variant.executor
        self._writer = self.variant.writer(self.folder, executor())
        self.index = self.variant.reader.open(self.folder, self._writer, executor())
        self.beside = self.variant.reader.open(self.folder, self._writer, executor())

    async def close(self) -> None:
        """Close the index."""
        await self._writer.close()

    async def reopen(self, between: Callable[[], None] = _nothing) -> None:
        """Close the index and open it again on the same data."""
        await self.close()
        between()
        self.__post_init__()


@asynccontextmanager
async def open_tantivy(folder: Path, variant: Variant) -> AsyncGenerator[Subject]:
    """Yield an empty index."""
    subject = Subject(variant, folder)
    yield subject
    await subject.close()


TANTIVY: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "inline": partial(open_tantivy, variant=Variant()),
    "threads": partial(open_tantivy, variant=Variant(executor=partial(ThreadPoolExecutor, 1))),
}
"""Openers of the variants that keep the port's promises."""
