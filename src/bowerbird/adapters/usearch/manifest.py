"""A space's manifest: what holds of the files in its folder; and their names."""

import os
import re
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.vectors import DIMENSIONS, SPACE_PATTERN

FORMAT: Final = 1
NAME: Final = "manifest"
CLOSED: Final = -1
"""The descriptor of a file that was closed: its number is somebody else's by now."""

_name = re.compile(SPACE_PATTERN)


class Graph(Struct, frozen=True):
    """A graph: how many rows of its file it covers, and how long it is."""

    rows: int
    bytes: int


class Manifest(Struct, frozen=True):
    """`synced`: how many of the journal's records are on the disk, with their rows, and need no check.

    `graphs`: by file.
    """

    journal: int = 0
    synced: int = 0
    graphs: dict[int, Graph] = {}
    format: int = FORMAT
    dimensions: int = DIMENSIONS


def read(folder: Path) -> Manifest | None:
    """Return a space's manifest, None where there is no space; EngineUnavailable when it is another program's."""
    try:
        found = msgspec.json.decode((folder / NAME).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise EngineUnavailable(f"{folder / NAME} cannot be read: {error}") from error
    if (found.format, found.dimensions) != (FORMAT, DIMENSIONS):
        raise EngineUnavailable(f"{folder / NAME} is of another version: drop the space, and embed again.")
    return found


def write(folder: Path, manifest: Manifest) -> None:
    """Put a manifest in the place of the one before, durably, in one step; OSError."""
    temporary = folder / f"{NAME}.new"
    with temporary.open("wb") as file:
        file.write(msgspec.json.encode(manifest))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / NAME)
    sync_folder(folder)


def checked_name(space: str) -> str:
    """Return a space's name, which is its folder's; ValueError for what is none."""
    if not _name.fullmatch(space):
        raise ValueError(f"No space is called {space[:80]!r}.")
    return space


def remove(folder: Path) -> None:
    """Let there be no space any more, durably; OSError."""
    (folder / NAME).unlink(missing_ok=True)
    sync_folder(folder)


def journal_path(folder: Path, number: int) -> Path:
    """Return where a journal lies."""
    return folder / f"journal-{number}"


def rows_path(folder: Path, file: int) -> Path:
    """Return where a file of rows lies."""
    return folder / f"rows-{file}"


def graph_path(folder: Path, file: int, rows: int) -> Path:
    """Return where the graph of a file's first rows lies."""
    return folder / f"graph-{file}-{rows}"


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
