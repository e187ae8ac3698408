"""The text of a personal access token: which token of whom, and its secret; only the text's hash is kept."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.base.world import World

PREFIX: Final = "bbp_"
_ID_BYTES: Final = 16
_SECRET_BYTES: Final = 24
_BYTES: Final = 2 * _ID_BYTES + _SECRET_BYTES
_LENGTH: Final = len(PREFIX) + _BYTES * 8 // 6 + 1


def make(world: World, user: Id, token: Id) -> str:
    """Return a new text, which nobody can guess."""
    return PREFIX + urlsafe_b64encode(user + token + world.random_bytes(_SECRET_BYTES)).rstrip(b"=").decode()


def read(text: str) -> tuple[Id, Id] | None:
    """Return whose token it claims to be and which; None when the text has another shape."""
    if len(text) != _LENGTH or not text.isascii():
        return None
    try:
        data = urlsafe_b64decode(text[len(PREFIX) :] + "=")
    except ValueError:
        return None
    if len(data) != _BYTES:
        return None
    return Id(data[:_ID_BYTES]), Id(data[_ID_BYTES : 2 * _ID_BYTES])


def digest(text: str) -> bytes:
    """Return what is kept of a text: SHA-256 of all of it, so that no other spelling of the same bytes passes."""
    return hashlib.sha256(text.encode()).digest()
