"""What a running tree tells of itself in its data folder, for commands: where it answers, and its supervisor."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from bowerbird.app.folder import Folder
from bowerbird.app.sections import Settings

_FILE: Final = "tree.json"
_PROCESSES: Final = "processes.json"
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on

What = TypeVar("What")


class Tree(Struct, frozen=True):
    """A running tree. `address` is where browsers find it, `local` where it answers on this machine itself."""

    address: str
    local: str
    pid: int


class Running(Struct, frozen=True):
    """A process of the tree: what it is called, where it stands, and its number (0 without one)."""

    name: str
    state: str
    pid: int


def announce(folder: Folder, settings: Settings) -> Tree:
    """Tell that this process's tree answers, whole or not at all."""
    local = _local(settings.server.host, settings.server.port)
    tree = Tree(settings.http.origin or local, local, os.getpid())
    _write(folder, _FILE, tree)
    return tree


def tell(folder: Folder, processes: Sequence[Running]) -> None:
    """Tell where the processes of this process's tree stand."""
    _write(folder, _PROCESSES, processes)


def processes(folder: Folder) -> list[Running]:
    """Return the processes of the tree that runs on a data folder, as was told last; none when none runs."""
    return _read(folder, _PROCESSES, list[Running]) or []


def withdraw(folder: Folder) -> None:
    """Tell of no tree any more."""
    for name in (_FILE, _PROCESSES):
        (folder.run / name).unlink(missing_ok=True)


def read(folder: Folder) -> Tree | None:
    """Return the tree that runs on a data folder; None before it answers, and when it is gone."""
    tree = _read(folder, _FILE, Tree)
    return tree if tree is not None and Path(f"/proc/{tree.pid}").exists() else None


def _write(folder: Folder, name: str, what: object) -> None:
    draft = folder.run / f"{name}.draft"
    draft.write_bytes(msgspec.json.encode(what))
    draft.replace(folder.run / name)


def _read(folder: Folder, name: str, kind: type[What]) -> What | None:
    """Return what the tree that runs has told; None when it told nothing, and when none runs."""
    try:
        found = msgspec.json.decode((folder.run / name).read_bytes(), type=kind)
    except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError):
        return None
    return found if folder.is_taken() else None


def _local(host: str, port: int) -> str:
    host = _EVERYWHERE.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
