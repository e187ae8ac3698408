"""What is done behind: graphs grow, files of which little counts are left, the journal is written anew. It blocks."""

from pathlib import Path

import numpy as np
from msgspec import Struct

from bowerbird.adapters.usearch.changes import again, noted
from bowerbird.adapters.usearch.codec import Rows
from bowerbird.adapters.usearch.files import Files
from bowerbird.adapters.usearch.journal import FILE, NOTHING, record
from bowerbird.adapters.usearch.manifest import Graph, graph_path
from bowerbird.ports.log import Offset


class Sizes(Struct, frozen=True):
    """When what is to be done.

    `file_rows`: how many rows a file has, which bounds the memory that its graph's growing takes (some 450 bytes each).
    `fresh_min`, `fresh_max`: a graph grows when an eighth more rows are there, but so many at least, and at most. Where
    more wait it grows by twice as many at a time, so that what is given up when the process ends is little.
    `waiting_max`: while so many rows are in no graph, nothing is put.
    `unsynced_max`: how many records may be on their way to the disk. `records_min`: a shorter journal stays as it is.
    """

    file_rows: int = 1 << 18
    fresh_min: int = 1024
    fresh_max: int = 16_384
    waiting_max: int = 1 << 16
    unsynced_max: int = 4096
    records_min: int = 4096


class Growth(Struct, frozen=True):
    """A graph that is to be made at `path`: of all that an earlier one holds, and of rows by number, up to `until`."""

    files: Files
    file: int
    before: Path | None
    rows: Rows
    numbers: np.ndarray[tuple[int], np.dtype[np.uint64]]
    until: int
    path: Path


def fresh(files: Files) -> int:
    """Return how many public rows are in no graph."""
    return sum(_fresh_of(files, file) for file, public in files.catalogue.public_of.items() if public)


def growth(files: Files, sizes: Sizes) -> Growth | None:
    """Return which graph is to be made next, if any is."""
    for file, public in sorted(files.catalogue.public_of.items()):
        if public and _fresh_of(files, file) >= _worth(files, file, sizes):
            return _growth(files, file, 2 * sizes.fresh_max)
    return None


def adopt(grown: Growth) -> None:
    """Let a graph that was made take the place of the one before."""
    grown.files.put_graph(grown.file, Graph(grown.until, grown.path.stat().st_size))


def tidy(files: Files, sizes: Sizes, pictures: int) -> bool:
    """Do some of what else is due, moving up to so many pictures; False when nothing is."""
    if files.unsynced >= sizes.unsynced_max:
        files.sync()
    sparse = [file for file in sorted(files.catalogue.public_of) if _is_sparse(files, file, sizes)]
    if sparse:
        _leave(files, sparse[0], pictures)
        return True
    if files.catalogue.count >= max(sizes.records_min, 3 * files.catalogue.pictures):
        _rewrite_journal(files)
        return True
    return False


def _fresh_of(files: Files, file: int) -> int:
    return files.catalogue.used(file) - files.covered(file)


def _worth(files: Files, file: int, sizes: Sizes) -> int:
    """Return how many fresh rows are worth a graph: any, where no more will come."""
    if not files.is_growing(file):
        return 1
    return min(max(files.covered(file) // 8, sizes.fresh_min), sizes.fresh_max)


def _growth(files: Files, file: int, rows_max: int) -> Growth:
    covered = files.covered(file)
    until = min(files.catalogue.used(file), covered + rows_max)
    owner = files.catalogue.owner(file)[covered:until]
    counts = owner != NOTHING
    counts[counts] = files.catalogue.alive[owner[counts]]
    return Growth(
        files=files,
        file=file,
        before=graph_path(files.folder, file, covered) if covered else None,
        rows=files.rows(file),
        numbers=np.flatnonzero(counts).astype(np.uint64) + np.uint64(covered),
        until=until,
        path=graph_path(files.folder, file, until),
    )


def _is_sparse(files: Files, file: int, sizes: Sizes) -> bool:
    """Say whether more than half of a file counts no more."""
    used = files.catalogue.used(file)
    return used >= sizes.fresh_min and 2 * files.catalogue.live[file] < used


def _leave(files: Files, file: int, pictures: int) -> None:
    """Write some of what a file holds elsewhere, and remove the file when it holds nothing that counts."""
    files.leave(file)
    public = files.catalogue.public_of[file]
    numbers = files.catalogue.of_file(file)[:pictures].tolist()
    olds = [files.catalogue.records[number] for number in numbers]
    places = [files.write(files.rows_of(old), public=public) for old in olds]
    files.append(
        [
            again(files, number, place, old["partition"].tobytes(), public=public)
            for number, old, place in zip(numbers, olds, places, strict=True)
        ]
    )
    if not files.catalogue.live[file]:
        files.forget(file)


def _rewrite_journal(files: Files) -> None:
    """Write a journal of what counts alone."""
    catalogue = files.catalogue
    kept = catalogue.records[catalogue.alive].copy()
    kept["ends"] = NOTHING
    of_files = (
        record(FILE, file=file, public=public, row=catalogue.used(file))
        for file, public in sorted(catalogue.public_of.items())
    )
    applied = noted([Offset(partition, number) for partition, number in sorted(catalogue.applied.items())])
    files.replace_journal(np.concatenate([kept, np.array([*of_files, *applied], kept.dtype)]))
