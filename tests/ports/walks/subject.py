"""What the suite of walks is handed: a writer with a reader of its own process, and a reader beside them."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from msgspec import Struct

from bowerbird.adapters.csr import hand
from bowerbird.adapters.csr.arrays import lower_of, ranges, turned, upper_of
from bowerbird.adapters.csr.folder import Folder
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.limits import Compaction, Habits, Pruning
from bowerbird.adapters.csr.reading import Reading
from bowerbird.adapters.csr.side import Side
from bowerbird.adapters.csr.walks import CsrWalks
from bowerbird.adapters.csr.writes import CsrWalkWrites
from bowerbird.base.hand import HandDied
from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.walks import Change, Walks, WalkWrites
from bowerbird.rpc.errors import Errors
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.records_subject import Inline
from tests.support.rpc_pair import connected

Edges = dict[tuple[Id, Id], int]
"""(thing, board) and the day."""

ERRORS = Errors({"unavailable": EngineUnavailable, "value": ValueError})

UNPRUNED = Pruning(entropy_bits_max=float("inf"), exponent=1.0)


class HandHere:
    """A hand in this process, which can be held up."""

    def __init__(self) -> None:
        self.may_go = asyncio.Event()
        self.may_go.set()
        self.asked = asyncio.Event()
        self.fails = False

    async def ask(self, request: bytes, timeout_ms: int) -> bytes:
        """Answer when it may."""
        assert timeout_ms > 0
        self.asked.set()
        await self.may_go.wait()
        if self.fails:
            raise HandDied("on purpose")
        try:
            return hand.answer(request)
        except OSError as error:
            raise HandDied(str(error)) from error


class Variant(Struct, frozen=True):
    """How the adapter is put together; tests of the suite itself put broken parts in."""

    executor: Callable[[], Executor] = partial(ThreadPoolExecutor, 2)
    habits: Habits = Habits()
    pruning: Pruning = UNPRUNED
    compaction: Compaction = Compaction()
    walks: type[CsrWalks] = CsrWalks
    writes: type[CsrWalkWrites] = CsrWalkWrites


@dataclass
class Subject:
    """An empty engine; `reopen` closes and opens it."""

    variant: Variant
    folder: Path
    hand: HandHere = field(default_factory=HandHere)
    remote: WalkWrites | None = None
    writes: CsrWalkWrites = field(init=False)
    walks: CsrWalks = field(init=False)
    beside: CsrWalks = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Open the engine on what is in the folder."""
        one = self.variant
        thread = Inline() if one.executor is Inline else ThreadPoolExecutor(1)
        self.writes = one.writes.open(self.folder, self.hand, World(), thread, one.pruning, one.compaction)
        self.walks, self.beside = (
            one.walks(self.folder, self.remote or self.writes, one.executor(), one.habits) for _ in ("own", "beside")
        )

    @property
    def readers(self) -> tuple[Walks, Walks]:
        """Return both readers."""
        return self.walks, self.beside

    async def close(self) -> None:
        """Close all three."""
        self.hand.may_go.set()
        await self.writes.close()
        self.walks.close()
        self.beside.close()

    async def reopen(self) -> None:
        """Close the engine and open it again on the same data."""
        await self.close()
        self.open()

    def graph(self) -> Graph:
        """Return what a reader sees who opens the folder now."""
        reading = Reading(Folder(self.folder), Habits())
        try:
            return reading.graph()
        finally:
            reading.close()


def edges_of(graph: Graph) -> Edges:
    """Return all edges of a graph, having asserted that each is there once."""
    keys, days = graph.edges()
    things, boards = graph.things.ids(upper_of(keys)), graph.boards.ids(lower_of(keys))
    found = dict(zip(zip(things, boards, strict=True), days.tolist(), strict=True))
    assert len(found) == len(keys)
    return found


def labels_of(graph: Graph) -> dict[Id, int]:
    """Return the labels that are known."""
    numbers = np.arange(len(graph.things))
    labels = zip(graph.things.ids(numbers), graph.labels.of(numbers).tolist(), strict=True)
    return {thing: label for thing, label in labels if label}


def audit(graph: Graph) -> None:
    """Assert that both sides hold the same edges, and that each neighbour has one number."""
    forth, back = _numbered(graph.by_thing), _numbered(graph.by_board)
    assert forth == Counter({(thing, board): count for (board, thing), count in back.items()})
    assert set(forth.values()) <= {1}
    assert np.array_equal(np.sort(turned(graph.by_thing.added)), graph.by_board.added)
    keys, _ = graph.edges()
    pruned = np.delete(graph.snapshot.pruned, graph.gone)
    walked = np.setdiff1d(keys, pruned)
    assert sorted(forth) == list(zip(upper_of(walked).tolist(), lower_of(walked).tolist(), strict=True))
    for index in (graph.things, graph.boards):
        assert index.find(index.array(np.arange(len(index)))).tolist() == list(range(len(index)))


def _numbered(side: Side) -> Counter[tuple[int, int]]:
    """Return the neighbours of every node by their numbers."""
    nodes = np.arange(side.nodes)
    degrees = side.degrees(nodes)
    which_node = np.repeat(nodes, degrees)
    found = side.neighbour(nodes, which_node, ranges(np.zeros_like(degrees), degrees))
    return Counter(zip(which_node.tolist(), found.tolist(), strict=True))


class _Writer:
    """The writer that a subject has at the moment."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        await self._subject.writes.change(changes, applied)

    async def compact(self) -> None:
        await self._subject.writes.compact()

    async def clear(self) -> None:
        await self._subject.writes.clear()


@asynccontextmanager
async def open_apart(folder: Path) -> AsyncGenerator[Subject]:
    """Open an engine whose readers are told of its writer over a socket, as other processes are."""
    subject = Subject(Variant(), folder / "graph")

    async with connected(folder, serve(WalkWrites, _Writer(subject)), ERRORS) as pair:
        subject.remote = remote(WalkWrites, pair.client, ERRORS)
        await subject.reopen()
        try:
            yield subject
        finally:
            await subject.close()


@asynccontextmanager
async def open_csr(variant: Variant, folder: Path) -> AsyncGenerator[Subject]:
    """Open a fresh engine in a folder."""
    subject = Subject(variant, folder / "graph")
    try:
        yield subject
    finally:
        await subject.close()


CSR: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "csr": partial(open_csr, Variant()),
    "csr-apart": open_apart,
    "csr-inline": partial(open_csr, Variant(executor=Inline)),
    "csr-compacts-always": partial(open_csr, Variant(compaction=Compaction(changes_min=1, share=0.0))),
}
