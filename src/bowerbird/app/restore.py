"""The operation behind `bowerbird restore`: a data folder made from a backup, erasures first, whole or absent."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bowerbird.adapters.files.copying import copy_file, sync_tree
from bowerbird.adapters.files.layout import key_at
from bowerbird.app import history, keeping
from bowerbird.app.aside import aside, put_in_place
from bowerbird.app.building import Show
from bowerbird.app.folder import Folder
from bowerbird.app.keeping import BLOBS, Manifest
from bowerbird.app.past import drain, past
from bowerbird.app.sections import Settings
from bowerbird.app.settings import SettingsError
from bowerbird.base.world import World
from bowerbird.services.media.model import owners_prefix


@dataclass(frozen=True, slots=True)
class Restore:
    """One restoration into the settings' data folder, which is not there yet, or empty."""

    backup: Path
    settings: Settings
    world: World
    show: Show

    async def run(self) -> Manifest:
        """Do it; SettingsError where something is missing or not what it was, and what engines raise."""
        target = Folder(self.settings.storage.data).path
        async with aside(target) as part:
            with keeping.opened(self.backup, part) as source:
                manifest, sums = await asyncio.to_thread(keeping.read, source)
                await self._copy_all(source, sums, part)
            await asyncio.to_thread(sync_tree, part)
            await asyncio.to_thread(put_in_place, part, target)
        return manifest

    async def _copy_all(self, source: Path, sums: dict[str, str], part: Path) -> None:
        """Copy databases, erase who is deleted, and copy the pictures of all others."""
        blobs = {name for name in sums if name.startswith(f"{BLOBS}/")}
        await asyncio.to_thread(self._copy, source, sums, sums.keys() - blobs, part)
        gone = await self._erase(part)
        kept = {name for name in blobs if not _is_of(name, gone)}
        await asyncio.to_thread(self._copy, source, sums, kept, part)

    def _copy(self, source: Path, sums: dict[str, str], names: Collection[str], part: Path) -> None:
        for count, name in enumerate(names, 1):
            (part / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                found = copy_file(source / name, part / name)
            except FileNotFoundError as error:
                raise SettingsError(f"{self.backup / name} is missing: this backup is damaged.") from error
            if found != sums[name]:
                raise SettingsError(f"{self.backup / name} is not what was written: this backup is damaged.")
            self.show("Copying, and checking digests", count, len(names))

    async def _erase(self, part: Path) -> frozenset[str]:
        """Bring waiting events to the log, erase whoever is deleted by then; return where their pictures are."""
        self.show("Erasing whoever is deleted", 0, 0)
        async with past(part, self.settings, self.world) as (log, keys):
            trouble = await drain(part, log, self.world)
            if trouble:
                raise SettingsError(f"{self.backup} cannot be used: {trouble}")
            gone = await history.erase(log, keys)
        return frozenset(owners_prefix(person) for person in gone)


def _is_of(name: str, prefixes: Collection[str]) -> bool:
    """Return whether a file holds a blob under one of the prefixes, which have two parts."""
    key = key_at(name.removeprefix(f"{BLOBS}/"))
    return "/".join(key.split("/")[:2]) + "/" in prefixes
