"""The nearest pins: rows found in graphs and by scans, those of pictures that count no more left out, one a pin."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bowerbird.adapters.usearch.catalogue import Numbers, spread
from bowerbird.adapters.usearch.codec import Rows
from bowerbird.adapters.usearch.graph import Found, Graph, scan
from bowerbird.adapters.usearch.journal import NOTHING, Records
from bowerbird.base.ids import Id
from bowerbird.ports.vectors import VIEWS_MAX, Near

_OVER: Final = 3
"""How many rows are asked for at first, for each pin that is wanted."""

_ROWS_MAX: Final = 8192
"""How many rows of a graph are asked for at most, if ever so many of them count no more."""

_SCANNED_ROWS: Final = 2048
"""How many rows of a partition are looked at together, which bounds their copy."""

Hits = tuple[Numbers, NDArray[np.float32]]
"""Records and cosines, shapes (hits,)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: `queries` are rows, shape (views, DIMENSIONS)."""

    queries: Rows
    limit: int
    floor: float


@dataclass(frozen=True, slots=True)
class PublicFile:
    """Public rows as of one moment: all that were written, by which records, and the graph of the first of them."""

    rows: Rows
    owner: Numbers
    graph: Graph | None
    covered: int


@dataclass(frozen=True, slots=True)
class Moment:
    """What a question is answered from: `named` records count and are of the partitions, `rows` are of their files."""

    records: Records
    alive: NDArray[np.bool_]
    public: Sequence[PublicFile]
    named: Numbers
    rows: Mapping[int, Rows]


def among_public(question: Question, file: PublicFile, alive: NDArray[np.bool_]) -> Iterator[Hits]:
    """Yield hits in a file of public rows: about the best of the graph, exactly the best of what is in none yet."""
    graph, fresh = file.graph, file.rows[file.covered : len(file.owner)]
    for query in question.queries:
        if graph is not None:
            owner = file.owner[: file.covered]
            yield _enough(question, lambda n, query=query: graph.nearest(query, n), (owner, alive), _ROWS_MAX)
        if len(fresh):
            owner = file.owner[file.covered :]
            yield _enough(question, lambda n, query=query: scan(fresh, query, n), (owner, alive), len(fresh))


def among_records(question: Question, moment: Moment) -> Iterator[Hits]:
    """Yield the best of what the named records put, exactly."""
    records, step = moment.records, _SCANNED_ROWS // VIEWS_MAX
    for file, rows in moment.rows.items():
        own = moment.named[records["file"][moment.named] == file]
        for start in range(0, len(own), step):
            some = own[start : start + step]
            views = records["views"][some].astype(np.int64)
            copy = rows[spread(records["row"][some].astype(np.int64), views)]
            owner = np.repeat(some, views)
            for query in question.queries:
                found, cosines = scan(copy, query, question.limit * VIEWS_MAX)
                yield owner[found], cosines


def best(question: Question, records: Records, hits: Sequence[Hits]) -> list[Near]:
    """Return the best hit of each pin, best first."""
    if not hits:
        return []
    numbers = np.concatenate([one[0] for one in hits])
    cosines = np.concatenate([one[1] for one in hits])
    kept = cosines >= question.floor
    numbers, cosines = numbers[kept], np.clip(cosines[kept], -1, 1)
    order = np.argsort(-cosines, kind="stable")
    _, firsts = np.unique(numbers[order], return_index=True)
    found = order[firsts]
    nearest = [
        Near(Id(pin), cosine)
        for pin, cosine in zip(records["pin"][numbers[found]].tolist(), cosines[found].tolist(), strict=True)
    ]
    nearest.sort(key=lambda near: (-near.cosine, near.pin))
    return nearest[: question.limit]


def _enough(
    question: Question, ask: Callable[[int], Found], known: tuple[Numbers, NDArray[np.bool_]], rows_max: int
) -> Hits:
    """Ask for more and more rows, until those that count are of enough pictures, or none above the floor is left."""
    owner, alive = known
    count = min(question.limit * _OVER, rows_max)
    while True:
        rows, cosines = ask(count)
        numbers = owner[rows]
        counts = (numbers != NOTHING) & (cosines >= question.floor)
        counts[counts] = alive[numbers[counts]]
        over = len(rows) < count or count == rows_max or float(cosines[-1]) < question.floor
        if over or len(np.unique(numbers[counts])) >= question.limit:
            return numbers[counts], cosines[counts]
        count = min(2 * count, rows_max)
