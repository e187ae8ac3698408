"""The walk of Pixie (Eksombatchai et al., WWW 2018), many walkers at a time.

From a thing of the query a walker goes to one of its boards and on to a thing of that board, again and again, until it
begins anew where it began. Steps are divided among the query by weight and degree. How many walks are how long follows
the odds of ending exactly, so that chance decides where walkers go and nothing else.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from msgspec import Struct

from bowerbird.adapters.csr.arrays import (
    HALF,
    LOWER,
    NO_KEYS,
    NO_NUMBERS,
    Flags,
    Keys,
    Numbers,
    Weights,
    counted,
    upper_of,
)
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.limits import Habits

_ROUNDS: Final = (0.125, 0.25, 0.5, 1.0)
"""At which parts of its steps a query thing may be found to have walked enough."""

_LENGTH_MAX: Final = 64
"""Things in a walk at most, whatever the odds."""

Leaning = Callable[[Numbers], Flags]
"""Says of things whether a walker likes them."""


class Visits(Struct, frozen=True):
    """Keys (place in the query, node), ascending, and how often walks from there met the node."""

    keys: Keys
    counts: Numbers

    @classmethod
    def of(cls, met: list[Keys]) -> "Visits":
        """Return what was met, counted."""
        if not met:
            return cls(NO_KEYS, NO_NUMBERS)
        return cls(*np.unique(np.concatenate(met), return_counts=True))


class Walked(Struct, frozen=True):
    """What was met, and in how many steps; `boards` is empty unless they were to be noted."""

    things: Visits
    boards: Visits
    steps: int


class Walkers:
    """Those of one walk from `query`, numbers of things that have neighbours: `steps_max` divided by `weights`."""

    def __init__(
        self, graph: Graph, query: Numbers, weights: Weights, steps_max: int, seed: int, habits: Habits
    ) -> None:
        self._graph = graph
        self._query = query
        self._steps = share_out(graph, query, weights, steps_max, habits)
        self._chance = np.random.Generator(np.random.SFC64(seed))
        self._habits = habits
        self._left = steps_max
        self._things: list[Keys] = []
        self._boards: list[Keys] = []

    def walk(self, likes: Leaning | None, *, note_boards: bool) -> Walked:
        """Walk until the steps are made, or enough was met from each thing of the query."""
        begun = np.zeros(len(self._query), np.int64)
        wanted = self._steps * self._habits.restart
        met = Visits.of([])
        going = np.ones(len(self._query), np.bool_)
        total = self._left
        for part in _ROUNDS:
            until = np.where(going, np.ceil(wanted * part).astype(np.int64), begun)
            self._round(until - begun, likes, note_boards=note_boards)
            begun = until
            met = Visits.of(self._things)
            going = ~self._enough(met)
        return Walked(met, Visits.of(self._boards), total - self._left)

    def _enough(self, met: Visits) -> Flags:
        often = upper_of(met.keys[met.counts >= self._habits.enough_visits])
        return counted(often, len(self._query)) >= self._habits.enough_things

    def _round(self, walks: Numbers, likes: Leaning | None, *, note_boards: bool) -> None:
        """Walk so many times from each thing of the query, those with the longest way in front."""
        origin, lengths = self._lengths(walks)
        here = self._query[origin]
        mark = origin.astype(np.uint64) << HALF
        ending = counted(lengths, 1)
        going = len(origin)
        for depth in range(len(ending)):
            going = min(going - int(ending[depth]), self._left)
            if going <= 0:
                break
            self._left -= going
            here, board = self._step(here[:going], likes)
            self._things.append(mark[:going] | here.astype(np.uint64))
            if note_boards:
                self._boards.append(mark[:going] | board.astype(np.uint64))

    def _step(self, here: Numbers, likes: Leaning | None) -> tuple[Numbers, Numbers]:
        """Return the things that walkers are on next, and the boards over which they came."""
        by_thing, by_board = self._graph.by_thing, self._graph.by_board
        chance = self._draw(len(here))
        board = by_thing.draw(here, chance >> HALF)
        there = by_board.draw(board, chance & LOWER)
        for _ in range(self._habits.second_looks if likes is not None else 0):
            again = np.flatnonzero(~likes(there)) if likes is not None else there
            there[again] = by_board.draw(board[again], self._draw(len(again)) & LOWER)
        return there, board

    def _lengths(self, walks: Numbers) -> tuple[Numbers, Numbers]:
        """Return of each walk where in the query it begins, and how many steps it has, the longest first.

        Of a thing's walks each has its own part of the odds, so that together they are as long as the odds say.
        """
        origin = np.repeat(np.arange(len(walks)), walks)
        place = np.arange(len(origin)) - np.repeat(np.cumsum(walks) - walks, walks)
        odds = (place + np.repeat(self._chance.random(len(walks)), walks)) / np.repeat(walks, walks)
        going_on = 1.0 - self._habits.restart
        with np.errstate(divide="ignore"):
            lengths = 1 + np.minimum(np.log(odds) / np.log(going_on), _LENGTH_MAX - 1).astype(np.int64)
        longest = np.argsort(-lengths, kind="stable")
        return origin[longest], lengths[longest]

    def _draw(self, count: int) -> Keys:
        return self._chance.integers(0, 1 << 64, count, dtype=np.uint64)


def share_out(graph: Graph, query: Numbers, weights: Weights, steps: int, habits: Habits) -> Numbers:
    """Divide steps among things that have neighbours: a thing on many boards needs more of them to be known."""
    parts = weights * graph.by_thing.degrees(query).astype(np.float64) ** habits.degree_share
    return np.ceil(steps * parts / parts.sum()).astype(np.int64)
