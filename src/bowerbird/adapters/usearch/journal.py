"""The journal: what happened to pictures, in records of one size, each with a sum of its own and one of its rows.

A record is named by its number, and a picture by that of the record that put it. What ends a picture names it, so that
who reads on needs to look nothing up.
"""

import os
from collections.abc import Callable
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bowerbird.adapters.usearch.manifest import CLOSED

PUT: Final = 1
END: Final = 2
APPLIED: Final = 3
LOOK: Final = 4
"""The manifest names other graphs."""

FILE: Final = 5
"""So many rows of a file are used, by pictures that an earlier journal knew."""

GONE: Final = 6
"""A file is no more."""

NOTHING: Final = 0xFFFF_FFFF
"""The number of no record."""

RECORD: Final = np.dtype(
    [
        ("kind", "u1"),
        ("public", "u1"),
        ("views", "<u2"),
        ("file", "<u4"),  # of rows, or the log's partition
        ("row", "<u4"),  # the first of them, or how many are used
        ("ends", "<u4"),
        ("pin", "V16"),
        ("partition", "V16"),
        ("number", "<i8"),  # the log's, of what was applied
        ("rows_sum", "<u4"),
        ("sum", "<u4"),
    ]
)

Records = NDArray[np.void]
"""Shape (records,), of RECORD."""

SIZE: Final = RECORD.itemsize
_SUMMED: Final = SIZE - 4


class Journal:
    """The journal's file, for its one writer."""

    def __init__(self, descriptor: int, count: int) -> None:
        self._descriptor = descriptor
        self.count = count

    def append(self, records: Records) -> None:
        """Add records at the end; OSError when not all of them are there, `count` says how many are."""
        left = memoryview(summed(records).tobytes())
        end = self.count * SIZE
        try:
            while left:
                written = os.pwrite(self._descriptor, left, end)
                left, end = left[written:], end + written
        finally:
            self.count = end // SIZE
            if end % SIZE:
                os.ftruncate(self._descriptor, self.count * SIZE)

    def sync(self) -> None:
        """Bring it to the disk."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Close the file, if it is open."""
        descriptor, self._descriptor = self._descriptor, CLOSED
        if descriptor != CLOSED:
            os.close(descriptor)


def record(kind: int, **fields: Any) -> NDArray[np.void]:  # noqa: ANN401 - a column's value has the type of the column
    """Return one record, shape (), of which only these fields say something."""
    made = np.zeros((), RECORD)
    made["kind"], made["ends"] = kind, NOTHING
    for name, value in fields.items():
        made[name] = np.void(value) if isinstance(value, bytes) else value
    return made


def summed(records: Records) -> Records:
    """Return records with their sums."""
    records = np.ascontiguousarray(records)
    data = records.tobytes()
    records["sum"] = [crc32(data[start : start + _SUMMED]) for start in range(0, len(data), SIZE)]
    return records


def sound(records: Records, rows_sum: Callable[[int, int, int], int | None]) -> int:
    """Return how many records there are before the first that is broken, or whose rows are.

    `rows_sum` returns the sum of some rows of a file: (file, row, views); None where they are not.
    """
    data = records.tobytes()
    for number, one in enumerate(records):
        start = number * SIZE
        if crc32(data[start : start + _SUMMED]) != one["sum"]:
            return number
        if one["kind"] == PUT and rows_sum(int(one["file"]), int(one["row"]), int(one["views"])) != one["rows_sum"]:
            return number
    return len(records)


def read(descriptor: int, first: int, count: int) -> Records:
    """Return records as they lie in the file; fewer where it ends before."""
    data = os.pread(descriptor, count * SIZE, first * SIZE)
    return np.frombuffer(data[: len(data) // SIZE * SIZE], RECORD)
