"""A backup's folder: what lies in it, what says that it is whole, and how it becomes one file.

`SHA256SUMS` names every file with its digest, as sha256sum writes and checks it. `manifest.json` comes last and holds
the digest of that.
"""

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from bowerbird.app import demo_account, secrets
from bowerbird.app.settings import SettingsError

BLOBS: Final = "blobs"
DATABASES: Final = ("core.db", "keys.db", "log.db", "views.db")
OTHERS: Final = (secrets.FILE, demo_account.FILE)
"""Files of the data folder that are no databases and go with them, where they are there."""

MANIFEST: Final = "manifest.json"
_SUMS: Final = "SHA256SUMS"
_FORMAT: Final = 1
_TAR: Final = ".tar"


class Manifest(Struct, frozen=True):
    """What a backup says of itself. `until`: it holds all that was acknowledged before; RFC 3339."""

    format: int
    version: str
    until: str
    blobs: int
    bytes: int
    sums_sha256: str


def write(folder: Path, sums: Mapping[str, str], *, version: str, until: str) -> Manifest:
    """Write both files into a folder that holds all others; return what the last one says."""
    text = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()
    _write(folder / _SUMS, text)
    manifest = Manifest(
        format=_FORMAT,
        version=version,
        until=until,
        blobs=sum(name.startswith(f"{BLOBS}/") for name in sums),
        bytes=sum((folder / name).stat().st_size for name in sums),
        sums_sha256=hashlib.sha256(text).hexdigest(),
    )
    _write(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    return manifest


def read(folder: Path) -> tuple[Manifest, dict[str, str]]:
    """Return what a backup says of itself, and every file's digest; SettingsError when it is none, or not whole."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
        text = (folder / _SUMS).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SettingsError(f"{folder} is no backup, or not a whole one: it has no {MANIFEST} and {_SUMS}.") from error
    except msgspec.DecodeError as error:
        raise SettingsError(f"{folder / MANIFEST} cannot be read: {error}.") from error
    if manifest.format != _FORMAT:
        raise SettingsError(f"{folder} was made by a later version ({manifest.version}): use that one.")
    if hashlib.sha256(text).hexdigest() != manifest.sums_sha256:
        raise SettingsError(f"{folder / _SUMS} is not what was written: this backup is damaged.")
    lines = [line.split("  ", 1) for line in text.decode().splitlines()]
    return manifest, {name: digest for digest, name in lines}


def is_file(target: Path) -> bool:
    """Return whether a backup of that name is one file, and no folder."""
    return target.suffix == _TAR


def pack(folder: Path, file: Path) -> None:
    """Put all that lies in a folder into one file, durably."""
    file.touch(mode=0o600, exist_ok=False)
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as packed:
        for path in sorted(folder.iterdir()):
            packed.add(path, path.name)
    with file.open("rb") as written:
        os.fsync(written.fileno())


@contextmanager
def opened(backup: Path, beside: Path) -> Generator[Path]:
    """Yield the folder that a backup is; one file is unpacked for the block, beside a path. SettingsError, OSError."""
    if not backup.is_file():
        yield backup
        return
    with tempfile.TemporaryDirectory(prefix=f".{beside.name}.", dir=beside.parent) as unpacked:
        try:
            with tarfile.open(backup) as packed:
                _unpack(packed, Path(unpacked))
        except tarfile.TarError as error:
            raise SettingsError(f"{backup} is no backup, or damaged: {error}.") from error
        yield Path(unpacked)


def _unpack(packed: tarfile.TarFile, folder: Path) -> None:
    """Put files and folders into a folder, and nothing outside of it or of another kind; tarfile.TarError."""
    for member in packed:
        target = (folder / member.name).resolve()
        if not target.is_relative_to(folder.resolve()) or not (member.isfile() or member.isdir()):
            raise tarfile.ReadError(f"{member.name} belongs in no backup")
        if member.isdir():
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
            continue
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        source = packed.extractfile(member)
        if source is not None:
            with target.open("xb") as file:
                shutil.copyfileobj(source, file)
            if target.stat().st_size != member.size:
                raise tarfile.ReadError(f"{member.name} is cut off")
            os.utime(target, (member.mtime, member.mtime))
    if not (folder / MANIFEST).exists():
        raise tarfile.ReadError("it ends too early")


def _write(path: Path, data: bytes) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(data)
