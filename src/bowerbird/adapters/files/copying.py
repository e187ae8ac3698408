"""Copies of a tree of blobs, made beside its use: a blob's file never changes, so each is copied whole or is gone.

A copy that an earlier one holds already is a second name of that file and takes no room.
"""

import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from bowerbird.adapters.files.incoming import sync_folder
from bowerbird.adapters.files.tree import KEPT

_PIECE_BYTES: Final = 1 << 20

Sums = dict[str, str]
"""SHA-256 in hexadecimal, by path below the tree's root."""


def files_of(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every blob's path below the root, in no order, with its status."""
    waiting = [root / KEPT]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            else:
                try:
                    yield str(Path(entry.path).relative_to(root)), entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue


def copy_tree(
    source: Path, target: Path, sums: Sums, earlier: tuple[Path, Mapping[str, str]] | None, done: Callable[[int], None]
) -> None:
    """Copy every blob that `sums` does not name yet, and name it there; `done` is told how many there are.

    `earlier`: the root of an earlier copy, and its sums.
    """
    for name, status in files_of(source):
        if name in sums:
            continue
        (target / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = earlier and _linked(name, status, *earlier, target / name)
        if digest is None:
            try:
                digest = copy_file(source / name, target / name)
            except FileNotFoundError:
                continue
        sums[name] = digest
        done(len(sums))


def copy_file(source: Path, target: Path) -> str:
    """Copy a file with its time, durably, and return its SHA-256; FileNotFoundError leaves nothing behind."""
    digest = hashlib.sha256()
    with source.open("rb") as old, _private(target) as new:
        while piece := old.read(_PIECE_BYTES):
            digest.update(piece)
            new.write(piece)
        new.flush()
        status = os.fstat(old.fileno())
        os.utime(new.fileno(), ns=(status.st_mtime_ns, status.st_mtime_ns))
        os.fsync(new.fileno())
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    """Bring a file to the disk, and return its SHA-256."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        os.fsync(file.fileno())
    return digest.hexdigest()


def _private(path: Path) -> BinaryIO:
    """Make a file that nobody else may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def sync_tree(root: Path) -> None:
    """Bring the lists of files below a folder to the disk."""
    for folder, _, _ in os.walk(root):
        sync_folder(Path(folder))


def _linked(name: str, status: os.stat_result, root: Path, sums: Mapping[str, str], target: Path) -> str | None:
    """Give the file of an earlier copy a second name, and return its sum; None if it is another, or cannot have one."""
    if name not in sums:
        return None
    try:
        found = (root / name).stat()
        if (found.st_size, found.st_mtime_ns) != (status.st_size, status.st_mtime_ns):
            return None
        target.hardlink_to(root / name)
    except OSError as error:
        if error.errno not in {errno.EMLINK, errno.EXDEV, errno.ENOENT, errno.EPERM}:
            raise
        return None
    return sums[name]
