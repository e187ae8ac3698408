"""The operation behind `bowerbird backup`: a copy of everything, made while the server runs, whole or absent."""

import asyncio
import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bowerbird.adapters.files.copying import Sums, copy_file, copy_tree, digest_of, sync_tree
from bowerbird.app import keeping
from bowerbird.app.aside import aside, put_in_place
from bowerbird.app.building import Show
from bowerbird.app.keeping import BLOBS, DATABASES, OTHERS, Manifest
from bowerbird.app.sections import Settings
from bowerbird.app.visit import Visit, visit
from bowerbird.base import times

_PAGES: Final = 64


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup into a folder, or a file, that is not there yet. `earlier`: one whose blobs need no room again."""

    settings: Settings
    target: Path
    earlier: Path | None
    show: Show

    async def run(self) -> Manifest:
        """Do it; SettingsError, and what engines raise."""
        earlier = self._earlier()
        async with aside(self.target) as part, visit(self.settings) as here:
            return await self._made(here, part, earlier)

    async def _made(self, here: Visit, part: Path, earlier: tuple[Path, Mapping[str, str]] | None) -> Manifest:
        """Copy blobs, then databases, then blobs that came meanwhile: those that a row names are there before it."""
        await self._copy_blobs(here, part, blobs := {}, earlier)
        until_us = await self._copy_databases(here, part)
        await self._copy_blobs(here, part, blobs, earlier)
        self.show("Writing down digests", 0, 0)
        sums = {f"{BLOBS}/{name}": digest for name, digest in blobs.items()}
        sums |= await asyncio.to_thread(_sums_of_databases, part)
        sums |= await asyncio.to_thread(_copy_others, here.folder.path, part)
        version = importlib.metadata.version("bowerbird")
        return await asyncio.to_thread(self._finished, part, sums, version, times.to_text(until_us))

    async def _copy_blobs(
        self, here: Visit, part: Path, sums: Sums, earlier: tuple[Path, Mapping[str, str]] | None
    ) -> None:
        def done(count: int) -> None:
            self.show("Copying pictures", count, 0)

        await asyncio.to_thread(copy_tree, here.folder.blobs, part / BLOBS, sums, earlier, done)

    async def _copy_databases(self, here: Visit, part: Path) -> int:
        """Copy databases; return the moment up to which they hold everything."""
        await here.copies.begin(str(part))
        try:
            while True:
                progress = await here.copies.step(_PAGES)
                self.show("Copying databases", progress.done, progress.total)
                if progress.total - progress.done <= _PAGES * len(DATABASES):
                    return await here.copies.finish()
        except BaseException:
            await here.copies.abandon()
            raise

    def _finished(self, part: Path, sums: Sums, version: str, until: str) -> Manifest:
        manifest = keeping.write(part, sums, version=version, until=until)
        sync_tree(part)
        made = part
        if keeping.is_file(self.target):
            made = part / self.target.name
            keeping.pack(part, made)
        put_in_place(made, self.target)
        return manifest

    def _earlier(self) -> tuple[Path, Mapping[str, str]] | None:
        """Return the root of the earlier backup's blobs, and their sums."""
        if self.earlier is None:
            return None
        _, sums = keeping.read(self.earlier)
        inside = {name.removeprefix(f"{BLOBS}/"): sum_ for name, sum_ in sums.items() if name.startswith(f"{BLOBS}/")}
        return self.earlier / BLOBS, inside


def _sums_of_databases(part: Path) -> Sums:
    return {name: digest_of(part / name) for name in DATABASES}


def _copy_others(data: Path, part: Path) -> Sums:
    return {name: copy_file(data / name, part / name) for name in OTHERS if (data / name).exists()}
