"""Media's pure rules: what identifies and names pictures, where blobs lie, what rows hold."""

import base64
import hashlib
import re
from collections.abc import Collection
from typing import Final

import msgspec
from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.media import Picture, Served
from bowerbird.contracts.problems import NotFound

REASONS = {
    "empty": "the file is empty",
    "not-a-picture": "the file is not a picture",
    "unsupported": "this kind of picture is not accepted; JPEG, PNG, GIF and WebP are",
    "truncated": "the picture is cut off or damaged",
    "too-many-pixels": "the picture has too many pixels",
    "too-large": "the file is too large",
    "too-slow": "the picture takes too long to decode",
}
"""What is said of each refusal of the decoder."""

UPLOADS: Final = "uploads/"
PICTURES: Final = "pictures/"

_FOR_EYES: Final = ("736", "474", "236")
_HEX_ID: Final = re.compile("[0-9a-f]{32}")
_renditions = msgspec.json.Decoder(dict[str, tuple[int, int, str, int]])


class Use(Struct, frozen=True):
    """Which picture a pin or a person (`user`) shows, as of a version of theirs; a projection.

    Without a picture (None) it stays for a while, since `ended_at`, so that older news is known to be old.
    """

    user: Id
    media: Id | None
    version: int
    ended_at: int | None = None


class Departure(Struct, frozen=True):
    """Somebody erased, and when that was heard: what still was under way for them is yet to be removed."""

    person: Id
    at: int


def digest(data: bytes) -> bytes:
    """Return what identifies bytes: their SHA-256."""
    return hashlib.sha256(data).digest()


def name_from(random: bytes) -> str:
    """Return the random part of a picture's address from 16 random bytes."""
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()


def upload_key(upload: Id) -> str:
    """Return where an upload's bytes arrive."""
    return f"{UPLOADS}{upload.hex()}"


def owners_prefix(owner: Id) -> str:
    """Return what all keys of an owner's pictures begin with."""
    return f"{PICTURES}{owner.hex()}/"


def made_for(key: str) -> Id | None:
    """Return the upload or the picture whose blob a key is; None for a key of neither."""
    parts = key.split("/")
    place = {"uploads": 1, "pictures": 2}.get(parts[0], 0)
    text = parts[place] if 0 < place < len(parts) else ""
    return Id(bytes.fromhex(text)) if _HEX_ID.fullmatch(text) else None


def rendition_key(owner: Id, media: Id, name: str) -> str:
    """Return where a rendition's bytes are kept."""
    return f"{owners_prefix(owner)}{media.hex()}/{name}"


def renditions_of(picture: Picture) -> dict[str, tuple[int, int, str, int]]:
    """Return width, height, media type and bytes of each rendition."""
    return _renditions.decode(picture.renditions)


def for_eyes(names: Collection[str]) -> str:
    """Return which of a picture's renditions eyes are given: the widest but for the cleaned original. NotFound."""
    name = next((name for name in _FOR_EYES if name in names), None)
    if name is None:
        raise NotFound("there is no such picture")
    return name


def rendition_keys(picture: Picture) -> list[str]:
    """Return the keys of all of a picture's blobs."""
    return [rendition_key(picture.owner, picture.id, name) for name in renditions_of(picture)]


def served(picture: Picture, name: str) -> Served:
    """Return where a rendition is and what it is; NotFound when the picture has none of that name."""
    rendition = renditions_of(picture).get(name)
    if rendition is None:
        raise NotFound("there is no such picture")
    return Served(rendition_key(picture.owner, picture.id, name), rendition[2], rendition[3])
