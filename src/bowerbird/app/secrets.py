"""Secrets: one master key an installation, from the settings or made once, and every other key derived from it."""

import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bowerbird.adapters.files.incoming import sync_folder
from bowerbird.app.settings import SettingsError
from bowerbird.base.seal import KEY_BYTES
from bowerbird.base.world import World

FILE: Final = "master.key"


def master_key(given: str, data: Path, world: World) -> bytes:
    """Return the master key: the one that settings give, else that of the data folder, made at the first start."""
    if given:
        return bytes.fromhex(given)
    path = data / FILE
    try:
        return _read(path)
    except FileNotFoundError:
        return _make(path, world)


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError as error:
        raise SettingsError(f"{path} does not hold a master key: 64 hex digits.") from error
    if len(key) != KEY_BYTES:
        raise SettingsError(f"{path} does not hold a master key: 64 hex digits.")
    return key


def _make(path: Path, world: World) -> bytes:
    """Write a new key, whole or not at all, readable by its owner alone; another process may have been first.

    Durably: what the key wraps must not outlive it.
    """
    key = world.random_bytes(KEY_BYTES)
    draft = path.with_suffix(f".{world.random_bytes(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return _read(path)
    finally:
        draft.unlink()
    sync_folder(path.parent)
    return key


def derive(master: bytes, purpose: str) -> bytes:
    """Return the 32-byte key for one purpose; keys of different purposes tell nothing of each other."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"bowerbird {purpose}".encode()).derive(master)
