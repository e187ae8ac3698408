"""Idempotency keys: a request's name of its own, made into digests that bind it to its caller, route and content."""

import hashlib
import re
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Once
from bowerbird.contracts.problems import Invalid

_KEY: Final = re.compile(rb"[!-~]{1,255}\Z")


def once_of(key: bytes, person: Id, route: str, path: str, body: bytes) -> Once:
    """Return the digests; Invalid (field Idempotency-Key) when the key is not 1 to 255 visible ASCII characters."""
    if not _KEY.match(key):
        raise Invalid("a key is 1 to 255 visible ASCII characters", field="Idempotency-Key")
    return Once(_digest(person, route.encode(), key), _digest(path.encode(), body))


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
