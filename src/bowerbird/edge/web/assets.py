"""The page's files, read into memory once, each with what its build made of it: gzip and brotli."""

import re
from pathlib import Path
from typing import Final

from msgspec import Struct

from bowerbird.edge.http.etags import tag_of

BYTES_MAX: Final = 32 << 20
"""What the assets may take together: beyond it, the folder holds something else."""

_TYPES: Final = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".webmanifest": b"application/manifest+json",
    ".woff2": b"font/woff2",
}
_ZERO: Final = re.compile(rb"q=0(\.0*)?")
_CODINGS: Final = ((b"br", ".br"), (b"gzip", ".gz"))


class Form(Struct, frozen=True):
    """The bytes of a file in one content coding (b"" is none), with their ETag."""

    coding: bytes
    body: bytes
    tag: bytes


class Asset(Struct, frozen=True):
    """A file of the page: its media type, and its forms, the shortest first, the plain one last."""

    mime: bytes
    forms: tuple[Form, ...]


def read_assets(folder: Path) -> dict[str, Asset]:
    """Return every file of the page by its path, "/" first; {} when the folder is not there. ValueError: too much."""
    paths = [path for path in folder.rglob("*") if path.suffix in _TYPES and path.is_file()] if folder.is_dir() else []
    assets = {f"/{path.relative_to(folder).as_posix()}": _read(path) for path in sorted(paths)}
    total = sum(len(form.body) for asset in assets.values() for form in asset.forms)
    if total > BYTES_MAX:
        raise ValueError(f"the page's assets take {total} bytes, more than {BYTES_MAX}")
    return assets


def _read(path: Path) -> Asset:
    plain = path.read_bytes()
    packed = [(coding, path.with_name(path.name + suffix)) for coding, suffix in _CODINGS]
    forms = [_form(coding, beside.read_bytes()) for coding, beside in packed if beside.is_file()]
    return Asset(_TYPES[path.suffix], (*forms, _form(b"", plain)))


def _form(coding: bytes, body: bytes) -> Form:
    return Form(coding, body, tag_of(body, None))


def form_for(asset: Asset, accept_encoding: bytes) -> Form:
    """Return the first form that the client takes."""
    accepted = {_coding_in(part) for part in accept_encoding.split(b",")}
    return next(form for form in asset.forms if not form.coding or form.coding in accepted)


def _coding_in(part: bytes) -> bytes:
    """Return the coding that a part of Accept-Encoding takes, b"" when it refuses it by a weight of 0."""
    coding, *weights = (word.strip() for word in part.split(b";"))
    return b"" if any(_ZERO.fullmatch(weight) for weight in weights) else coding.lower()
