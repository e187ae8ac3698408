"""ETags: what a reader has, and which version an editor saw.

A tag is `"v7-…"` for what has a version and `"…"` for what has none; the dots are a digest of the body. An edit asks
for the version alone: it conflicts when the thing itself was changed, not when a count beside it was.
"""

import hashlib
import re
from typing import Final

from bowerbird.contracts.problems import Invalid

_DIGEST_LENGTH: Final = 24
_VERSION: Final = re.compile(rb'(?:W/)?"v([1-9][0-9]{0,8})(?:-[A-Za-z0-9_-]{1,64})?"\Z')


def tag_of(content: bytes, version: int | None) -> bytes:
    """Return the tag of an encoded body, or of digests of all its parts."""
    digest = hashlib.sha256(content).hexdigest()[:_DIGEST_LENGTH].encode()
    return b'"%s"' % digest if version is None else b'"v%d-%s"' % (version, digest)


def is_known(tag: bytes, if_none_match: bytes | None) -> bool:
    """Say whether If-None-Match names the tag (compared weakly, as RFC 9110 asks)."""
    if if_none_match is None:
        return False
    return any(one.strip().removeprefix(b"W/") in {tag, b"*"} for one in if_none_match.split(b","))


def version_in(if_match: bytes | None) -> int | None:
    """Return the version that an editor saw, None when that does not matter; Invalid when the header names none."""
    if if_match is None or if_match == b"*":
        return None
    found = _VERSION.match(if_match)
    if found is None:
        raise Invalid('give one ETag as a read returned it, or "v7" for version 7', field="If-Match")
    return int(found[1])
