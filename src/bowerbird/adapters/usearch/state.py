"""What a reader knows of a space, for as long as its journal keeps its name. It blocks; for one thread at a time."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from bowerbird.adapters.usearch import manifest as manifests
from bowerbird.adapters.usearch.catalogue import Catalogue
from bowerbird.adapters.usearch.codec import Rows
from bowerbird.adapters.usearch.graph import Graph
from bowerbird.adapters.usearch.journal import SIZE, read, sound
from bowerbird.adapters.usearch.manifest import Manifest, graph_path, journal_path, rows_path
from bowerbird.adapters.usearch.nearest import Moment, PublicFile
from bowerbird.adapters.usearch.rows import RowsFile
from bowerbird.base.ids import Id

_NEVER: Final = -1


class Over(Exception):  # noqa: N818 - an expected answer
    """Another journal has taken this one's place, or the space was dropped."""


class State:
    """`folder` has a space of which `manifest` was read a moment ago; FileNotFoundError where that holds no more."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._manifest = manifest
        self._descriptor = os.open(journal_path(folder, manifest.journal), os.O_RDONLY | os.O_CLOEXEC)
        self._files: dict[int, RowsFile] = {}
        self._graphs: dict[int, tuple[int, Graph]] = {}
        self._looks = _NEVER
        self.catalogue = Catalogue(self._descriptor)

    def follow(self) -> None:
        """Take in what was written since; Over, FileNotFoundError where what was known holds no more."""
        status = os.fstat(self._descriptor)
        if not status.st_nlink:
            raise Over
        self._take(status.st_size // SIZE)
        if self._looks != self.catalogue.looks:
            self._look()
            # What the manifest names may hold more than was taken in before it was read.
            self._take(os.fstat(self._descriptor).st_size // SIZE)

    def moment(self, partitions: Sequence[Id], *, public: bool) -> Moment:
        """Return what a question is answered from; it does not change any more."""
        catalogue = self.catalogue
        files = [file for file, is_public in catalogue.public_of.items() if is_public] if public else []
        named = np.concatenate([np.empty(0, np.uint32), *map(catalogue.partition, dict.fromkeys(partitions))])
        used = map(int, np.unique(catalogue.records["file"][named]))
        return Moment(
            records=catalogue.records,
            alive=catalogue.alive,
            public=[self._public(file) for file in files],
            named=named,
            rows={file: self._rows(file) for file in used},
        )

    def rows_of(self, pin: Id) -> Rows | None:
        """Return a pin's rows."""
        number = self.catalogue.find(pin)
        if number is None:
            return None
        put = self.catalogue.records[number]
        row = int(put["row"])
        return self._rows(int(put["file"]))[row : row + int(put["views"])]

    def fresh(self) -> int:
        """Return how many public rows are in no graph."""
        public = (file for file, is_public in self.catalogue.public_of.items() if is_public)
        return sum(self.catalogue.used(file) - self._graph(file)[0] for file in public)

    def close(self) -> None:
        """Close the files; moments stay as they are."""
        os.close(self._descriptor)
        for file in self._files.values():
            file.close()

    def _take(self, length: int) -> None:
        known = self.catalogue.count
        if length > known:
            sure = max(known, min(self._manifest.synced, length))
            self.catalogue.take(sure + sound(read(self._descriptor, sure, length - sure), self._sum))

    def _look(self) -> None:
        """Map the graphs that the manifest names now, and let go of files that are gone."""
        looks, manifest = self.catalogue.looks, manifests.read(self._folder)
        if manifest is None or manifest.journal != self._manifest.journal:
            raise Over
        for file, graph in manifest.graphs.items():
            if self._graph(file)[0] != graph.rows:
                self._graphs[file] = graph.rows, Graph(graph_path(self._folder, file, graph.rows))
        self._graphs = {file: graph for file, graph in self._graphs.items() if file in manifest.graphs}
        for file in [file for file in self._files if file not in self.catalogue.public_of]:
            self._files.pop(file).close()
        self._looks = looks

    def _public(self, file: int) -> PublicFile:
        covered, graph = self._graph(file)
        return PublicFile(self._rows(file), self.catalogue.owner(file), graph, covered)

    def _graph(self, file: int) -> tuple[int, Graph | None]:
        return self._graphs.get(file, (0, None))

    def _rows(self, file: int) -> Rows:
        return self._file(file).read(self.catalogue.used(file))

    def _file(self, file: int) -> RowsFile:
        if file not in self._files:
            self._files[file] = RowsFile.open(rows_path(self._folder, file))
        return self._files[file]

    def _sum(self, file: int, row: int, views: int) -> int | None:
        return self._file(file).sum(row, views)
