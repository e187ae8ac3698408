"""The operation behind `bowerbird rebuild`: build beside what is there, compare, put in place file by file."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from bowerbird.adapters.files.incoming import sync_folder
from bowerbird.app import history
from bowerbird.app.building import Built, Show, build_records, build_views
from bowerbird.app.digest import At, digest
from bowerbird.app.folder import Folder
from bowerbird.app.past import drain, past
from bowerbird.app.rows import whole_records
from bowerbird.app.sections import Settings
from bowerbird.app.settings import SettingsError
from bowerbird.base.world import World
from bowerbird.ports.keys import Keys
from bowerbird.ports.log import Log

_DAY_US: Final = 86_400_000_000
_BUILT: Final = ("core.db", "views.db")
_BESIDE: Final = ("", "-wal", "-shm")


class Rebuilt(Struct, frozen=True):
    """What came of it. `undrained`: why what waited in the outbox could not be brought to the log, "" if it was.

    `differ`: tables that say something else than before, None where that was not asked; `kept`: where the old files
    are now, None where nothing was put in place.
    """

    built: Built
    undrained: str
    differ: list[str] | None
    kept: Path | None


@dataclass(frozen=True, slots=True)
class Rebuild:
    """One run. `compare`: say which tables differ from those that were there; `dry`: put nothing in place."""

    settings: Settings
    world: World
    show: Show
    compare: bool = False
    dry: bool = False

    async def run(self) -> Rebuilt:
        """Do it; SettingsError while a tree of processes runs, and what engines raise that will not do."""
        folder = Folder(self.settings.storage.data).existing()
        lock = folder.make().lock()
        try:
            async with past(folder.path, self.settings, self.world) as (log, keys):
                return await self._rebuilt(folder.path, log, keys)
        except OSError as error:
            raise SettingsError(f"{folder.path} cannot be written: {error.strerror}.") from error
        finally:
            os.close(lock)

    async def _rebuilt(self, data: Path, log: Log, keys: Keys) -> Rebuilt:
        undrained = await drain(data, log, self.world)
        with workshop(data) as fresh:
            built = await build_records(fresh, log, keys, self.world, self.show)
            differ = await self._compared(data, fresh, keys) if self.compare else None
            await build_views(fresh, log, self.settings.feed, self.world, self.show)
            kept = None if self.dry else put_in_place(fresh, data, self.world.now_us())
        return Rebuilt(built=built, undrained=undrained, differ=differ, kept=kept)

    async def _compared(self, data: Path, fresh: Path, keys: Keys) -> list[str]:
        """Return the tables that say something else in one folder than in the other, as far as a digest goes."""
        self.show("Comparing with the records that were there", 0, 0)
        kept_us = self.settings.boards.trash_days * _DAY_US
        at = At(self.world.now_us(), kept_us, await history.erased(keys))
        before, now = (_digest(folder, at) for folder in (data, fresh))
        return [name for name in now if before[name] != now[name]]


@contextmanager
def workshop(data: Path) -> Generator[Path]:
    """Make a folder to build in, beside what it is to replace; it is gone at the end, whatever happens."""
    folder = data / "rebuild"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_in_place(folder: Path, data: Path, now_us: int) -> Path:
    """Put finished files in the place of those that are there; return the folder in which these are kept.

    A write-ahead log that was left behind would be taken for the new file's, so it goes first.
    """
    for name in _BUILT:
        with (folder / name).open("rb") as file:
            os.fsync(file.fileno())
    kept = data / f"before-rebuild-{datetime.fromtimestamp(now_us / 1e6, UTC):%Y%m%dT%H%M%S.%fZ}"
    kept.mkdir(mode=0o700)
    for file in [data / f"{name}{suffix}" for name in _BUILT for suffix in _BESIDE]:
        if file.exists():
            (kept / file.name).hardlink_to(file)
    sync_folder(kept)
    for name in _BUILT:
        for suffix in _BESIDE[1:]:
            (data / f"{name}{suffix}").unlink(missing_ok=True)
        sync_folder(data)
        (folder / name).replace(data / name)
    sync_folder(data)
    return kept


def _digest(folder: Path, at: At) -> dict[str, str]:
    with whole_records(folder) as records:
        return digest(records, at)
