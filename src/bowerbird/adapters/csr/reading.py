"""One process's own view of the graph: what was changed is laid over it before every walk. It blocks."""

import math
from threading import Lock
from typing import Final

import numpy as np

from bowerbird.adapters.csr.arrays import Numbers, Weights, summed
from bowerbird.adapters.csr.bias import Leanings
from bowerbird.adapters.csr.changes import changed
from bowerbird.adapters.csr.folder import Folder, Manifest
from bowerbird.adapters.csr.frames import ID_BYTES, RECORD, day_of, saved
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.index import Index
from bowerbird.adapters.csr.limits import Habits
from bowerbird.adapters.csr.popular import popular
from bowerbird.adapters.csr.ranking import Ranked, ranked_boards, ranked_things
from bowerbird.adapters.csr.snapshot import Snapshot
from bowerbird.adapters.csr.tail import Tail
from bowerbird.adapters.csr.walking import Walkers
from bowerbird.base.ids import Id
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.walks import (
    FOUND_MAX,
    OWN_MAX,
    QUERY_MAX,
    STEPS_MAX,
    Bias,
    Found,
    Scored,
    Size,
    Walk,
    Wish,
)

_TRIES: Final = 5
"""Looks at a folder whose files are replaced meanwhile."""


class Reading:
    """The graph for any number of threads: each walks on the state that was the last when it began."""

    def __init__(self, folder: Folder, habits: Habits) -> None:
        self._folder = folder
        self._habits = habits
        self._lock = Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._state = Manifest()
        self._tail: Tail | None = None
        self._graph = Graph.of(Snapshot.empty())
        self._waiting = 0

    def walk(self, asked: Walk) -> Found:
        """As `ports.walks.Walks.walk`."""
        _refuse_bad(asked)
        graph = self.graph()
        if asked.own:
            graph = changed(graph, saved(asked.own))
        query, weights = _query(graph, asked.query)
        if not len(query):
            return Found([], [], 0)
        leanings = Leanings(asked.bias, graph.labels)
        walkers = Walkers(graph, query, weights, asked.steps_max, asked.seed, self._habits)
        walked = walkers.walk(None if leanings.are_none else leanings.like, note_boards=asked.boards_max > 0)
        origins = graph.things.ids(query)
        things = ranked_things(walked.things, asked.things_max, query, graph.by_thing, self._habits)
        boards = ranked_boards(walked.boards, asked.boards_max, self._habits)
        return Found(_named(things, graph.things, origins), _named(boards, graph.boards, origins), walked.steps)

    def popular(self, since: int, limit: int, bias: Bias) -> list[Scored]:
        """As `ports.walks.Walks.popular`."""
        if not 1 <= limit <= FOUND_MAX:
            raise ValueError(f"1 to {FOUND_MAX} things are returned, not {limit}.")
        day, graph = day_of(since), self.graph()
        things, saves = popular(graph, day, limit, Leanings(bias, graph.labels))
        return [Scored(*one) for one in zip(graph.things.ids(things), saves.tolist(), strict=True)]

    def size(self) -> Size:
        """As `ports.walks.Walks.size`."""
        graph = self.graph()
        return Size(
            things=len(graph.things),
            boards=len(graph.boards),
            edges=graph.walked + graph.pruned,
            walked=graph.walked,
            waiting=self._waiting,
            bytes=self._folder.bytes(),
            compacted_at=self._state.compacted_at,
        )

    def graph(self) -> Graph:
        """Return the graph with all that was acknowledged by now; EngineUnavailable."""
        with self._lock:
            for _ in range(_TRIES):
                try:
                    self._look()
                except FileNotFoundError:  # the state is not the last one any more
                    self._stamp = None
                else:
                    return self._graph
        raise EngineUnavailable(f"{self._folder.path} does not hold still.")

    def close(self) -> None:
        """Let go of the files."""
        if self._tail is not None:
            self._tail.close()
            self._tail, self._stamp = None, None

    def _look(self) -> None:
        stamp = self._folder.stamp()
        if stamp != self._stamp:
            state = self._folder.manifest()
            if self._tail is None or state.first != self._state.first:
                self._begin(state)
            self._state, self._stamp = state, stamp
        if self._tail is None:
            raise FileNotFoundError
        records = b"".join(frame.records for frame in self._tail.read(self._state.last))
        if records:
            self._graph = changed(self._graph, records)
            self._waiting += len(records) // RECORD.size

    def _begin(self, state: Manifest) -> None:
        tail = Tail(self._folder, state.first)
        try:
            number = state.snapshot
            graph = Graph.of(Snapshot.open(self._folder.snapshot(number)) if number else Snapshot.empty())
        except BaseException:
            tail.close()
            raise
        self.close()
        self._tail, self._graph, self._waiting = tail, graph, 0


def _query(graph: Graph, wishes: list[Wish]) -> tuple[Numbers, Weights]:
    """Return the numbers of things that have neighbours, each once, ascending, and their weights added up."""
    things = graph.things.find(np.array([wish.thing for wish in wishes], "S16"))
    weights = np.array([wish.weight for wish in wishes])
    known = np.flatnonzero(things >= 0)
    known = known[graph.by_thing.degrees(things[known]) > 0]
    query, place = np.unique(things[known], return_inverse=True)
    return query, summed(place, weights[known], len(query))


def _named(found: Ranked, index: Index, origins: list[Id]) -> list[Scored]:
    nodes, scores, reasons = found
    because = [[origins[place] for place in places] for places in reasons]
    return [Scored(*one) for one in zip(index.ids(nodes), scores.tolist(), because, strict=True)]


def _refuse_bad(asked: Walk) -> None:
    bounds = (
        ("things in a query", len(asked.query), 0, QUERY_MAX),
        ("edges of one's own", len(asked.own), 0, OWN_MAX),
        ("steps", asked.steps_max, 1, STEPS_MAX),
        ("things returned", asked.things_max, 0, FOUND_MAX),
        ("boards returned", asked.boards_max, 0, FOUND_MAX),
    )
    for what, value, least, most in bounds:
        if not least <= value <= most:
            raise ValueError(f"{least} to {most} {what}, not {value}.")
    if asked.seed < 0:
        raise ValueError("A seed is 0 or more.")
    if any(len(wish.thing) != ID_BYTES for wish in asked.query):
        raise ValueError(f"An id has {ID_BYTES} bytes.")
    if not all(wish.weight > 0 and math.isfinite(wish.weight) for wish in asked.query):
        raise ValueError("A weight is above 0, and a number.")
