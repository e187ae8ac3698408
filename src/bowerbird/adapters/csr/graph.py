"""The graph as one process sees it at one moment: a snapshot, and over it what came since. It never changes."""

from dataclasses import dataclass

import numpy as np

from bowerbird.adapters.csr.arrays import NO_KEYS, NO_NUMBERS, Days, Flags, Keys, Numbers, Words, places_in
from bowerbird.adapters.csr.index import Index
from bowerbird.adapters.csr.side import Side
from bowerbird.adapters.csr.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Labels:
    """Language << 16 | topic by thing: the snapshot's, and over them those of `things`, which ascend.

    `anew`: which things those are, of all.
    """

    base: Words
    things: Numbers
    values: Words
    anew: Flags

    def of(self, things: Numbers) -> Words:
        """Return the label of each thing, 0 where nothing is known."""
        found = self.base.take(things, mode="clip") if len(self.base) else np.zeros(len(things), np.uint32)
        some = np.flatnonzero(self.anew.take(things))
        if len(some):
            found[some] = self.values[np.searchsorted(self.things, things[some])]
        return found

    def changed(self, things: Numbers, values: Words, count: int) -> "Labels":
        """Return labels of `count` things, of which these, once each, are new. What the base lacks is told here."""
        born = np.arange(len(self.anew), count)
        told = np.concatenate([self.things, born, things])
        said = np.concatenate([self.values, np.zeros(len(born), np.uint32), values])
        # The last word on each.
        names, last = np.unique(told[::-1], return_index=True)
        anew = np.zeros(count, np.bool_)
        anew[names] = True
        return Labels(self.base, names, said[::-1][last], anew)


@dataclass(frozen=True, slots=True)
class Graph:
    """`by_thing` and `by_board` hold the same edges, `days` those of `by_thing.added`.

    `gone`: places in the snapshot's pruned edges that are edges no more, ascending.
    """

    snapshot: Snapshot
    things: Index
    boards: Index
    by_thing: Side
    by_board: Side
    days: Days
    gone: Numbers
    labels: Labels

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Graph":
        """Return what a snapshot holds."""
        none, count = NO_NUMBERS, len(snapshot.thing_ids)
        return cls(
            snapshot,
            Index.of(snapshot.thing_ids),
            Index.of(snapshot.board_ids),
            Side.of(snapshot.thing_starts, snapshot.boards_of),
            Side.of(snapshot.board_starts, snapshot.things_of),
            np.empty(0, np.uint16),
            NO_NUMBERS,
            Labels(snapshot.labels, none, np.empty(0, np.uint32), np.zeros(count, np.bool_)),
        )

    def edges(self) -> tuple[Keys, Days]:
        """Return every edge, pruned ones too, as keys (thing, board) in no order, and their days."""
        snapshot, side = self.snapshot, self.by_thing
        keys = np.concatenate([side.keys(), np.delete(snapshot.pruned, self.gone), side.added])
        days = [np.delete(snapshot.days, side.gone), np.delete(snapshot.pruned_days, self.gone), self.days]
        return keys, np.concatenate(days)

    @property
    def walked(self) -> int:
        """How many edges walks take."""
        return len(self.snapshot.boards_of) - len(self.by_thing.gone) + len(self.by_thing.added)

    @property
    def pruned(self) -> int:
        """How many edges walks do not take."""
        return len(self.snapshot.pruned) - len(self.gone)

    def pruned_of_boards(self, boards: Numbers) -> Keys:
        """Return the pruned edges of boards that ascend."""
        if not len(boards) or not self.pruned:
            return NO_KEYS
        keys = np.delete(self.snapshot.pruned, self.gone)
        return keys[places_in(boards, (keys & np.uint64(0xFFFF_FFFF)).astype(np.int64)) >= 0]
