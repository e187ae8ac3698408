"""The tree of files that holds the blobs: finding, listing, copying, deleting. It blocks: use it in a thread."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bowerbird.adapters.files.incoming import Exists, Incoming, place, sweep, sync_folder
from bowerbird.adapters.files.layout import LEAF, folder_of, mime_of, path_of
from bowerbird.ports.blobs import BlobMissing, Stat

_KEPT = "kept"
_TEMPORARY = "tmp"
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
        self._root = root.absolute() / _KEPT
        self._temporary = root.absolute() / _TEMPORARY

    def prepare(self, now_us: int) -> None:
        """Make what is missing, and remove what writers left that died."""
        for folder in (self._root, self._temporary):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(self._temporary, now_us)

    def incoming(self, name: str) -> Incoming:
        """Return a temporary file to be opened."""
        return Incoming(self._temporary / name)

    def put(self, incoming: Incoming, key: str, mime: str, at_us: int, *, replace: bool) -> None:
        """Put what came under a key; Exists unless replacing."""
        if not replace and self.find(key) is not None:
            raise Exists(key)
        incoming.put(path_of(self._root, folder_of(mime), key), at_us, replace=replace)
        self._remove_others(key, folder_of(mime))

    def find(self, key: str) -> Found | None:
        """Return the file under a key; the newer one, where a replacement is half done."""
        for _ in range(_ROUNDS):
            found = list(self._files_of(key))
            if found:
                return max(found, key=lambda one: one.stat.at)
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

    def copy(self, source: str, target: str, name: str) -> None:
        """Put a source's file under the target too, as a second name of it; BlobMissing."""
        found = self.find(source)
        if found is None:
            raise BlobMissing(source)
        temporary = self._temporary / name
        try:
            _link_or_copy(found.path, temporary)
            place(temporary, path_of(self._root, folder_of(found.stat.mime), target), replace=True)
        except FileNotFoundError as error:
            raise BlobMissing(source) from error
        finally:
            temporary.unlink(missing_ok=True)
        self._remove_others(target, folder_of(found.stat.mime))

    def delete(self, key: str) -> None:
        """Remove what is under a key, and folders that are empty then."""
        for mime_folder in self._mime_folders():
            self._remove(mime_folder, key)

    def page(self, prefix: str, after: str, limit: int) -> list[Stat]:
        """Return blobs in order of their keys."""
        found: dict[str, Stat] = {}
        for mime_folder in self._mime_folders():
            keys = _keys_below(self._root / mime_folder, "", prefix, after)
            there = (one.stat for one in map(self.find, keys) if one is not None)
            found |= {stat.key: stat for stat in islice(there, limit)}
        return [found[key] for key in sorted(found)[:limit]]

    def _mime_folders(self) -> list[str]:
        return os.listdir(self._root)  # noqa: PTH208 - only names are wanted

    def _files_of(self, key: str) -> Iterator[Found]:
        for mime_folder in self._mime_folders():
            path = path_of(self._root, mime_folder, key)
            with suppress(FileNotFoundError, NotADirectoryError):
                yield _found_at(path, path.stat(), key, mime_of(mime_folder))

    def _remove_others(self, key: str, kept: str) -> None:
        """Remove what a key held of other types."""
        for mime_folder in self._mime_folders():
            if mime_folder != kept:
                self._remove(mime_folder, key)

    def _remove(self, mime_folder: str, key: str) -> None:
        path = path_of(self._root, mime_folder, key)
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        with suppress(FileNotFoundError):
            sync_folder(path.parent)
        for folder in path.parents:
            if folder == self._root:
                return
            try:
                folder.rmdir()
            except OSError:
                return


def _found_at(path: Path, result: os.stat_result, key: str, mime: str) -> Found:
    """Return what a file's status says of the blob."""
    version = f"{result.st_size:x}-{result.st_mtime_ns:x}"
    return Found(path, Stat(key, result.st_size, mime, result.st_mtime_ns // 1000), version)


def _link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or make a second file where it has too many names already."""
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno != errno.EMLINK:
            raise
        shutil.copy2(source, target)
        with target.open("rb") as file:
            os.fsync(file.fileno())


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
