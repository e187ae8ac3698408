"""The demo's sign-in: a password made once an installation, kept beside the data, and printed at every start."""

import base64
import os
from pathlib import Path
from typing import Final

from bowerbird.app.folder import Folder
from bowerbird.base.world import World

HANDLE: Final = "wren"
FILE: Final = "demo-password"


def password(folder: Folder, world: World) -> str:
    """Return the demo accounts' password, made at the first call."""
    path = folder.path / FILE
    if not path.exists():
        _write(path, base64.b32encode(world.random_bytes(10)).decode().lower())
    return path.read_text(encoding="ascii").strip()


def exists(folder: Folder) -> bool:
    """Return whether a demo was ever begun on this data."""
    return (folder.path / FILE).exists()


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text + "\n")
