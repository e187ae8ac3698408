"""An answer's body, decompressed piece by piece, so that a bomb is noticed before it is large."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from bowerbird.adapters.httpfetch.limits import Failed, FetchLimits
from bowerbird.base.sniff import HEAD_BYTES, picture_mime

ACCEPTED_ENCODINGS: Final = "gzip"

_PIECE_BYTES: Final = 64 << 10
_GZIP_WINDOW: Final = 31


def read(pieces: Iterable[bytes], encoding: str, limits: FetchLimits) -> bytes:
    """Return a picture whole, or of anything else as much as a page may have.

    Raises Failed: "too-large" for a picture, "bad-answer" for an encoding that was not offered or is broken.
    """
    data = bytearray()
    for piece in _decoded(pieces, encoding):
        data += piece
        is_picture = picture_mime(bytes(data[:HEAD_BYTES])) != ""
        if is_picture and len(data) > limits.picture_bytes_max:
            raise Failed("too-large")
        if not is_picture and len(data) >= max(HEAD_BYTES, limits.page_bytes_max):
            return bytes(data[: limits.page_bytes_max])
    return bytes(data)


def _decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    match encoding.strip().lower():
        case "" | "identity":
            return iter(pieces)
        case "gzip" | "x-gzip":
            return _inflated(pieces)
        case _:
            raise Failed("bad-answer")


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(_GZIP_WINDOW)
    try:
        for piece in pieces:
            rest = piece
            while rest and not inflate.eof:
                yield inflate.decompress(rest, _PIECE_BYTES)
                rest = inflate.unconsumed_tail
    except zlib.error as error:
        raise Failed("bad-answer") from error
