"""Where a blob lies: the folder says its type, the path its key.

`<root>/kept/image=jpeg/pictures/<owner>/<media>/236~` is the blob `pictures/<owner>/<media>/236` of type
`image/jpeg`. So one file holds all there is to know of a blob (its bytes, type, length and time), one rename puts it
there whole, and a copy of the folder made by any tool is complete. The `~`, which no key holds, lets a blob be called
as a folder is.
"""

import re
from pathlib import Path
from typing import Final

from bowerbird.ports.blobs import KEY_PATTERN

KEY_LENGTH_MAX: Final = 200
LEAF: Final = "~"

_key = re.compile(KEY_PATTERN)
_mime = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")


def checked_key(key: str) -> str:
    """Return the key; ValueError for what is none."""
    if len(key) > KEY_LENGTH_MAX or not _key.fullmatch(key):
        raise ValueError(f"no blob's key: {key[:KEY_LENGTH_MAX]!r}")
    return key


def checked_mime(mime: str) -> str:
    """Return a media type without parameters; ValueError for what is none."""
    if not _mime.fullmatch(mime):
        raise ValueError(f"no media type: {mime[:KEY_LENGTH_MAX]!r}")
    return mime


def path_of(root: Path, mime_folder: str, key: str) -> Path:
    """Return where the blob of a key and a type lies."""
    return root / mime_folder / (checked_key(key) + LEAF)


def key_at(path: str) -> str:
    """Return the key of the blob whose file lies at a path below the root."""
    return path.split("/", 2)[2].removesuffix(LEAF)


def folder_of(mime: str) -> str:
    """Return the name of the folder for blobs of a type."""
    return checked_mime(mime).replace("/", "=")


def mime_of(mime_folder: str) -> str:
    """Return the type of the blobs in a folder."""
    return mime_folder.replace("=", "/", 1)
