"""How many pieces a file is made of: decoders go through them one by one, however small they are."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

PIECES_MAX: Final = 20_000
"""Of headers, chunks and blocks; large pictures of careful encoders have some thousands."""
SCANNED_PIXELS_MAX: Final = 400_000_000
"""Pixels of a JPEG times its passes over them; a progressive one has about ten."""

_GIF_HEADER: Final = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_MARK, _SCAN = 0xFF, 0xDA
_BARE: Final = frozenset({0x01, *range(0xD0, 0xDA)})
"""Marks of a JPEG that stand alone, without a length."""


def too_many(data: bytes, mime: str) -> bool:
    """Say whether what comes before the pixels, or between them, is more than any encoder writes."""
    walk = {"image/jpeg": _jpeg, "image/png": _png, "image/gif": _gif}.get(mime)
    return walk is not None and sum(1 for _ in islice(walk(data), PIECES_MAX + 1)) > PIECES_MAX


def scanned_too_often(data: bytes, pixels: int) -> bool:
    """Say whether a JPEG has more passes over its pixels than any encoder makes."""
    return data.count(b"\xff\xda") * pixels > SCANNED_PIXELS_MAX


def _png(data: bytes) -> Iterator[int]:
    at = 8
    while at < len(data):
        yield at
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def _jpeg(data: bytes) -> Iterator[int]:
    at = 2
    while at + 3 < len(data) and data[at + 1] != _SCAN:
        yield at
        alone = data[at] != _MARK or data[at + 1] in {0, _MARK}
        bare = data[at + 1] in _BARE
        at += 1 if alone else 2 if bare else 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def _gif(data: bytes) -> Iterator[int]:
    packed = data[10] if len(data) > _GIF_HEADER else 0
    at = _GIF_HEADER + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
    while at < len(data) and data[at] not in {_IMAGE, _TRAILER}:
        yield at
        if data[at] != _EXTENSION:
            at += 1
            continue
        at += 2
        while at < len(data) and data[at]:
            yield at
            at += 1 + data[at]
        at += 1
