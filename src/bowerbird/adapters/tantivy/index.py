"""The text index as every process reads it, on threads of its own: a search may take longer than a loop can wait."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec.structs import replace
from tantivy import Query as Asked
from tantivy import Searcher
from typing_extensions import override

from bowerbird.adapters.tantivy.part import SCHEMA, Part, folder_of, scored
from bowerbird.adapters.tantivy.queries import Queries
from bowerbird.adapters.tantivy.schema import APPLIED, analyzers, read_offsets
from bowerbird.base.ids import Id
from bowerbird.base.words import distance
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.textindex import (
    CHANGE_MAX,
    HITS_MAX,
    WANTS_MAX,
    Doc,
    Hit,
    Query,
    Size,
    TextIndex,
    TextIndexWrites,
)

Answer = TypeVar("Answer")

SHARED: Final = "shared"
OWN: Final = "own"
_SLIPS_MAX: Final = 2


class TantivyIndex(TextIndex):
    """Reads both parts in a data folder; `writes` is the one writer, or the way to it."""

    def __init__(self, shared: Part, own: Part, writes: TextIndexWrites, executor: Executor) -> None:
        self._shared = shared
        self._own = own
        self._writes = writes
        self._executor = executor
        self._queries = Queries(SCHEMA, analyzers()["stemmed"])

    @classmethod
    def open(cls, data: Path, writes: TextIndexWrites, executor: Executor) -> "TantivyIndex":
        """Open both parts; EngineUnavailable until their writer has made them."""
        return cls(Part(folder_of(data, SHARED)), Part(folder_of(data, OWN)), writes, executor)

    @override
    async def change(self, puts: Sequence[Doc], removed: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await self._writes.change(puts, removed, applied)

    @override
    async def drop(self, tag: str) -> None:
        await self._writes.drop(tag)

    @override
    async def clear(self) -> None:
        await self._writes.clear()

    @override
    async def find(self, query: Query, limit: int) -> list[Hit]:
        _refuse_bad_query(query, limit)
        asked = self._queries.shared(query)
        return await self._run(lambda: self._found(self._shared, asked, query, limit))

    @override
    async def find_own(self, reader: Id, query: Query, limit: int) -> list[Hit]:
        _refuse_bad_query(query, limit)
        asked = self._queries.own(query, reader)
        return await self._run(lambda: self._found(self._own, asked, query, limit))

    @override
    async def frequencies(self, tokens: Sequence[str]) -> tuple[int, list[int]]:
        _refuse_too_many(len(tokens), CHANGE_MAX)

        def count() -> tuple[int, list[int]]:
            searcher = self._shared.searcher()
            documents = searcher.num_docs - bool(searcher.doc_freq("id", APPLIED))
            return documents, [searcher.doc_freq("all", token) for token in tokens]

        return await self._run(count)

    @override
    async def near(self, token: str, slips: int, limit: int) -> list[tuple[str, int]]:
        _refuse_too_many(limit, HITS_MAX)
        if not 0 <= slips <= _SLIPS_MAX or not token:
            raise ValueError(f"a token and up to {_SLIPS_MAX} slips, not {token!r} and {slips}")
        return await self._run(lambda: _near(self._shared.searcher(), token, slips, limit))

    @override
    async def kept(self, ids: Sequence[Id]) -> list[bytes | None]:
        _refuse_too_many(len(ids), CHANGE_MAX)

        def read() -> list[bytes | None]:
            return [self._shared.data(name) or self._own.data(name) for name in (id_.hex() for id_ in ids)]

        return await self._run(read)

    @override
    async def size(self) -> Size:
        def measure() -> Size:
            shared, own = self._shared.searcher(), self._own.searcher()
            offsets = self._shared.data(APPLIED) is not None
            return Size(shared.num_docs - offsets, own.num_docs, self._shared.size_bytes() + self._own.size_bytes())

        return await self._run(measure)

    @override
    async def applied(self) -> list[Offset]:
        data = await self._run(lambda: self._shared.data(APPLIED))
        return [] if data is None else read_offsets(data)

    def _found(self, part: Part, asked: Asked, query: Query, limit: int) -> list[Hit]:
        hits, kinds = scored(part.searcher(), asked, limit, by_time=not query.wants)
        shared = self._shared.searcher()
        return [
            replace(hit, alike=shared.doc_freq("alike", kind)) if kind else hit
            for hit, kind in zip(hits, kinds, strict=True)
        ]

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        except (OSError, ValueError) as error:  # the library knows no others
            raise EngineUnavailable(f"the index cannot be read: {error}") from error


def number_of(alike: str) -> int:
    """Return the number that stands in an index for what a document is one of."""
    return int.from_bytes(hashlib.blake2b(alike.encode(), digest_size=8).digest(), "big") if alike else 0


def _near(searcher: Searcher, token: str, slips: int, limit: int) -> list[tuple[str, int]]:
    """Return the commonest words near a token, of documents that are there."""
    among = searcher.terms_with_prefix("all", token[0])
    near = [
        (word, count)
        for word, count in among
        if abs(len(word) - len(token)) <= slips and word != token and distance(word, token, slips) <= slips
    ]
    near.sort(key=lambda each: (-each[1], each[0]))
    living = ((word, _living(searcher, word)) for word, _ in near)
    return sorted(islice((each for each in living if each[1]), limit), key=lambda each: (-each[1], each[0]))


def _living(searcher: Searcher, word: str) -> int:
    """Return how many documents hold a word, those that were removed not counted."""
    found: Any = searcher.search(Asked.term_query(SCHEMA, "all", word, "basic"), 1)
    return int(found.count)  # which the library's stub forgets


def _refuse_bad_query(query: Query, limit: int) -> None:
    _refuse_too_many(limit, HITS_MAX)
    if not limit or len(query.wants) + len(query.without) > WANTS_MAX:
        raise ValueError(f"up to {WANTS_MAX} wants, and at least one hit")
    if any(not form.tokens or not form.tokens[0] for want in (*query.wants, *query.without) for form in want.forms):
        raise ValueError("a form without a token")
    if any(not want.forms for want in (*query.wants, *query.without)):
        raise ValueError("a want without forms")


def _refuse_too_many(count: int, most: int) -> None:
    if not 0 <= count <= most:
        raise ValueError(f"{count}, of at most {most}")
