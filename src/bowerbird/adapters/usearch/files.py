"""The files of a space, for its one writer: rows are written first, then records that name them. It blocks.

Nothing waits for the disk: a crash of the process loses nothing, one of the machine what came since the last `sync`,
and where that ends the journal's sums tell.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import numpy as np
from msgspec.structs import replace

from bowerbird.adapters.usearch import manifest as manifests
from bowerbird.adapters.usearch.catalogue import Catalogue
from bowerbird.adapters.usearch.codec import Rows
from bowerbird.adapters.usearch.journal import GONE, LOOK, SIZE, Journal, Records, read, record, sound, summed
from bowerbird.adapters.usearch.manifest import Graph, Manifest, graph_path, journal_path, rows_path
from bowerbird.adapters.usearch.rows import RowsFile
from bowerbird.ports.records import EngineUnavailable

Place = tuple[int, int]
"""A file, and a row of it."""


class Files:
    """A space's folder, open for writing; `make` and `open` are the ways to get one. The catalogue follows the journal.

    `file_rows`: how many rows a file has at most.
    """

    def __init__(self, folder: Path, manifest: Manifest, file_rows: int) -> None:
        self.folder = folder
        self.manifest = manifest
        self._file_rows = file_rows
        self._rows: dict[int, RowsFile] = {}
        self._open_journal()
        self._remove_strays()

    @classmethod
    def make(cls, folder: Path, file_rows: int) -> Self:
        """Make an empty space; OSError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        journal_path(folder, 0).touch(0o600)
        manifests.sync_folder(folder.parent)
        manifests.write(folder, Manifest())
        return cls(folder, Manifest(), file_rows)

    @classmethod
    def open(cls, folder: Path, file_rows: int) -> Self | None:
        """Open a space, without what a crash left half; None, and nothing is left, where there is none.

        OSError; EngineUnavailable when it is damaged, or of another version.
        """
        manifest = manifests.read(folder)
        if manifest is None:
            shutil.rmtree(folder)
            return None
        return cls(folder, manifest, file_rows)

    def append(self, records: Sequence[Records]) -> None:
        """Add records to the journal; OSError when not all of them are there."""
        if not records:
            return
        try:
            self._journal.append(np.stack(records))
        finally:
            self.catalogue.take(self._journal.count)

    def write(self, rows: Rows, *, public: bool) -> Place:
        """Write rows behind all others of a file, and return where they are; OSError."""
        file = self._current.get(public)
        if file is None or self._next[file] + len(rows) > self._file_rows:
            file = self._current[public] = len(self._next)
            self._next.append(0)
        row = self._next[file]
        self._file(file).write(row, rows)
        self._next[file] = row + len(rows)
        return file, row

    def rows(self, file: int) -> Rows:
        """Return the rows that a file has by now, and maybe more."""
        return self._file(file).read(self.catalogue.used(file))

    def rows_of(self, put: Records) -> Rows:
        """Return what a record put."""
        row, views = int(put["row"]), int(put["views"])
        return self._file(int(put["file"])).read(row + views)[row : row + views]

    def is_growing(self, file: int) -> bool:
        """Say whether rows are still written to a file."""
        return file in self._current.values()

    def leave(self, file: int) -> None:
        """Write no more rows to a file."""
        self._current = {public: one for public, one in self._current.items() if one != file}

    def covered(self, file: int) -> int:
        """Return how many rows of a file its graph covers."""
        graph = self.manifest.graphs.get(file)
        return 0 if graph is None else graph.rows

    def put_graph(self, file: int, graph: Graph) -> None:
        """Let the graph that lies there take the place of the one before; OSError."""
        covered = self.covered(file)
        self.sync(graphs={**self.manifest.graphs, file: graph})
        self.append([record(LOOK)])
        if covered and covered != graph.rows:
            graph_path(self.folder, file, covered).unlink(missing_ok=True)

    def forget(self, file: int) -> None:
        """Remove a file that holds nothing any more that counts; OSError."""
        covered = self.covered(file)
        # From now on no record that is checked at the start has rows there.
        self.sync(graphs={one: graph for one, graph in self.manifest.graphs.items() if one != file})
        self.append([record(GONE, file=file), record(LOOK)])
        if file in self._rows:
            self._rows.pop(file).close()
        rows_path(self.folder, file).unlink(missing_ok=True)
        if covered:
            graph_path(self.folder, file, covered).unlink(missing_ok=True)

    def replace_journal(self, records: Records) -> None:
        """Let a journal of these records take the place of the one before; OSError."""
        old, number = journal_path(self.folder, self.manifest.journal), self.manifest.journal + 1
        with journal_path(self.folder, number).open("wb") as file:
            file.write(summed(records).tobytes())
            file.flush()
            os.fsync(file.fileno())
        self.sync(journal=number, synced=len(records))
        self._journal.close()
        self._open_journal()
        old.unlink()

    @property
    def unsynced(self) -> int:
        """Return how many records may not be on the disk."""
        return self.catalogue.count - self.manifest.synced

    def sync(self, **changes: object) -> None:
        """Bring rows, then records to the disk, then say so in a new manifest, with `changes` to it; OSError."""
        for rows in self._rows.values():
            rows.sync()
        self._journal.sync()
        manifest = replace(self.manifest, **{"synced": self.catalogue.count, **changes})
        manifests.write(self.folder, manifest)
        self.manifest = manifest

    def drop(self) -> None:
        """Remove the space: first what says that it is there, then what readers look at, then the rest.

        Of what is put there at this moment something may stay, until the folder is opened again. OSError: it is there.
        """
        manifests.remove(self.folder)
        self.close()
        journal_path(self.folder, self.manifest.journal).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Close the files."""
        self._journal.close()
        for rows in self._rows.values():
            rows.close()

    def _file(self, file: int) -> RowsFile:
        if file not in self._rows:
            self._rows[file] = RowsFile.open(rows_path(self.folder, file), writing=True)
        return self._rows[file]

    def _open_journal(self) -> None:
        """Take in the journal up to its last sound record, and cut off what a crash left behind that."""
        path = journal_path(self.folder, self.manifest.journal)
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        count, synced = os.fstat(descriptor).st_size // SIZE, self.manifest.synced
        if count < synced:
            os.close(descriptor)
            raise EngineUnavailable(f"{path} is shorter than its manifest says: drop the space, and embed again.")
        good = synced + sound(read(descriptor, synced, count - synced), self._sum)
        os.ftruncate(descriptor, good * SIZE)
        self._journal = Journal(descriptor, good)
        self.catalogue = Catalogue(descriptor)
        self.catalogue.take(good)
        # By file, where the next row goes; a file that is gone keeps its number.
        self._next = [self.catalogue.used(file) for file in range(self.catalogue.files)]
        # Of files that are there, the last one of each kind is written to.
        self._current = {public: file for file, public in sorted(self.catalogue.public_of.items())}

    def _sum(self, file: int, row: int, views: int) -> int | None:
        if file not in self._rows and not rows_path(self.folder, file).exists():
            return None
        return self._file(file).sum(row, views)

    def _remove_strays(self) -> None:
        """Remove what a crash left that nothing names, and forget graphs that are not whole."""
        graphs = self.manifest.graphs
        whole = {file: graph for file, graph in graphs.items() if _size(self._graph(file, graph)) == graph.bytes}
        if whole != graphs:
            self.sync(graphs=whole)
        named = {manifests.NAME, journal_path(self.folder, self.manifest.journal).name}
        named |= {rows_path(self.folder, file).name for file in self.catalogue.public_of}
        named |= {self._graph(file, graph).name for file, graph in whole.items()}
        for path in self.folder.iterdir():
            if path.name not in named:
                path.unlink()

    def _graph(self, file: int, graph: Graph) -> Path:
        return graph_path(self.folder, file, graph.rows)


def _size(path: Path) -> int | None:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return None
