"""A folder that is made aside, under another name, so that its place holds all of it or nothing."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bowerbird.adapters.files.incoming import sync_folder
from bowerbird.app.settings import SettingsError

_PART: Final = ".part"


@asynccontextmanager
async def aside(target: Path) -> AsyncGenerator[Path]:
    """Yield an empty folder beside a target that is free, or an empty folder; what is left of it is gone at the end.

    SettingsError when the target is there already, or cannot be written.
    """
    part = await asyncio.to_thread(_made, target)
    try:
        yield part
    except OSError as error:
        raise SettingsError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)


def put_in_place(made: Path, target: Path) -> None:
    """Give what was made aside, durably, the name of its target. OSError."""
    if target.exists():
        target.rmdir()
    made.rename(target)
    sync_folder(target.absolute().parent)


def _made(target: Path) -> Path:
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise SettingsError(f"{target} is there already: choose a name that is free.")
        part = target.absolute().with_name(f".{target.name}{_PART}")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
    except OSError as error:
        raise SettingsError(f"{target} cannot be made: {error.strerror}.") from error
    return part
