"""What a journal says: which pictures there are, where their rows are, and among which partition they are found.

Arrays that were handed out do not change: what comes new makes new ones. Memory: 64 bytes a record, mapped from the
journal's file and shared; besides about 30 a picture and 4 a view.
"""

import mmap
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bowerbird.adapters.usearch import journal
from bowerbird.adapters.usearch.journal import END, NOTHING, PUT, RECORD, SIZE, Records
from bowerbird.adapters.usearch.pins import Pins
from bowerbird.base.ids import Id
from bowerbird.ports.records import EngineUnavailable

Numbers = NDArray[np.uint32]

_NO_RECORDS: Final = np.empty(0, RECORD)
_AT_ONCE: Final = 16_384
"""Records taken in together, which bounds what that takes for the moment."""

_NO_ROWS: Final = np.empty(0, np.uint32)


class Catalogue:
    """What the first `count` records of a journal's file say; it is told when there are more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pins = Pins()
        self._partitions: defaultdict[bytes, array[int]] = defaultdict(lambda: array("I"))
        self._owners: dict[int, Numbers] = {}
        self.records: Records = _NO_RECORDS
        self.alive: NDArray[np.bool_] = np.empty(0, np.bool_)
        """Of each record whether it put a picture that counts."""
        self.public_of: dict[int, bool] = {}
        """Files by number, whether they hold public rows."""
        self.live: Counter[int] = Counter()
        """Views that count, by file."""
        self.pictures = 0
        self.public_pictures = 0
        self.applied: dict[int, int] = {}
        self.files = 0
        """One more than the highest number that a file ever had."""
        self.looks = 0
        """How often the journal said that the manifest names other graphs."""

    @property
    def count(self) -> int:
        """Return how many records it knows."""
        return len(self.records)

    def take(self, count: int) -> None:
        """Take in what the file's records say up to `count`; they are sound."""
        first = self.count
        if count == first:
            return
        mapped = mmap.mmap(self._descriptor, count * SIZE, prot=mmap.PROT_READ)
        self.records = np.frombuffer(mapped, RECORD)
        self.alive = _longer(self.alive, count, 0)
        for start in range(first, count, _AT_ONCE):
            new = self.records[start : start + _AT_ONCE]
            self._put(new, start)
            self._end(new["ends"])
            for one in new[new["kind"] > END]:
                self._note(one)
        if count - first > _AT_ONCE:
            # Few of so many are looked at again: the kernel need not keep them for this process.
            mapped.madvise(mmap.MADV_DONTNEED)

    def find(self, pin: Id) -> int | None:
        """Return the record that put a pin's picture."""
        for number in self._pins.candidates(pin):
            if self.alive[number] and self.records[number]["pin"].tobytes() == pin:
                return number
        return None

    def partition(self, name: Id) -> Numbers:
        """Return the records that put a partition's pictures, shape (pictures,)."""
        numbers = np.array(self._partitions.get(name, ()), np.uint32)
        return numbers[self.alive[numbers]]

    def owner(self, file: int) -> Numbers:
        """Return for each row of a file the record that put it, shape (rows used,); NOTHING where none did."""
        return self._owners.get(file, _NO_ROWS)

    def used(self, file: int) -> int:
        """Return how many rows of a file were ever written."""
        return len(self.owner(file))

    def of_file(self, file: int) -> Numbers:
        """Return the records that put what counts of a file."""
        return np.flatnonzero(self.alive & (self.records["file"] == file)).astype(np.uint32)

    def _note(self, new: Records) -> None:
        """Take in a record that neither puts nor ends a picture."""
        file, row, number = int(new["file"]), int(new["row"]), int(new["number"])
        match int(new["kind"]):
            case journal.APPLIED:
                self.applied[file] = max(number, self.applied.get(file, number))
            case journal.LOOK:
                self.looks += 1
            case journal.FILE:
                self._reach(file, row, public=bool(new["public"]))
            case journal.GONE:
                del self._owners[file], self.public_of[file]
            case _:
                pass

    def _put(self, new: Records, first: int) -> None:
        places = np.flatnonzero(new["kind"] == PUT)
        if not len(places):
            return
        puts, numbers = new[places], (places + first).astype(np.uint32)
        self.alive[numbers] = True
        for file in map(int, np.unique(puts["file"])):
            self._own(file, puts[puts["file"] == file], numbers[puts["file"] == file])
        self._pins.add(puts["pin"], numbers, self.alive)
        for part in alike(puts["partition"]):
            self._partitions[puts["partition"][part[0]].tobytes()].frombytes(numbers[part].tobytes())
        self._count(puts, 1)

    def _own(self, file: int, puts: Records, numbers: Numbers) -> None:
        views, rows = puts["views"].astype(np.int64), puts["row"].astype(np.int64)
        for public in np.unique(puts["public"]):
            self._reach(file, int((rows + views).max()), public=bool(public))
        self._owners[file][spread(rows, views)] = np.repeat(numbers, views)

    def _reach(self, file: int, rows: int, *, public: bool) -> None:
        if self.public_of.setdefault(file, public) != public:
            raise EngineUnavailable(f"File {file} of rows has both public and private ones: drop the space.")
        self._owners[file] = _longer(self.owner(file), rows, NOTHING)
        self.files = max(self.files, file + 1)

    def _end(self, ends: Iterable[int]) -> None:
        ended = np.asarray(ends, np.uint32)
        ended = np.unique(ended[ended != NOTHING])
        ended = ended[self.alive[ended]]
        self.alive[ended] = False
        self._count(self.records[ended], -1)

    def _count(self, pictures: Records, by: int) -> None:
        self.pictures += by * len(pictures)
        self.public_pictures += by * int(np.count_nonzero(pictures["public"]))
        for file in map(int, np.unique(pictures["file"])):
            self.live[file] += by * int(pictures["views"][pictures["file"] == file].sum(dtype=np.int64))


def alike(ids: Records) -> list[NDArray[np.int64]]:
    """Return for each id among some, shape (n,), its places, in order."""
    halves = np.ascontiguousarray(ids).view("<u8").reshape(-1, 2)
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    changes = np.any(halves[order[1:]] != halves[order[:-1]], axis=1)
    return np.split(order, np.flatnonzero(changes) + 1)


def spread(firsts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers first, first + 1, ... of each, `count` of them, one behind another."""
    begins = np.cumsum(counts) - counts
    return np.arange(int(counts.sum()), dtype=np.int64) + np.repeat(firsts - begins, counts)


def _longer(values: NDArray[Any], length: int, fill: int) -> NDArray[Any]:
    """Return a copy that has at least this length, `fill` behind."""
    longer = np.full(max(length, len(values)), fill, values.dtype)
    longer[: len(values)] = values
    return longer
