"""The data folder: what lies where, and that one tree of processes uses it at a time."""

import fcntl
import hashlib
import os
import struct
import tempfile
from pathlib import Path
from typing import Final, Self

from bowerbird.app.settings import SettingsError

_SOCKET_PATH_MAX: Final = 100
"""Unix sockets have addresses of at most 107 bytes."""
_LONGEST_SOCKET: Final = "0123456789.sock"
"""Longer than the name of any process."""

_FLOCK: Final = struct.Struct("hhqqi4x")
"""`struct flock`: type, whence, start, length, process."""


class Folder:
    """A data folder by its path. Databases lie in it, blobs in `blobs`, and in `run` what only a running tree needs."""

    def __init__(self, data: str) -> None:
        self.path = Path(data).absolute()
        self.run = self.path / "run"
        self.blobs = self.path / "blobs"
        self.metrics = self.run / "metrics"
        self._sockets = self._folder_of_sockets()
        self._lock = self.run / "lock"

    def existing(self) -> Self:
        """Return it; SettingsError when it is not there."""
        if not self.path.is_dir():
            raise SettingsError(
                f"There is no data folder {self.path}: start the server once, or name another by --data."
            )
        return self

    def make(self) -> Self:
        """Make what is missing; SettingsError when the folder cannot be used."""
        try:
            for part in (self.path, self.run, self.blobs, self.metrics, self._sockets):
                part.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error
        return self

    def lock(self) -> int:
        """Take the folder, and return the descriptor that holds it, here and in whoever inherits it; SettingsError."""
        try:
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _lock_of(fcntl.F_WRLCK))
        except (BlockingIOError, PermissionError) as error:
            os.close(descriptor)
            raise SettingsError(f"Another Bowerbird is running on the data folder {self.path}.") from error
        return descriptor

    def is_taken(self) -> bool:
        """Return whether a tree of processes is running on the folder; asking takes nothing."""
        try:
            descriptor = os.open(self._lock, os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return False
        try:
            found = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _lock_of(fcntl.F_WRLCK))
        finally:
            os.close(descriptor)
        return _FLOCK.unpack(found)[0] != fcntl.F_UNLCK

    def _unusable(self, error: OSError) -> SettingsError:
        return SettingsError(f"The data folder {self.path} cannot be used: {error.strerror}.")

    @property
    def socket(self) -> Path:
        """Return where core listens."""
        return self.socket_of("core")

    def socket_of(self, process: str) -> Path:
        """Return where a process listens for the others."""
        return self._sockets / f"{process}.sock"

    def _folder_of_sockets(self) -> Path:
        """Return the folder's `run`, or, when names in it are too long, one in the machine's temporary folder."""
        if len(os.fsencode(self.run / _LONGEST_SOCKET)) <= _SOCKET_PATH_MAX:
            return self.run
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"bowerbird-{os.getuid()}-{digest}"


def _lock_of(kind: int) -> bytes:
    """Return a lock of that kind on the whole of a file, held by whoever holds its descriptor."""
    return _FLOCK.pack(kind, os.SEEK_SET, 0, 0, 0)
