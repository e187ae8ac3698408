"""Cursors: marks of a service, sealed so that only this house reads them, each for one viewer and one list.

Sealing is deterministic (AES-SIV): the same page has the same cursor, and so the same ETag.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from bowerbird.base.ids import Id
from bowerbird.contracts.problems import Invalid

_NOBODY: Final = b"\0" * 16


class Cursors:
    """Makes marks opaque and reads them back; `key` is any secret that all workers share."""

    def __init__(self, key: bytes) -> None:
        self._siv = AESSIV(hashlib.blake2b(key, digest_size=64, person=b"cursors").digest())

    def write(self, mark: bytes | None, viewer: Id | None, where: str) -> str | None:
        """Return the cursor that continues the list `where` for that viewer; None at the list's end."""
        if mark is None:
            return None
        sealed = self._siv.encrypt(mark, [viewer or _NOBODY, where.encode()])
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def read(self, cursor: str, viewer: Id | None, where: str) -> bytes | None:
        """Return the mark, None for an empty cursor; Invalid (field cursor) for anything not written for this."""
        if not cursor:
            return None
        try:
            sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            mark = self._siv.decrypt(sealed, [viewer or _NOBODY, where.encode()])
        except (InvalidTag, ValueError):
            raise Invalid("this is no cursor of this list", field="cursor") from None
        if urlsafe_b64encode(sealed).rstrip(b"=").decode() != cursor:
            raise Invalid("this is no cursor of this list", field="cursor")
        return mark
