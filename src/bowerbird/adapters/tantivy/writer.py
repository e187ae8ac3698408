"""The one writer of the text index: changes both parts one call after another, each durable when it is answered."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

import structlog
from tantivy import Index, IndexWriter
from typing_extensions import override

from bowerbird.adapters.tantivy.index import OWN, SHARED, number_of
from bowerbird.adapters.tantivy.part import SCHEMA, Part, folder_of
from bowerbird.adapters.tantivy.queries import Queries
from bowerbird.adapters.tantivy.schema import (
    APPLIED,
    analyzers,
    document,
    offsets_document,
    read_offsets,
)
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.textindex import CHANGE_MAX, READERS_MAX, TOKENS_MAX, Doc, TextIndexWrites

_HEAP_BYTES: Final = 15_000_000
"""The least that tantivy takes; a change is smaller."""

_log = structlog.get_logger()


class TantivyWriter(TextIndexWrites):
    """Opens both parts, made anew where they are of another version or broken: they can be built again."""

    def __init__(self, data: Path, executor: Executor) -> None:
        """`executor`: one thread, in which everything is done."""
        self._executor = executor
        self._queries = Queries(SCHEMA, analyzers()["stemmed"])
        self._shared, self._own = _Side(data, SHARED), _Side(data, OWN)
        self.waiting = 0

    @override
    async def change(self, puts: Sequence[Doc], removed: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        _refuse_too_much(puts, removed)
        await self._run(lambda: self._change(puts, removed, applied))

    @override
    async def drop(self, tag: str) -> None:
        def work() -> None:
            for side in (self._shared, self._own):
                side.drop(self._queries, tag)

        await self._run(work)

    @override
    async def clear(self) -> None:
        def work() -> None:
            for side in (self._shared, self._own):
                side.clear()

        await self._run(work)

    async def close(self) -> None:
        """Finish what was begun."""

        def work() -> None:
            for side in (self._shared, self._own):
                side.close()

        await self._run(work)
        self._executor.shutdown()

    def _change(self, puts: Sequence[Doc], removed: Sequence[Id], applied: Sequence[Offset]) -> None:
        """Change the readers' own part first: what leaves the shared part for it is gone there when all is done.

        Offsets stand in the shared part, which is committed last, so they never say more than both hold.
        """
        gone = [*removed, *(doc.id for doc in puts)]
        self._own.change([doc for doc in puts if doc.readers is not None], gone, ())
        self._shared.change([doc for doc in puts if doc.readers is None], gone, applied)

    async def _run(self, work: Callable[[], None]) -> None:
        self.waiting += 1
        try:
            await asyncio.get_running_loop().run_in_executor(self._executor, work)
        except (OSError, ValueError) as error:  # the library knows no others
            raise EngineUnavailable(f"the index cannot be written: {error}") from error
        finally:
            self.waiting -= 1


class _Side:
    """A part with its writer, which is there from the first change on."""

    def __init__(self, data: Path, name: str) -> None:
        self._folder = folder_of(data, name)
        self._part = _opened(self._folder)
        self._writer: IndexWriter | None = None

    def change(self, puts: Sequence[Doc], gone: Sequence[Id], applied: Sequence[Offset]) -> None:
        """Take out what is there of `gone`, put the documents, and commit, if any of it is anything."""
        there = self._part.searcher()
        old = [id_.hex() for id_ in dict.fromkeys(gone) if there.doc_freq("id", id_.hex())]
        if not (puts or old or applied):
            return
        with _Unit(self) as writer:
            for name in old:
                writer.delete_documents_by_term("id", name)
            for doc in {doc.id: doc for doc in puts}.values():
                writer.add_document(document(doc, number_of(doc.alike)))
            if applied:
                self._note(writer, applied)

    def drop(self, queries: Queries, tag: str) -> None:
        """Take out all documents with a tag."""
        if self._part.searcher().doc_freq("tags", tag):
            with _Unit(self) as writer:
                writer.delete_documents_by_query(queries.tag(tag))

    def clear(self) -> None:
        """Take out everything."""
        with _Unit(self) as writer:
            writer.delete_all_documents()

    def writer(self) -> IndexWriter:
        """Return the writer; EngineUnavailable when another process has it."""
        if self._writer is None:
            try:
                self._writer = self._part.index.writer(_HEAP_BYTES, 1)
            except ValueError as error:
                raise EngineUnavailable(f"{self._folder}: {error}") from error
        return self._writer

    def forget(self) -> None:
        """Let go of a writer that failed: the next change gets another, which begins at the last commit."""
        self._writer = None

    def close(self) -> None:
        """Wait for what the writer does in the background."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    def _note(self, writer: IndexWriter, applied: Sequence[Offset]) -> None:
        known = {offset.partition: offset.number for offset in self._applied()}
        for offset in applied:
            known[offset.partition] = max(known.get(offset.partition, -1), offset.number)
        writer.delete_documents_by_term("id", APPLIED)
        writer.add_document(offsets_document([Offset(*each) for each in known.items()]))

    def _applied(self) -> list[Offset]:
        data = self._part.data(APPLIED)
        return [] if data is None else read_offsets(data)


class _Unit:
    """A change to one part: committed at its end, or as if it had never been."""

    def __init__(self, side: _Side) -> None:
        self._side = side

    def __enter__(self) -> IndexWriter:
        return self._side.writer()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        writer = self._side.writer()
        try:
            if kind is None:
                writer.commit()
                return
            writer.rollback()
        except ValueError as error:
            self._side.forget()
            raise EngineUnavailable(f"the index cannot be written: {error}") from error


def _opened(folder: Path) -> Part:
    """Open an index, or make it; what cannot be opened is put away, for it can be built again."""
    try:
        return Part(folder)
    except EngineUnavailable as error:
        if folder.exists():
            _log.warning("index_begun_anew", folder=str(folder), error=str(error))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    Index(SCHEMA, str(folder))
    return Part(folder)


def _refuse_too_much(puts: Sequence[Doc], removed: Sequence[Id]) -> None:
    if len(puts) > CHANGE_MAX or len(removed) > CHANGE_MAX:
        raise ValueError(f"{len(puts)} and {len(removed)} documents, of at most {CHANGE_MAX} each")
    for doc in puts:
        tokens = sum(map(len, (doc.name, doc.text, doc.around, doc.joined)))
        if tokens > TOKENS_MAX or (doc.readers is not None and len(doc.readers) > READERS_MAX):
            raise ValueError(f"{tokens} tokens, or more readers than {READERS_MAX}")
