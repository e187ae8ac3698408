"""Following the files of changes: what was appended since the last look, frame by frame, from file to file."""

import os
from typing import Final

from bowerbird.adapters.csr.folder import Folder, Manifest
from bowerbird.adapters.csr.frames import Frame, frames

_PIECE_BYTES: Final = 1 << 22


class Tail:
    """A place in the files of changes, `at` bytes into one. It blocks, and serves one thread at a time."""

    def __init__(self, folder: Folder, first: int) -> None:
        """Begin before a file's first frame; FileNotFoundError when it is gone."""
        self._folder = folder
        self._number = first
        self._file = _open(folder, first)
        self.at = 0

    def read(self, last: int) -> list[Frame]:
        """Return the frames behind the place, up to the end of file `last`, and move behind them."""
        found = self._rest()
        while self._number < last:
            following = _open(self._folder, self._number + 1)
            self.close()
            self._file, self._number, self.at = following, self._number + 1, 0
            found += self._rest()
        return found

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _rest(self) -> list[Frame]:
        size = os.fstat(self._file).st_size - self.at
        if size <= 0:
            return []
        pieces: list[bytes] = []
        while size > 0 and (piece := os.pread(self._file, min(size, _PIECE_BYTES), self.at + sum(map(len, pieces)))):
            pieces.append(piece)
            size -= len(piece)
        found = list(frames(b"".join(pieces)))
        if found:
            self.at += found[-1].end
        return found


def all_frames(folder: Folder, manifest: Manifest) -> list[Frame]:
    """Return every frame of a state; FileNotFoundError when it is no longer the last one."""
    tail = Tail(folder, manifest.first)
    try:
        return tail.read(manifest.last)
    finally:
        tail.close()


def _open(folder: Folder, number: int) -> int:
    return os.open(folder.delta(number), os.O_RDONLY | os.O_CLOEXEC)
