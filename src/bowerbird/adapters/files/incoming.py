"""A blob on its way in: a temporary file, made durable, then put under its key in one step, or removed.

A process that dies leaves its temporary file; its lock is gone with it, which tells the sweep that nobody writes there.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

SWEEP_AGE_S: Final = 60
"""A file is locked a moment after it is made, and a copy's not at all: younger ones are left alone."""


class Exists(Exception):  # noqa: N818 - an expected answer
    """There is a blob under that key."""


class Incoming:
    """Bytes that have no key yet, in a temporary file at a path of their own. It blocks: use it in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def open(self) -> None:
        """Make the temporary file."""
        self._file = self._path.open("xb")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._opened.write(data)

    def put(self, path: Path, at_us: int, *, replace: bool) -> None:
        """Make what was written durable and let it appear at the path; Exists if one is there, unless replacing."""
        file = self._opened
        file.flush()
        os.utime(file.fileno(), ns=(at_us * 1000, at_us * 1000))
        os.fsync(file.fileno())
        place(self._path, path, replace=replace)

    def close(self) -> None:
        """Remove the temporary file, if it was not put."""
        if self._file is not None:
            with suppress(OSError):  # what cannot be written any more is given up
                self._file.close()
            self._path.unlink(missing_ok=True)

    @property
    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise ValueError("it is not open")
        return self._file


def place(temporary: Path, path: Path, *, replace: bool) -> None:
    """Let a durable file appear at a path, durably, in folders that may have to be made; Exists unless replacing."""
    while True:
        _make_folder(path.parent)
        try:
            if replace:
                temporary.replace(path)
            else:
                path.hardlink_to(temporary)
        except FileExistsError as error:
            raise Exists(path.name) from error
        except FileNotFoundError:
            if not temporary.exists():
                raise
            continue  # somebody removed the folder, empty until now
        with suppress(FileNotFoundError):  # the blob is deleted again, and its folder with it
            sync_folder(path.parent)
        return


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path, now_us: int) -> int:
    """Remove temporary files that nobody writes any more; returns how many."""
    removed = 0
    for path in list(folder.iterdir()):
        with suppress(OSError):
            age_us = now_us - path.stat().st_ctime_ns // 1000
            if age_us > SWEEP_AGE_S * 1_000_000 and _is_abandoned(path):
                path.unlink()
                removed += 1
    return removed


def _is_abandoned(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each one's entry durable."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with suppress(FileExistsError, FileNotFoundError):
        folder.mkdir(mode=0o700)
        sync_folder(folder.parent)
