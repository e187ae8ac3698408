"""One index on disk, as one process reads it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tantivy import DocAddress, Index, Searcher
from tantivy import Query as Asked

from bowerbird.adapters.tantivy.schema import VERSION, analyzers, id_of, schema
from bowerbird.base.ids import Id
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.textindex import Hit

_META: Final = "meta.json"
SCHEMA: Final = schema()


def folder_of(data: Path, part: str) -> Path:
    """Return where a part lies in a data folder."""
    return data / "search" / f"{part}-{VERSION}"


class Part:
    """Sees what was committed as soon as it is asked next: the index says on disk what it consists of."""

    def __init__(self, folder: Path) -> None:
        """Open what is there; EngineUnavailable when there is nothing, or no index."""
        self._folder = folder
        self._meta = folder / _META
        try:
            self.index = Index.open(str(folder))
        except (OSError, ValueError) as error:
            raise EngineUnavailable(f"{folder} holds no index: {error}") from error
        for name, analyzer in analyzers().items():
            self.index.register_tokenizer(name, analyzer)
        self.index.config_reader("manual")
        self._seen = self._stamp()
        self.index.reload()

    def searcher(self) -> Searcher:
        """Return the index as it is now."""
        stamp = self._stamp()
        if stamp != self._seen:
            try:
                self.index.reload()
            except (OSError, ValueError) as error:  # it takes a lock, for which there may be no room on the disk
                raise EngineUnavailable(f"{self._folder} cannot be read anew: {error}") from error
            self._seen = stamp
        return self.index.searcher()

    def data(self, name: str) -> bytes | None:
        """Return the data of the document of that name, its id in hexadecimal; None when there is none."""
        searcher = self.searcher()
        found = searcher.search(Asked.term_query(SCHEMA, "id", name, "basic"), 1, count=False).hits
        return bytes(searcher.doc(found[0][1]).get_first("data") or b"") if found else None

    def size_bytes(self) -> int:
        """Return how much of the disk the index takes."""
        return sum(entry.stat().st_size for entry in os.scandir(self._folder) if entry.is_file())

    def _stamp(self) -> tuple[int, int]:
        """Return what changes with every commit: the file is replaced by another."""
        try:
            found = self._meta.stat()
        except OSError as error:
            raise EngineUnavailable(f"{self._meta} cannot be read: {error.strerror}") from error
        return found.st_ino, found.st_mtime_ns


def scored(searcher: Searcher, asked: Asked, limit: int, *, by_time: bool) -> tuple[list[Hit], list[int]]:
    """Return the best documents, or the newest, in order, and for each the number of what it is one of."""
    if by_time:
        result = searcher.search(asked, limit, count=False, order_by_field="at")
    else:
        result = searcher.search(asked, limit, count=False, weight_by_field="fresh")
    places = [where for _, where in result.hits]
    ids, times = ids_at(searcher, places), searcher.fast_field_values("at", places)
    kinds = searcher.fast_field_values("alike", places)
    hits = [
        (Hit(id_, 0.0 if by_time else float(score), int(at or 0)), int(kind or 0))
        for id_, (score, _), at, kind in zip(ids, result.hits, times, kinds, strict=True)
    ]
    hits.sort(key=lambda each: (-each[0].score, -each[0].at, each[0].id))
    return [hit for hit, _ in hits], [kind for _, kind in hits]


def ids_at(searcher: Searcher, places: Sequence[DocAddress]) -> list[Id]:
    """Return the ids of documents, without reading them."""
    both = (searcher.fast_field_values(half, list(places)) for half in ("hi", "lo"))
    return [id_of(int(high or 0), int(low or 0)) for high, low in zip(*both, strict=True)]
