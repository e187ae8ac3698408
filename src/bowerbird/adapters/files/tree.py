"""The tree of files that holds the blobs: finding, listing, copying, deleting. It blocks: use it in a thread."""

import errno
import fcntl
import os
import shutil
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bowerbird.adapters.files.incoming import Exists, Incoming, place, sweep, sync_folder
from bowerbird.adapters.files.layout import LEAF, folder_of, mime_of, path_of
from bowerbird.ports.blobs import BlobMissing, Stat

KEPT = "kept"
_TEMPORARY = "tmp"
_LOCKS = "locks"
_LOCKS_COUNT = 64
"""Writers whose keys share a lock wait for each other, for about a disk's flush."""
_COPY_BYTES = 1 << 20
_ROUNDS = 2
"""A search that comes while a blob is replaced by one of another type may look for each where it is not."""


@dataclass(frozen=True, slots=True)
class Found:
    """A blob's file: where it is, and what it is."""

    path: Path
    stat: Stat
    version: str


class Tree:
    """Blobs under a root. Whoever asks for a temporary file gives it a name that no other has."""

    def __init__(self, root: Path) -> None:
        self._kept = root.absolute() / KEPT
        self._temporary = root.absolute() / _TEMPORARY
        self._locks = [root.absolute() / _LOCKS / f"{number:02x}" for number in range(_LOCKS_COUNT)]

    def prepare(self, now_us: int) -> None:
        """Make what is missing, and remove what writers left that died."""
        for folder in (self._kept, self._temporary, *self._locks):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(self._temporary, now_us)

    def incoming(self, name: str) -> Incoming:
        """Return a temporary file to be opened."""
        return Incoming(self._temporary / name)

    def put(self, incoming: Incoming, key: str, mime: str, now_us: int, *, replace: bool) -> None:
        """Put what came under a key; Exists unless replacing."""
        with self._alone(key):
            found = self.find(key)
            if found is not None and not replace:
                raise Exists(key)
            incoming.put(path_of(self._kept, folder_of(mime), key), _later(found, now_us), replace=replace)
            self._remove_others(key, folder_of(mime))

    def find(self, key: str) -> Found | None:
        """Return the file under a key; the newer one, where a replacement is half done."""
        for _ in range(_ROUNDS):
            found = list(self._files_of(key))
            if found:
                return max(found, key=lambda one: (one.stat.at, folder_of(one.stat.mime)))
        return None

    def open(self, key: str) -> tuple[int, Found]:
        """Return a descriptor of the file under a key, to be closed, and what the file is; BlobMissing."""
        for _ in range(_ROUNDS):
            found = self.find(key)
            if found is None:
                break
            with suppress(FileNotFoundError):
                descriptor = os.open(found.path, os.O_RDONLY | os.O_CLOEXEC)
                return descriptor, _found_at(found.path, os.fstat(descriptor), key, found.stat.mime)
        raise BlobMissing(key)

    def copy(self, source: str, target: str, name: str, now_us: int) -> None:
        """Put a source's file under the target too; BlobMissing.

        It is a second name of the file; a new file, where the target is taken by what is newer than the source.
        """
        descriptor, found = self.open(source)
        temporary = self._temporary / name
        try:
            with self._alone(target):
                taken = self.find(target)
                if taken is not None or not _link(found.path, temporary):
                    _copy(descriptor, temporary, found.stat.at if taken is None else _later(taken, now_us))
                place(temporary, path_of(self._kept, folder_of(found.stat.mime), target), replace=True)
                self._remove_others(target, folder_of(found.stat.mime))
        finally:
            os.close(descriptor)
            temporary.unlink(missing_ok=True)

    def delete(self, key: str) -> None:
        """Remove what is under a key, and folders that are empty then."""
        with self._alone(key):
            for mime_folder in self._mime_folders():
                self._remove(mime_folder, key)

    def page(self, prefix: str, after: str, limit: int) -> list[Stat]:
        """Return blobs in order of their keys."""
        found: dict[str, Stat] = {}
        for mime_folder in self._mime_folders():
            keys = _keys_below(self._kept / mime_folder, "", prefix, after)
            there = (one.stat for one in map(self.find, keys) if one is not None)
            found |= {stat.key: stat for stat in islice(there, limit)}
        return [found[key] for key in sorted(found)[:limit]]

    def _mime_folders(self) -> list[str]:
        return os.listdir(self._kept)  # noqa: PTH208 - only names are wanted

    def _files_of(self, key: str) -> Iterator[Found]:
        for mime_folder in self._mime_folders():
            path = path_of(self._kept, mime_folder, key)
            with suppress(FileNotFoundError, NotADirectoryError):
                yield _found_at(path, path.stat(), key, mime_of(mime_folder))

    @contextmanager
    def _alone(self, key: str) -> Generator[None]:
        """Keep other writers of a key away, those of other processes too; readers do not wait."""
        lock = self._locks[zlib.crc32(key.encode()) % _LOCKS_COUNT]
        descriptor = os.open(lock, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _remove_others(self, key: str, mime_folder: str) -> None:
        """Remove what a key held of other types than that of a folder."""
        for other in self._mime_folders():
            if other != mime_folder:
                self._remove(other, key)

    def _remove(self, mime_folder: str, key: str) -> None:
        path = path_of(self._kept, mime_folder, key)
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        with suppress(FileNotFoundError):
            sync_folder(path.parent)
        for folder in path.parents:
            if folder == self._kept:
                return
            try:
                folder.rmdir()
            except OSError:
                return


def _found_at(path: Path, result: os.stat_result, key: str, mime: str) -> Found:
    """Return what a file's status says of the blob."""
    version = f"{result.st_size:x}-{result.st_mtime_ns:x}"
    return Found(path, Stat(key, result.st_size, mime, result.st_mtime_ns // 1000), version)


def _later(found: Found | None, now_us: int) -> int:
    """Return a time that is later than what is there, whatever the clock did meanwhile."""
    return now_us if found is None else max(now_us, found.stat.at + 1)


def _link(source: Path, target: Path) -> bool:
    """Give a file a second name; False where it is gone, or has as many names as it can have."""
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in {errno.EMLINK, errno.ENOENT}:
            raise
        return False
    return True


def _copy(descriptor: int, target: Path, at_us: int) -> None:
    """Make a durable second file of an open one."""
    with open(descriptor, "rb", closefd=False) as source, target.open("xb") as copy:
        shutil.copyfileobj(source, copy, _COPY_BYTES)
        copy.flush()
        os.utime(copy.fileno(), ns=(at_us * 1000, at_us * 1000))
        os.fsync(copy.fileno())


def _keys_below(folder: Path, above: str, prefix: str, after: str) -> Iterator[str]:
    """Yield the keys behind `after` that begin with `prefix`, in order; folders that hold none are not read."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - only names are wanted
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in sorted(_ordered(name) for name in names):
        key = above + name
        if name.endswith("/"):
            if (key.startswith(prefix) or prefix.startswith(key)) and (key > after or after.startswith(key)):
                yield from _keys_below(folder / name[:-1], key, prefix, after)
        elif key.startswith(prefix) and key > after:
            yield key


def _ordered(name: str) -> str:
    """Return a name as it stands in its keys: a blob's without its mark, a folder's with its slash."""
    return name.removesuffix(LEAF) if name.endswith(LEAF) else name + "/"
