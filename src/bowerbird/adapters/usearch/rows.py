"""A file of rows: vectors one behind another, written once each, read through a map of the file."""

import mmap
import os
from pathlib import Path
from typing import Final, Self
from zlib import crc32

import numpy as np

from bowerbird.adapters.usearch.codec import Rows
from bowerbird.adapters.usearch.manifest import CLOSED
from bowerbird.ports.vectors import DIMENSIONS

_STEP_ROWS: Final = 1024
"""By how much a file is made longer, so that it need not be mapped anew for each picture."""


class RowsFile:
    """One file, for writing in one process and for reading in any."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rows = np.empty((0, DIMENSIONS), np.int8)
        # What an earlier process wrote may not be on the disk either.
        self._is_synced = False

    @classmethod
    def open(cls, path: Path, *, writing: bool = False) -> Self:
        """Open the file, made when it is opened for writing; OSError."""
        return cls(os.open(path, (os.O_RDWR | os.O_CREAT if writing else os.O_RDONLY) | os.O_CLOEXEC, 0o600))

    def write(self, row: int, rows: Rows) -> None:
        """Write rows at a place; OSError where the disk is full."""
        until = -(-(row + len(rows)) // _STEP_ROWS) * _STEP_ROWS * DIMENSIONS
        if os.fstat(self._descriptor).st_size < until:
            os.ftruncate(self._descriptor, until)
        self._is_synced = False
        data, at = rows.data.cast("B"), row * DIMENSIONS
        while data:
            written = os.pwrite(self._descriptor, data, at)
            data, at = data[written:], at + written

    def read(self, count: int) -> Rows:
        """Return at least the first `count` rows, fewer where the file is shorter; what is written later shows."""
        if len(self._rows) < count:
            size = os.fstat(self._descriptor).st_size // DIMENSIONS * DIMENSIONS
            if size:
                mapped = mmap.mmap(self._descriptor, size, prot=mmap.PROT_READ)
                self._rows = np.frombuffer(mapped, np.int8).reshape(-1, DIMENSIONS)
        return self._rows

    def sum(self, row: int, count: int) -> int | None:
        """Return the sum of some rows; None where the file does not have them."""
        rows = self.read(row + count)
        return crc32(rows[row : row + count].data) if len(rows) >= row + count else None

    def sync(self) -> None:
        """Bring it to the disk."""
        if not self._is_synced:
            os.fdatasync(self._descriptor)
            self._is_synced = True

    def close(self) -> None:
        """Close the file, if it is open; rows that were read stay readable."""
        descriptor, self._descriptor = self._descriptor, CLOSED
        if descriptor != CLOSED:
            os.close(descriptor)
