"""A blob open for reading: one state of it, whatever is put or deleted meanwhile. It blocks: use it in a thread."""

import os

from bowerbird.adapters.files.tree import Found, Tree


class Opened:
    """The file under a key; `what` tells of it once it is open."""

    what: Found
    _number = -1

    def __init__(self, tree: Tree, key: str) -> None:
        self._tree = tree
        self._key = key

    def open(self) -> None:
        """Open the file; BlobMissing."""
        self._number, self.what = self._tree.open(self._key)

    def piece(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`, none at the end."""
        return os.pread(self._number, length, start)

    def close(self) -> None:
        """Let the file go."""
        if self._number >= 0:
            os.close(self._number)
            self._number = -1
