"""Walks: 100,000 steps on a graph of ten million edges, beside plain reads at random places, and beside networkx."""

import asyncio
import gc
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure, Goal, Section, figure, ratio
from bench.peers import networkx_walk
from bench.recommend.engine import MEMORY_BYTES_MAX
from bowerbird.adapters.csr.files import Files
from bowerbird.adapters.csr.folder import Folder
from bowerbird.adapters.csr.frames import SAVED, UNSAVED, framed
from bowerbird.adapters.csr.limits import Habits, Pruning
from bowerbird.adapters.csr.order import argv
from bowerbird.adapters.csr.reading import Reading
from bowerbird.adapters.csr.writes import CsrWalkWrites
from bowerbird.base.ids import Id
from bowerbird.base.processes import Processes
from bowerbird.base.world import World
from bowerbird.ports.walks import CHANGES_MAX, Bias, Saved, Walk, Wish
from bowerbird.runtime.hands import HandLimits, Hands

EDGES: Final = 10_000_000
THINGS: Final = 2_000_000
BOARDS: Final = 300_000
FEWER: Final = 10
"""networkx has a graph of so many times fewer edges: all of it would take some 8 GB there."""

STEPS: Final = 100_000
READS_A_STEP: Final = 6
"""Of a thing where its boards begin and end and one of them, and of a board the same."""

WALKS: Final = 200
QUERY: Final = 20
REPEATS: Final = 5
DAY: Final = 100_000
TOPICS: Final = 500
SEED: Final = 3
UNPRUNED: Final = Pruning(entropy_bits_max=float("inf"), exponent=1.0)

RECORD: Final = np.dtype([("op", "u1"), ("thing", "S16"), ("board", "S16"), ("value", "<u8")])
Ids = NDArray[np.bytes_]
Numbers = NDArray[np.int64]

HOW: Final = (
    f"{EDGES:,} saves of {THINGS:,} things on {BOARDS:,} boards, both after a power law, {TOPICS} topics; every walk "
    f"of {STEPS:,} steps from {QUERY} things drawn by how often they were saved, on one thread, in processor time, "
    "with counting and ranking; no walk ends early. `late`: with a day's changes beside the snapshot. `plain reads`: "
    f"as many reads as the walk makes ({READS_A_STEP} a step) at places drawn uniformly, by numpy from the same mapped "
    "arrays, with the drawing, and without it. `networkx`: the usual loop over `graph.neighbors`, on a graph of the "
    f"same kind with {EDGES // FEWER:,} edges, beside ours on that graph."
)


def measure(_folder: object, _known: object) -> Section:
    """Measure in a folder of its own."""
    with TemporaryDirectory() as name:
        figures = asyncio.run(_at_size(Path(name) / "large"))
        gc.collect()
        return Section("Walks", HOW, [*figures, *asyncio.run(_beside_networkx(Path(name) / "small"))])


async def _at_size(path: Path) -> list[Figure]:
    made = _Made(EDGES, THINGS, BOARDS)
    world = World()
    hands = Hands(Processes(), argv(), HandLimits(hands_max=1, memory_bytes_max=MEMORY_BYTES_MAX))
    _fill(path, made)
    writes = CsrWalkWrites.open(path, hands, world, pruning=UNPRUNED)
    began = time.perf_counter()
    await writes.compact()
    compacted_s = time.perf_counter() - began
    reading = Reading(Folder(path), Habits(enough_things=THINGS))
    size = reading.size()
    figures = [
        figure("the snapshot is made, in a process of its own", "s", [compacted_s]),
        figure("the files of the graph, of 10 M edges", "MB", [size.bytes / 1e6 * 1e7 / size.edges], Goal(most=200)),
    ]
    walks, reads = _walked(reading, made), _Reads(reading)
    figures += [
        *_spread("a walk", walks, Goal(most=60)),
        *_spread("a walk with a bias", _walked(reading, made, Bias(topics=list(range(1, 50)), shunned=[60]))),
        *_spread("a walk from one thing", _walked(reading, made, query=1)),
        *_beside_reads(reading, made, reads),
    ]
    await writes.close()
    figures += await _a_day(path, hands, made, world)
    await hands.close()
    memory_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    return [*figures, figure("memory of the process that makes snapshots, at most", "MB", [memory_mb])]


def _beside_reads(reading: Reading, made: "_Made", reads: "_Reads") -> list[Figure]:
    pairs = [(reads.drawn(), reads.ready(), _one(reading, made, number)) for number in range(60)]
    drawn, ready, ours = (np.array(column) for column in zip(*pairs, strict=True))
    parts = [slice(start, start + 12) for start in range(0, 60, 12)]
    medians = [[float(np.median(column[part])) for part in parts] for column in (drawn, ready, ours)]
    return [
        figure("as many plain reads", "ms", medians[0]),
        figure("as many plain reads, places drawn before", "ms", medians[1]),
        ratio("a walk's speed, of plain reads'", medians[0], medians[2], Goal(least=0.6)),
        ratio("a walk's speed, of plain reads' with places drawn before", medians[1], medians[2]),
    ]


async def _a_day(path: Path, hands: Hands, made: "_Made", world: World) -> list[Figure]:
    """Lay a day's changes over the graph: most are saves, a third of new things, and some are taken off."""
    readers = [Reading(Folder(path), Habits(enough_things=THINGS)) for _ in range(REPEATS)]
    for reader in readers:
        reader.graph()
    records = made.day()
    began = time.process_time()
    files = Files(Folder(path))
    for start in range(0, DAY, CHANGES_MAX):
        files.append(framed(records[start : start + CHANGES_MAX].tobytes(), []), CHANGES_MAX, [])
    files.close()
    written_s = time.process_time() - began
    writes = CsrWalkWrites.open(path, hands, world, pruning=UNPRUNED)
    applied = [_cpu_ms(reader.graph) / 1e3 for reader in readers]
    reading, single = readers[0], list[float]()
    for number in range(30):
        await writes.change([Saved(_id_at(made.things, number), _id_at(made.boards, number), world.now_us())])
        single.append(_cpu_ms(reading.graph))
    figures = [
        figure(f"a day's changes ({DAY:,}) written", "s", [written_s]),
        figure(f"a day's changes ({DAY:,}) applied by a reader", "s", applied, Goal(most=1)),
        figure("one more change applied, late", "ms", single),
        *_spread("a walk, late", _walked(reading, made), Goal(most=60)),
    ]
    compacting = asyncio.ensure_future(writes.compact())
    meanwhile, gaps = list[float](), list[float]()
    last = time.perf_counter()
    while not compacting.done():
        meanwhile.append(_one(reading, made, len(meanwhile)))
        last = time.perf_counter()
        await asyncio.sleep(0.005)
        gaps.append((time.perf_counter() - last - 0.005) * 1e3)
    await compacting
    await writes.close()
    return [
        *figures,
        *_spread("a walk, while the next snapshot is made", meanwhile),
        figure("the next snapshot taken up by a reader", "ms", [_cpu_ms(reading.graph)]),
        figure("the writer's loop held up meanwhile, at most", "ms", [max(gaps)]),
    ]


async def _beside_networkx(path: Path) -> list[Figure]:
    made = _Made(EDGES // FEWER, THINGS // FEWER, BOARDS // FEWER)
    hands = Hands(Processes(), argv(), HandLimits(hands_max=1, memory_bytes_max=MEMORY_BYTES_MAX))
    _fill(path, made)
    writes = CsrWalkWrites.open(path, hands, World(), pruning=UNPRUNED)
    await writes.compact()
    reading = Reading(Folder(path), Habits(enough_things=THINGS))
    graph = networkx_walk.graph_of(list(zip(made.thing.tolist(), made.board.tolist(), strict=True)))
    ours, theirs = list[float](), list[float]()
    for number in range(REPEATS):
        query = made.query(QUERY, number).tolist()
        theirs.append(_cpu_ms(lambda query=query: networkx_walk.walk(graph, query, STEPS, Habits().restart)))
        ours.append(float(np.median([_one(reading, made, number) for _ in range(9)])))
    await writes.close()
    await hands.close()
    return [
        figure(f"a walk, {EDGES // FEWER:,} edges", "ms", ours),
        figure(f"networkx, {EDGES // FEWER:,} edges", "ms", theirs),
        ratio("networkx's time, of ours", theirs, ours, Goal(least=100)),
    ]


class _Made:
    """A graph: each save draws a thing and a board, those with low numbers the more often."""

    def __init__(self, edges: int, things: int, boards: int) -> None:
        self._chance = np.random.default_rng(SEED)
        keys = np.unique(self._draw(things, edges, 2.2) << 32 | self._draw(boards, edges, 1.6))
        self.thing, self.board = keys >> 32, keys & 0xFFFF_FFFF
        self.things, self.boards = self._ids(things + DAY), self._ids(boards)
        self._count = things

    def records(self) -> NDArray[np.void]:
        """Return all saves, in the order in which they came, and what every thing is about."""
        order = self._chance.permutation(len(self.thing))
        return self._records(SAVED, self.thing[order], self.board[order])

    def labels(self) -> NDArray[np.void]:
        """Return a topic for every thing."""
        found = np.zeros(self._count, RECORD)
        found["op"], found["thing"] = 4, self.things[: self._count]
        found["value"] = self._chance.integers(1, TOPICS + 1, self._count)
        return found

    def day(self) -> NDArray[np.void]:
        """Return a day's changes."""
        fresh = DAY // 3
        new = self._records(SAVED, self._count + np.arange(fresh), self._draw(len(self.boards), fresh, 1.6))
        gone = self._chance.choice(len(self.thing), DAY // 20, replace=False)
        rest = DAY - fresh - len(gone)
        more = self._records(SAVED, self._draw(self._count, rest, 2.2), self._draw(len(self.boards), rest, 1.6))
        records = np.concatenate([new, more, self._records(UNSAVED, self.thing[gone], self.board[gone])])
        return records[self._chance.permutation(DAY)]

    def query(self, count: int, seed: int) -> Numbers:
        """Return things of saves drawn at random."""
        return np.random.default_rng(seed).choice(self.thing, count)

    def _records(self, op: int, thing: Numbers, board: Numbers) -> NDArray[np.void]:
        found = np.zeros(len(thing), RECORD)
        found["op"], found["thing"], found["board"] = op, self.things[thing], self.boards[board]
        found["value"] = 20_000
        return found

    def _draw(self, below: int, count: int, power: float) -> Numbers:
        return (below * self._chance.random(count) ** power).astype(np.int64)

    def _ids(self, count: int) -> Ids:
        return np.frombuffer(self._chance.bytes(16 * count), "S16")


def _fill(path: Path, made: _Made) -> None:
    """Write a graph as the writer does, in frames of as many changes as one call has."""
    files = Files(Folder(path))
    for records in (made.records(), made.labels()):
        for start in range(0, len(records), CHANGES_MAX):
            part = records[start : start + CHANGES_MAX]
            files.append(framed(part.tobytes(), []), len(part), [])
    files.close()


def _walked(reading: Reading, made: _Made, bias: Bias | None = None, query: int = QUERY) -> list[float]:
    """Return how long each of many walks took, in milliseconds."""
    return [_one(reading, made, number, bias, query) for number in range(WALKS)]


def _one(reading: Reading, made: _Made, number: int, bias: Bias | None = None, query: int = QUERY) -> float:
    wishes = [Wish(_id_at(made.things, thing)) for thing in made.query(query, number).tolist()]
    asked = Walk(query=wishes, seed=number, bias=bias or Bias(), steps_max=STEPS)
    return _cpu_ms(lambda: reading.walk(asked))


class _Reads:
    """As many plain reads as a walk makes, from each array a sixth; each call tells how long they took."""

    def __init__(self, reading: Reading) -> None:
        snapshot = reading.graph().snapshot
        self._chance = np.random.default_rng(SEED)
        things = [snapshot.thing_starts, snapshot.thing_starts, snapshot.boards_of]
        self._arrays = [*things, snapshot.board_starts, snapshot.board_starts, snapshot.things_of]

    def drawn(self) -> float:
        """Draw the places too."""
        return _cpu_ms(lambda: [array.take(self._places(array)) for array in self._arrays])

    def ready(self) -> float:
        """Read at places that were drawn before."""
        places = [self._places(array) for array in self._arrays]
        return _cpu_ms(lambda: [array.take(some) for array, some in zip(self._arrays, places, strict=True)])

    def _places(self, array: NDArray[np.uint32]) -> Numbers:
        return self._chance.integers(0, len(array), STEPS)


def _spread(what: str, took_ms: Sequence[float], goal: Goal | None = None) -> list[Figure]:
    """Return the median and the 99th percentile, each as it was in several parts of the run."""
    parts = np.array_split(np.array(took_ms), REPEATS)
    return [
        figure(f"{what}: p50", "ms", [float(np.percentile(part, 50)) for part in parts]),
        figure(f"{what}: p99", "ms", [float(np.percentile(part, 99)) for part in parts], goal),
    ]


def _id_at(ids: Ids, place: int) -> Id:
    """Return an id; of a slice, since an item loses the zeros at its end."""
    return Id(ids[place : place + 1].tobytes())


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1e3
