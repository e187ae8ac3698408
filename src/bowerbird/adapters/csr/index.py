"""Numbers for ids: those of the snapshot by their rank, later ones as they came."""

from dataclasses import dataclass

import numpy as np

from bowerbird.adapters.csr.arrays import NO_NUMBERS, Ids, Numbers, places_in
from bowerbird.base.ids import Id


@dataclass(frozen=True, slots=True)
class Index:
    """`ranked`: the snapshot's ids, ascending. `later`: those behind, by number; the same `sorted`, with `numbers`."""

    ranked: Ids
    later: Ids
    sorted: Ids
    numbers: Numbers

    @classmethod
    def of(cls, ranked: Ids) -> "Index":
        """Return an index of a snapshot's ids alone."""
        none = np.empty(0, "S16")
        return cls(ranked, none, none, NO_NUMBERS)

    def __len__(self) -> int:
        return len(self.ranked) + len(self.later)

    def find(self, ids: Ids) -> Numbers:
        """Return the number of each id, -1 where it has none."""
        found = places_in(self.ranked, ids)
        if len(self.later):
            places = places_in(self.sorted, ids)
            late = places >= 0
            found[late] = self.numbers[places[late]]
        return found

    def grown(self, ids: Ids) -> "Index":
        """Return an index that has numbers for these ids too."""
        unknown = np.unique(ids[self.find(ids) < 0])
        if not len(unknown):
            return self
        places = np.searchsorted(self.sorted, unknown)
        numbers = np.insert(self.numbers, places, np.arange(len(self), len(self) + len(unknown)))
        later = np.concatenate([self.later, unknown])
        return Index(self.ranked, later, np.insert(self.sorted, places, unknown), numbers)

    def ids(self, numbers: Numbers) -> list[Id]:
        """Return the id of each number."""
        return self.array(numbers).view("V16").tolist()

    def array(self, numbers: Numbers) -> Ids:
        """Return the id of each number, as an array."""
        late = numbers >= len(self.ranked)
        found = np.empty(len(numbers), "S16")
        found[~late] = self.ranked[numbers[~late]]
        found[late] = self.later[numbers[late] - len(self.ranked)]
        return found
