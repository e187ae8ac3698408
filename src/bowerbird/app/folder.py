"""The data folder: what lies where, and that one tree of processes uses it at a time."""

import fcntl
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final, Self

from bowerbird.app.settings import SettingsError

_SOCKET_PATH_MAX: Final = 100
"""Unix sockets have addresses of at most 107 bytes."""


class Folder:
    """A data folder by its path. Databases lie in it, blobs in `blobs`, and in `run` what only a running tree needs."""

    def __init__(self, data: str) -> None:
        self.path = Path(data).absolute()
        self.run = self.path / "run"
        self.blobs = self.path / "blobs"
        self.metrics = self.run / "metrics"
        self.socket = self._socket()

    def make(self) -> Self:
        """Make what is missing; SettingsError when the folder cannot be used."""
        try:
            for part in (self.path, self.run, self.blobs, self.metrics, self.socket.parent):
                part.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"The data folder {self.path} cannot be used: {error.strerror}.") from error
        return self

    def lock(self) -> int:
        """Take the folder for this process and return the descriptor that holds it; SettingsError when it is taken."""
        descriptor = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise SettingsError(f"Another Bowerbird is running on the data folder {self.path}.") from error
        return descriptor

    def is_taken(self) -> bool:
        """Return whether a tree of processes is running on the folder."""
        if not (self.run / "lock").exists():
            return False
        try:
            os.close(self.lock())
        except SettingsError:
            return True
        return False

    def _socket(self) -> Path:
        """Return where core listens: in the folder, or, when that name is too long, in the machine's temporary one."""
        wanted = self.run / "core.sock"
        if len(os.fsencode(wanted)) <= _SOCKET_PATH_MAX:
            return wanted
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"bowerbird-{os.getuid()}-{digest}" / "core.sock"
