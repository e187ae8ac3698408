"""What a running tree tells of itself in its data folder, for commands: where it answers, and its supervisor."""

import os
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from bowerbird.app.folder import Folder
from bowerbird.app.sections import Settings

_FILE: Final = "tree.json"
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on


class Tree(Struct, frozen=True):
    """A running tree. `address` is where browsers find it, `local` where it answers on this machine itself."""

    address: str
    local: str
    pid: int


def announce(folder: Folder, settings: Settings) -> Tree:
    """Tell that this process's tree answers, whole or not at all."""
    local = _local(settings.server.host, settings.server.port)
    tree = Tree(settings.http.origin or local, local, os.getpid())
    draft = folder.run / f"{_FILE}.draft"
    draft.write_bytes(msgspec.json.encode(tree))
    draft.replace(folder.run / _FILE)
    return tree


def withdraw(folder: Folder) -> None:
    """Tell of no tree any more."""
    (folder.run / _FILE).unlink(missing_ok=True)


def read(folder: Folder) -> Tree | None:
    """Return the tree that runs on a data folder; None before it answers, and when it is gone."""
    try:
        tree = msgspec.json.decode((folder.run / _FILE).read_bytes(), type=Tree)
    except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError):
        return None
    return tree if folder.is_taken() and Path(f"/proc/{tree.pid}").exists() else None


def _local(host: str, port: int) -> str:
    host = _EVERYWHERE.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
