"""The walk of Pixie (Eksombatchai et al., WWW 2018), many walkers at a time.

From a thing of the query a walker goes to one of its boards and on to a thing of that board, again and again, until it
begins anew where it began. Walkers who stand at one place go on as a crowd: it is divided evenly among the neighbours,
and chance decides only who gets what cannot be divided. Each neighbour is reached as often as if everyone had drawn by
himself, with less noise, and a crowd costs no more than the smaller of its size and the number of neighbours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from bowerbird.adapters.csr.arrays import NO_NUMBERS, Flags, Keys, Numbers, Weights, counted, summed
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.limits import Habits
from bowerbird.adapters.csr.side import Side
from bowerbird.ports.walks import QUERY_MAX, STEPS_MAX

_ROUNDS: Final = (0.25, 1.0)
"""At which parts of its steps a query thing may be found to have walked enough."""

_DEPTH_MAX: Final = 64
"""Things in a walk at most, whatever the odds."""

_BELOW_ONE: Final = 1.0 - 1e-6
"""Lots are drawn below this, so that no rounding carries one past the last."""

_COUNT_BITS: Final = np.uint64(20)
_ORIGIN_BITS: Final = np.uint64(10)
_COUNT: Final = np.uint64((1 << 20) - 1)
_ORIGIN: Final = np.uint64((1 << 10) - 1)
assert STEPS_MAX < 1 << 20  # noqa: S101 - a crowd's size
assert QUERY_MAX < 1 << 10  # noqa: S101 - and where it began share a key with the node

Leaning = Callable[[Numbers], Flags]
"""Says of things whether a walker likes them."""


@dataclass(frozen=True, slots=True)
class Crowds:
    """Walkers by where they are: from which place in the query they come, at which node they stand, and how many."""

    origins: Numbers
    nodes: Numbers
    counts: Numbers

    def packed(self) -> Keys:
        """Return each crowd as one number, so that they sort by node and then by origin."""
        keys = self.nodes.astype(np.uint64) << _ORIGIN_BITS | self.origins.astype(np.uint64)
        return keys << _COUNT_BITS | self.counts.astype(np.uint64)

    @classmethod
    def met(cls, packed: list[Keys]) -> "Crowds":
        """Return crowds once for each node and origin, in that order, with all that met there added up."""
        if not any(map(len, packed)):
            return cls(NO_NUMBERS, NO_NUMBERS, NO_NUMBERS)
        together = np.sort(np.concatenate(packed))
        keys = together >> _COUNT_BITS
        firsts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        counts = np.add.reduceat((together & _COUNT).astype(np.int64), firsts)
        keys = keys[firsts]
        return cls((keys & _ORIGIN).astype(np.int64), (keys >> _ORIGIN_BITS).astype(np.int64), counts)


@dataclass(frozen=True, slots=True)
class Walked:
    """What was met, and in how many steps; `boards` is empty unless they were to be noted."""

    things: Crowds
    boards: Crowds
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
        going = np.ones(len(self._query), np.bool_)
        met, total = Crowds.met([]), self._left
        for part in _ROUNDS:
            until = np.where(going, np.ceil(wanted * part).astype(np.int64), begun)
            self._round(until - begun, likes, note_boards=note_boards)
            begun = until
            met = Crowds.met(self._things)
            self._things = [met.packed()]
            going = ~self._enough(met)
        return Walked(met, Crowds.met(self._boards), total - self._left)

    def _enough(self, met: Crowds) -> Flags:
        often = met.origins[met.counts >= self._habits.enough_visits]
        return counted(often, len(self._query)) >= self._habits.enough_things

    def _round(self, walks: Numbers, likes: Leaning | None, *, note_boards: bool) -> None:
        """Walk so many times from each thing of the query."""
        crowds = Crowds(np.arange(len(walks)), self._query, walks)
        for depth in range(_DEPTH_MAX):
            total = int(crowds.counts.sum())
            going_on = 1.0 - self._habits.restart if depth else 1.0
            crowds = self._thinned(crowds, min(going_on, self._left / max(total, 1)))
            if not len(crowds.counts):
                return
            boards = self._spread(self._graph.by_thing, crowds)
            crowds = self._spread(self._graph.by_board, boards, likes)
            self._left -= int(crowds.counts.sum())
            self._things.append(crowds.packed())
            if note_boards:
                self._boards.append(boards.packed())

    def _thinned(self, crowds: Crowds, part: float) -> Crowds:
        """Return a part of the walkers: of each crowd as many as fall to it, and by lot what cannot be divided."""
        counts = crowds.counts
        if part < 1.0:
            ends = (np.cumsum(counts) * part + self._chance.random() * _BELOW_ONE).astype(np.int64)
            counts = ends.copy()
            counts[1:] -= ends[:-1]
        some = np.flatnonzero(counts)
        return Crowds(crowds.origins[some], crowds.nodes[some], counts[some])

    def _spread(self, side: Side, crowds: Crowds, likes: Leaning | None = None) -> Crowds:
        """Return the crowds one node further. Who stands before what he does not like looks again, a few times."""
        nodes, left = crowds.nodes, crowds.counts
        if likes is None:
            crowd, there, counts = self._divided(side, nodes, left)
            return Crowds(crowds.origins.take(crowd), there, counts)
        found: list[tuple[Numbers, Numbers, Numbers]] = []
        for _ in range(self._habits.second_looks):
            crowd, there, counts = self._divided(side, nodes, left)
            liked = likes(there)
            found.append((crowd[liked], there[liked], counts[liked]))
            left = summed(crowd[~liked], counts[~liked].astype(np.float64), len(nodes)).astype(np.int64)
        found.append(self._divided(side, nodes, left))
        crowd, there, counts = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return Crowds(crowds.origins[crowd], there, counts)

    def _divided(self, side: Side, nodes: Numbers, counts: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Divide crowds among their nodes' neighbours: return of each part its crowd, the neighbour, and how many.

        Where there are fewer walkers than neighbours, they go to every so manieth, beginning by lot; where there are
        more, each neighbour has as many as it has in a row of as many marks at even distances, beginning by lot.
        """
        degrees = side.degrees(nodes)
        parts = np.minimum(counts, degrees)
        crowd = np.repeat(np.arange(len(nodes)), parts)
        within = np.arange(len(crowd)) - (np.cumsum(parts) - parts).take(crowd)
        lot = self._chance.random(len(nodes)) * _BELOW_ONE
        width = degrees / np.maximum(parts, 1)
        there = side.neighbour(nodes, crowd, ((within + lot.take(crowd)) * width.take(crowd)).astype(np.int64))
        shares = np.ones(len(crowd), np.int64)
        many = np.flatnonzero((counts > degrees).take(crowd))
        if len(many):
            of = crowd[many]
            begin = within[many] * counts[of] + (lot * degrees).astype(np.int64)[of]
            shares[many] = (begin + counts[of]) // degrees[of] - begin // degrees[of]
        return crowd, there, shares


def share_out(graph: Graph, query: Numbers, weights: Weights, steps: int, habits: Habits) -> Numbers:
    """Divide steps among things that have neighbours: a thing on many boards needs more of them to be known."""
    parts = weights * graph.by_thing.degrees(query).astype(np.float64) ** habits.degree_share
    return np.ceil(steps * parts / parts.sum()).astype(np.int64)
