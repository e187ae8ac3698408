"""The folder of a graph: which files are its last whole state, told by one small file that is replaced in one step."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable

FORMAT: Final = 1

_MANIFEST = "manifest.json"
_FRESH = "manifest.fresh"
_SNAPSHOT = ".graph"
_DELTA = ".delta"
_PART = ".part"


class Manifest(Struct, frozen=True, kw_only=True):
    """The snapshot of a number (0: none), and over it the changes in the delta files `first` to `last`.

    `edges`, `applied`: of the snapshot. `compacted_at`: microseconds.
    """

    format: int = FORMAT
    snapshot: int = 0
    first: int = 1
    last: int = 1
    edges: int = 0
    compacted_at: int = 0
    applied: list[Offset] = []


class Folder:
    """Paths and the manifest. It blocks: use it in a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def snapshot(self, number: int) -> Path:
        """Return where a snapshot is."""
        return self.path / f"{number:08}{_SNAPSHOT}"

    def delta(self, number: int) -> Path:
        """Return where a file of changes is."""
        return self.path / f"{number:08}{_DELTA}"

    def part(self, name: str) -> Path:
        """Return where a snapshot is made before it is one."""
        return self.path / f"{name}{_PART}"

    def stamp(self) -> tuple[int, int, int]:
        """Return what is another after every change of the manifest; EngineUnavailable where there is none."""
        try:
            status = os.stat(self.path / _MANIFEST)  # noqa: PTH116 - asked before every walk, and the quicker by half
        except OSError as error:
            raise EngineUnavailable(f"{self.path} holds no graph yet: {error.strerror}") from error
        return status.st_ino, status.st_mtime_ns, status.st_size

    def manifest(self) -> Manifest:
        """Return what is there; EngineUnavailable where nothing is, or what this program does not know."""
        try:
            found = msgspec.json.decode((self.path / _MANIFEST).read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError) as error:
            raise EngineUnavailable(f"{self.path} holds no graph that can be read: {error}") from error
        if found.format != FORMAT:
            raise EngineUnavailable(f"{self.path} has format {found.format}, and this program knows {FORMAT}.")
        return found

    def is_new(self) -> bool:
        """Say whether there is no manifest yet."""
        return not (self.path / _MANIFEST).exists()

    def replace(self, manifest: Manifest) -> None:
        """Let another state be the last one, durably, and in one step."""
        fresh = self.path / _FRESH
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(manifest))
            file.flush()
            os.fsync(file.fileno())
        self.sync()
        fresh.replace(self.path / _MANIFEST)
        # It is in force already, and no failure may say otherwise.
        with suppress(OSError):
            self.sync()

    def sync(self) -> None:
        """Make the folder's entries durable."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def tidy(self, manifest: Manifest) -> None:
        """Remove the files that are no part of a state; a process that still reads them keeps what it has open."""
        wanted = {self.delta(number).name for number in range(manifest.first, manifest.last + 1)}
        wanted |= {_MANIFEST, self.snapshot(manifest.snapshot).name}
        for path in list(self.path.iterdir()):
            if path.name not in wanted:
                with suppress(OSError):
                    path.unlink()

    def bytes(self) -> int:
        """Return what all files take."""
        total = 0
        for path in self.path.iterdir():
            with suppress(FileNotFoundError):
                total += path.stat().st_size
        return total
