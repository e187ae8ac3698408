"""usearch: graphs of rows, made in memory, kept in files, mapped; and the scan of rows that are in none.

Both compare rows of bytes by the same kernel, so that a row has the same cosine before and after it got into a graph.
"""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray
from usearch.compiled import MetricKind
from usearch.index import Index, search

from bowerbird.adapters.usearch.codec import Rows
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.vectors import DIMENSIONS

CONNECTIVITY: Final = 8
"""Neighbours kept of a row, twice as many at the lowest level: memory, against recall (decision 0015)."""

EXPANSION_ADD: Final = 128
EXPANSION_SEARCH: Final = 192
_BATCH_ROWS: Final = 256

Found = tuple[NDArray[np.uint64], NDArray[np.float32]]
"""Rows and their cosines, shapes (found,), best first."""


class Graph:
    """The graph of a file's first rows, mapped: its pages are shared by all processes, and may be let go of."""

    def __init__(self, path: Path) -> None:
        self._index = _index()
        try:
            self._index.view(path)  # pyright: ignore[reportUnknownMemberType] - a path
        except RuntimeError as error:
            if not path.exists():
                raise FileNotFoundError(path) from error
            raise EngineUnavailable(f"{path} cannot be read: {error}") from error
        # usearch lends one working space to all searches that have one thread.
        self._turn = Lock()

    def nearest(self, query: Rows, count: int) -> Found:
        """Return about the `count` nearest rows to a query of shape (DIMENSIONS,), numbered as in the file."""
        with self._turn:
            matches = self._index.search(query, min(count, len(self._index)), threads=1)
        return np.asarray(matches.keys), 1 - np.asarray(matches.distances)

    def __len__(self) -> int:
        return len(self._index)


def scan(rows: Rows, query: Rows, count: int) -> Found:
    """Return the `count` nearest of some rows to a query of shape (DIMENSIONS,), numbered from 0."""
    matches = search(np.asarray(rows), query, min(count, len(rows)), MetricKind.Cos, exact=True, threads=1)
    return np.asarray(matches.keys), 1 - np.asarray(matches.distances)


def extend(before: Path | None, rows: Rows, numbers: NDArray[np.uint64], path: Path, go_on: Callable[[], bool]) -> bool:
    """Write a graph of what an earlier one holds and of further rows, named by their numbers, durably.

    It takes a while, and memory for all of the graph. False, and nothing is written, when it is not to go on.
    EngineUnavailable when the earlier one cannot be read, or the disk is full.
    """
    temporary = path.with_suffix(".new")
    try:
        index = _index()
        if before is not None:
            index.load(before)  # pyright: ignore[reportUnknownMemberType] - a path
        for start in range(0, len(numbers), _BATCH_ROWS):
            if not go_on():
                return False
            some = numbers[start : start + _BATCH_ROWS]
            index.add(some, rows[some], threads=1)
        index.save(temporary)  # pyright: ignore[reportUnknownMemberType] - a path
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, RuntimeError) as error:
        raise EngineUnavailable(f"{path} cannot be made: {error}") from error
    return True


def _index() -> Index:
    return Index(
        ndim=DIMENSIONS,
        metric=MetricKind.Cos,
        dtype="i8",
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        expansion_search=EXPANSION_SEARCH,
        enable_key_lookups=False,
    )
