"""One side of the graph: the neighbours of each thing, or of each board, counted and numbered.

Neighbours of all nodes stand one after another in one array, those of node `n` from `starts[n]` up to `starts[n + 1]`,
ascending. Over that lies a patch: keys (node, neighbour) that came, and places of the array that are gone. Where places
are gone the last of a node's neighbours stand in for them, so that those that live are numbered from 0 without a gap.
"""

from dataclasses import dataclass

import numpy as np

from bowerbird.adapters.csr.arrays import (
    NO_KEYS,
    NO_NUMBERS,
    Flags,
    Keys,
    Numbers,
    Words,
    distinct,
    keys_of,
    lower_of,
    places_in,
    ranges,
    upper_of,
)


@dataclass(frozen=True, slots=True)
class Side:
    """`nodes`: how many there are, those of the snapshot first. The patch: `added`, ascending; `gone`, ascending.

    What follows from the patch, by touched node, ascending (`touched`: which those are, of all nodes): `live`, how many
    of the snapshot's neighbours are left; `first`, where its added ones begin; `degree`. `holes`: places that are gone
    among the first `live` of their node; `fillers`: the neighbours that stand in for them.
    """

    starts: Words
    neighbours: Words
    nodes: int
    added: Keys
    gone: Numbers
    touched: Flags
    patched: Numbers
    live: Numbers
    first: Numbers
    degree: Numbers
    holes: Numbers
    fillers: Numbers

    @classmethod
    def of(cls, starts: Words, neighbours: Words) -> "Side":
        """Return a side without a patch."""
        return cls.with_patch(starts, neighbours, len(starts) - 1, NO_KEYS, NO_NUMBERS)

    @classmethod
    def with_patch(cls, starts: Words, neighbours: Words, nodes: int, added: Keys, gone: Numbers) -> "Side":
        """Return a side with a patch, and what follows from it."""
        added_nodes = upper_of(added)
        gone_nodes = np.searchsorted(starts, gone, "right") - 1
        patched = distinct(np.concatenate([added_nodes, gone_nodes]))
        begins = starts.take(patched, mode="clip").astype(np.int64)
        widths = starts.take(patched + 1, mode="clip") - begins
        dead = _counts(gone_nodes, patched)
        came = _counts(added_nodes, patched)
        live = widths - dead
        limits = np.repeat(begins + live, dead)
        behind = ranges(begins + live, dead)
        standing_in = behind[places_in(gone, behind) < 0]
        touched = np.zeros(nodes, np.bool_)
        touched[patched] = True
        return cls(
            starts,
            neighbours,
            nodes,
            added,
            gone,
            touched,
            patched,
            live,
            np.searchsorted(added_nodes, patched),
            live + came,
            gone[gone < limits],
            neighbours[standing_in].astype(np.int64),
        )

    def degrees(self, nodes: Numbers) -> Numbers:
        """Return how many neighbours each node has."""
        begins = self.starts.take(nodes, mode="clip")
        found = (self.starts.take(nodes + 1, mode="clip") - begins).astype(np.int64)
        some = self._touched(nodes)
        if len(some):
            found[some] = self.degree[np.searchsorted(self.patched, nodes[some])]
        return found

    def neighbour(self, nodes: Numbers, which_node: Numbers, which: Numbers) -> Numbers:
        """Return neighbours: of `nodes[which_node]` the one of number `which`, from 0 up to its degree."""
        begins = self.starts.take(nodes, mode="clip").astype(np.int64)
        found = self._at(begins.take(which_node) + which)
        some = self._touched(nodes)
        if len(some):
            patched = np.zeros(len(nodes), np.bool_)
            patched[some] = True
            late = np.flatnonzero(patched.take(which_node))
            found[late] = self._patched_neighbour(nodes, which_node[late], which[late])
        return found

    def find(self, nodes: Numbers, neighbours: Numbers) -> Numbers:
        """Return the place in the snapshot of each edge, whether gone or not; -1 where it is not there."""
        low = self.starts.take(nodes, mode="clip").astype(np.int64)
        end = self.starts.take(nodes + 1, mode="clip").astype(np.int64)
        high = end.copy()
        while (open_ := low < high).any():
            middle = (low + high) >> 1
            less = open_ & (self._at(middle) < neighbours)
            low = np.where(less, middle + 1, low)
            high = np.where(open_ & ~less, middle, high)
        return np.where((low < end) & (self._at(low) == neighbours), low, -1)

    def of_nodes(self, nodes: Numbers) -> tuple[Numbers, Numbers]:
        """Return all edges of nodes that ascend, as nodes and neighbours."""
        begins = self.starts.take(nodes, mode="clip").astype(np.int64)
        widths = self.starts.take(nodes + 1, mode="clip") - begins
        places = ranges(begins, widths)
        alive = places_in(self.gone, places) < 0
        first = np.searchsorted(self.added, keys_of(nodes, np.zeros_like(nodes)))
        last = np.searchsorted(self.added, keys_of(nodes + 1, np.zeros_like(nodes)))
        came = self.added[ranges(first, last - first)]
        owners = np.repeat(nodes, widths)[alive]
        return np.concatenate([owners, upper_of(came)]), np.concatenate([self._at(places[alive]), lower_of(came)])

    def keys(self) -> Keys:
        """Return the snapshot's edges that are not gone, ascending."""
        nodes = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return np.delete(keys_of(nodes, self.neighbours), self.gone)

    def _at(self, places: Numbers) -> Numbers:
        """Return the neighbours at places; anything, for a place behind the last."""
        if not len(self.neighbours):
            return np.zeros(len(places), np.int64)
        return self.neighbours.take(places, mode="clip").astype(np.int64)

    def _touched(self, nodes: Numbers) -> Numbers:
        return np.flatnonzero(self.touched.take(nodes)) if len(self.patched) else NO_NUMBERS

    def _patched_neighbour(self, nodes: Numbers, which_node: Numbers, which: Numbers) -> Numbers:
        rows = np.searchsorted(self.patched, nodes).take(which_node)
        places = self.starts.take(nodes, mode="clip").astype(np.int64).take(which_node) + which
        found = self._at(places)
        hole = places_in(self.holes, places)
        found[hole >= 0] = self.fillers[hole[hole >= 0]]
        late = np.flatnonzero(which >= self.live.take(rows))
        rows = rows[late]
        found[late] = lower_of(self.added[self.first[rows] + which[late] - self.live[rows]])
        return found


def _counts(ordered: Numbers, wanted: Numbers) -> Numbers:
    """Return how often each of the wanted stands in an ordered array."""
    return np.searchsorted(ordered, wanted, "right") - np.searchsorted(ordered, wanted)
