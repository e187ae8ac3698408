"""A million pins searched by words: through the service, the port, tantivy by hand, and SQLite's FTS5 beside them."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import tantivy

from bench.data import Known
from bench.english import English
from bench.figures import Figure, Goal, Section, figure, ratio
from bowerbird.adapters.tantivy.index import SHARED, TantivyIndex
from bowerbird.adapters.tantivy.part import Part, folder_of
from bowerbird.adapters.tantivy.schema import FIELDS
from bowerbird.adapters.tantivy.writer import TantivyWriter
from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.caller import READ, Caller
from bowerbird.ports.textindex import CHANGE_MAX, Doc, Form, Query, Want
from bowerbird.services.search.kit import Kit
from bowerbird.services.search.service import SearchService
from bowerbird.services.search.settings import SearchSettings
from bowerbird.services.search.store import Store

PINS: Final = 1_000_000
ROUNDS: Final = 3
QUERIES: Final = 300
PAGE: Final = 25
_BEGIN_US: Final = 1_767_225_600_000_000
_SPREAD_US: Final = 365 * 86_400_000_000 // PINS
_SEARCHER: Final = Caller(person=Id(b"somebody, no pin"), scopes=READ)

Ask = Callable[[list[str]], Awaitable[object]]


def measure(_folder: Path, _known: Known) -> Section:
    """Index the pins, ask the same of everything, and compare."""
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(_measure(Path(folder)))
    how = (
        f"{PINS:,} pins with titles of 2 to 7 words and notes of 8 to 20, words as they follow each other in the "
        "manual of Python's language, and each tenth with one of 100,000 names. Queries: 1 to 3 words of a title, one "
        f"after the other, {QUERIES} a round, the four in turn. By hand: tantivy's own parser, all words, the same "
        "fields and weights, 25 ids. FTS5: bm25, 25 ids, no slips forgiven. The service: for somebody signed in, three "
        "questions of the index, 300 candidates ranked. A slip: two letters of the longest word swapped."
    )
    return Section("Search by words", how, figures)


def docs(english: English) -> Iterator[Doc]:
    """Yield the pins as documents."""
    for number in range(PINS):
        title, note = english.title(), english.span(8, 20)
        id_ = Id(number.to_bytes(16, "big"))
        yield Doc(id_, _BEGIN_US + number * _SPREAD_US, ("kind:pin",), title, note, [], [])


async def _measure(folder: Path) -> list[Figure]:
    world = World()
    writer = TantivyWriter(folder, world.pool(1, "writer"))
    index = TantivyIndex.open(folder, writer, world.pool(1, "search"))
    began = time.monotonic()
    rest = docs(English())
    while some := list(islice(rest, CHANGE_MAX)):
        await index.change(some, [])
    indexed_s = time.monotonic() - began
    await writer.close()
    asks: dict[str, Ask] = {
        "service": _service(index, world),
        "port": _port(index),
        "by hand": _by_hand(folder),
        "FTS5": _fts5(folder),
    }
    took = await _in_turn(asks)
    slips = await _times(asks["service"], [English(9).slip(words) for words in English(8).queries(QUERIES)])
    typing = await _times(_suggest(index, world), [[_begun(words)] for words in English(7).queries(QUERIES)])
    size = await index.size()
    return [
        *_compared(took),
        figure("a query with a slip: p50", "ms", [_at(slips, 0.5)]),
        figure("a query with a slip: p99", "ms", [_at(slips, 0.99)], Goal(most=50)),
        figure("suggestions while typing: p99", "ms", [_at(typing, 0.99)], Goal(most=15)),
        figure("indexing, pins a second", "/s", [PINS / indexed_s]),
        figure("the index on disk", "MB", [size.bytes / 1e6]),
    ]


async def _in_turn(asks: dict[str, Ask]) -> dict[str, list[list[float]]]:
    """Return how long each took for each query, in milliseconds, round by round."""
    took: dict[str, list[list[float]]] = {name: [] for name in asks}
    for turn in range(ROUNDS + 1):
        queries = list(English(turn + 1).queries(QUERIES))
        for name, ask in asks.items():
            times = await _times(ask, queries)
            if turn:  # the first warms
                took[name].append(times)
    return took


def _compared(took: dict[str, list[list[float]]]) -> list[Figure]:
    figures: list[Figure] = []
    for name, rounds in took.items():
        goal = Goal(most=50) if name == "service" else None
        figures += [
            figure(f"{name}: p50", "ms", [_at(times, 0.5) for times in rounds]),
            figure(f"{name}: p99", "ms", [_at(times, 0.99) for times in rounds], goal),
        ]
    means = {name: [sum(times) / len(times) for times in rounds] for name, rounds in took.items()}
    return [
        *figures,
        ratio("searches a second: service, of FTS5's", means["FTS5"], means["service"], Goal(least=5)),
        ratio("searches a second: port, of tantivy's by hand", means["by hand"], means["port"], Goal(least=0.8)),
    ]


async def _times(ask: Ask, queries: Sequence[list[str]]) -> list[float]:
    times: list[float] = []
    for words in queries:
        began = time.perf_counter()
        await ask(words)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _at(times: Sequence[float], share: float) -> float:
    return sorted(times)[round(share * (len(times) - 1))]


def _search(index: TantivyIndex, world: World) -> SearchService:
    nobody: Any = None
    return SearchService(Kit(Store(index, nobody, world), nobody, nobody, nobody, world, SearchSettings()))


def _service(index: TantivyIndex, world: World) -> Ask:
    search = _search(index, world)
    return lambda words: search.find(_SEARCHER, " ".join(words), "pin", None, PAGE)


def _suggest(index: TantivyIndex, world: World) -> Ask:
    search = _search(index, world)
    return lambda words: search.suggest(_SEARCHER, words[0], 30)


def _begun(words: list[str]) -> str:
    """Return what has been typed of the first word: two to four letters."""
    return words[0][: 2 + len(words[0]) % 3]


def _port(index: TantivyIndex) -> Ask:
    def ask(words: list[str]) -> Awaitable[object]:
        wants = tuple(Want((Form("word", (word,)),)) for word in words)
        return index.find(Query(wants=wants, tags=("kind:pin",)), PAGE)

    return ask


def _by_hand(folder: Path) -> Ask:
    index = Part(folder_of(folder, SHARED)).index

    async def ask(words: list[str]) -> object:
        searcher = index.searcher()
        query = index.parse_query(" AND ".join(words), [*FIELDS, "stem"], field_boosts=FIELDS)
        query = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, query),
                (tantivy.Occur.Must, tantivy.Query.term_query(index.schema, "tags", "kind:pin", "basic")),
            ]
        )
        places = [place for _, place in searcher.search(query, PAGE, count=False, weight_by_field="fresh").hits]
        return searcher.fast_field_values("lo", places)

    return ask


def _fts5(folder: Path) -> Ask:
    made = sqlite3.connect(folder / "fts5.db", isolation_level=None)
    made.execute("PRAGMA journal_mode = OFF")
    made.execute("CREATE VIRTUAL TABLE pin USING fts5 (title, note, content = '', detail = full)")
    made.execute("BEGIN")
    rows = ((int.from_bytes(doc.id, "big"), " ".join(doc.name), " ".join(doc.text)) for doc in docs(English()))
    made.executemany("INSERT INTO pin (rowid, title, note) VALUES (?, ?, ?)", rows)
    made.execute("COMMIT")

    async def ask(words: list[str]) -> object:
        matching = " ".join(f'"{word}"' for word in words)
        question = "SELECT rowid FROM pin WHERE pin MATCH ? ORDER BY bm25(pin, 3.0, 1.5) LIMIT 25"
        return made.execute(question, (matching,)).fetchall()

    return ask
