"""Encoded fragments: pins as JSON, kept in the process so that a page is joined instead of built.

A fragment is looked up after the viewer was found to see the pin, never before, and under all that its bytes depend
on: the pin's version, the board's generation, and, where addresses are signed, the viewer and the expiry.
"""

from collections import OrderedDict
from typing import TypeAlias

from bowerbird.base.ids import Id

Key: TypeAlias = tuple[Id, int, int, Id | None, int]
"""Pin, its version, its board's generation, and for private boards the viewer and the addresses' expiry."""

_OVERHEAD_BYTES = 400


class Fragments:
    """The least recently used leave first; at most `entries_max` of them and `bytes_max` with their keys."""

    def __init__(self, entries_max: int, bytes_max: int) -> None:
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[Key, bytes] = OrderedDict()

    def get(self, key: Key) -> bytes | None:
        """Return the fragment under the key."""
        fragment = self._kept.get(key)
        if fragment is not None:
            self._kept.move_to_end(key)
        return fragment

    def put(self, key: Key, fragment: bytes) -> None:
        """Keep a fragment; others make room for it."""
        before = self._kept.pop(key, None)
        if before is not None:
            self._bytes -= len(before) + _OVERHEAD_BYTES
        self._kept[key] = fragment
        self._bytes += len(fragment) + _OVERHEAD_BYTES
        while len(self._kept) > self._entries_max or self._bytes > self._bytes_max:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone) + _OVERHEAD_BYTES
