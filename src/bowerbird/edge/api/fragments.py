"""Encoded fragments: pins as JSON, kept in the process so that a page is joined instead of built.

A fragment is looked up after the viewer was found to see the pin, never before, and under all that its bytes depend
on: what is shown by id and version, why it is shown, and, where addresses are signed, the viewer and the expiry.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, TypeAlias

from msgspec import Struct

Key: TypeAlias = tuple[Hashable, ...]

_OVERHEAD_BYTES: Final = 600
_DIGEST_BYTES: Final = 16


class Fragment(Struct, frozen=True, gc=False):
    """JSON, and its digest, so that a page's ETag is made of digests and not of all its bytes."""

    data: bytes
    digest: bytes


class Fragments:
    """The least recently used leave first; at most `entries_max` of them and `bytes_max` with their keys."""

    def __init__(self, entries_max: int, bytes_max: int) -> None:
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[Key, Fragment] = OrderedDict()

    def get(self, key: Key) -> Fragment | None:
        """Return the fragment under the key."""
        fragment = self._kept.get(key)
        if fragment is not None:
            self._kept.move_to_end(key)
        return fragment

    def put(self, key: Key, data: bytes) -> Fragment:
        """Keep a fragment, and return it; others make room for it."""
        before = self._kept.pop(key, None)
        if before is not None:
            self._bytes -= len(before.data) + _OVERHEAD_BYTES
        made = self._kept[key] = Fragment(data, hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest())
        self._bytes += len(data) + _OVERHEAD_BYTES
        while len(self._kept) > self._entries_max or self._bytes > self._bytes_max:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.data) + _OVERHEAD_BYTES
        return made
