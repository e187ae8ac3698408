"""Small files that would take much: pixels, frames, pieces, passes, profiles, and files that are of another kind."""

import struct
import zlib
from collections.abc import Callable
from typing import Final

from PIL import Image

from tests.support.hostile_pictures import (
    encoded,
    gif_of_size,
    jpeg_of_size,
    png,
    png_bomb,
    scene,
    segment,
    webp_of_size,
)

_FULL: Final = 30 << 20
"""Bytes of what stands in great number: as much as fits into an upload."""


def _filled(piece: bytes) -> bytes:
    return piece * (_FULL // len(piece))


def _png_with(chunks: bytes) -> bytes:
    data = encoded(scene(64, 64), "PNG")
    return data[:33] + chunks + data[33:]


def _chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _jpeg_with(between: bytes) -> bytes:
    data = encoded(scene(64, 64), "JPEG")
    return data[:2] + between + data[2:]


def _gif_with(between: bytes) -> bytes:
    data = encoded(scene(64, 64), "GIF")
    at = 13 + (3 << (data[10] & 7) + 1)
    return data[:at] + between + data[at:]


def _many_passes() -> bytes:
    """Return a progressive JPEG whose last pass comes again and again."""
    data = encoded(scene(64, 64), "JPEG", progressive=True)
    at = data.rfind(b"\xff\xda")
    head = bytearray(data)
    start = head.index(b"\xff\xc2")
    head[start + 5 : start + 9] = struct.pack(">HH", 2000, 2000)
    return bytes(head[:at]) + bytes(head[at:-2]) * 20_000 + b"\xff\xd9"


def _many_frames(format_: str) -> bytes:
    frames = [Image.new("P" if format_ == "GIF" else "RGB", (8, 8), number % 255) for number in range(1500)]
    return encoded(frames[0], format_, save_all=True, append_images=frames[1:], duration=10)


BOMBS: Final[dict[str, Callable[[], bytes]]] = {
    "a PNG of 79 million pixels, black": lambda: png_bomb(8900),
    "a PNG of 79 million pixels, transparent": lambda: png(8900, 8900, bytes(8900 * 4 + 1) * 8900, 8, 6),
    "a PNG of 36 million pixels, grey of 16 bits": lambda: png(6000, 6000, bytes(6000 * 2 + 1) * 6000, 16, 0),
    "a PNG of 24 million pixels, transparent": lambda: png(4900, 4900, bytes(4900 * 4 + 1) * 4900, 8, 6),
    "a PNG of 12 million pixels, transparent": lambda: encoded(
        scene(64, 48).convert("RGBA").resize((4000, 3000)), "PNG"
    ),
    "a PNG whose pixels never end": lambda: png(64, 64, bytes(60 << 20)),
    "a PNG of many small chunks": lambda: _png_with(_filled(_chunk(b"teSt"))),
    "a PNG of many texts": lambda: _png_with(_filled(_chunk(b"tEXt", b"a\0b"))),
    "a PNG with a text that unpacks to much": lambda: _png_with(
        _chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(64 << 20)))
    ),
    "a PNG with a profile that unpacks to much": lambda: _png_with(
        _chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(64 << 20)))
    ),
    "a PNG of 1,500 frames": lambda: _many_frames("PNG"),
    "a GIF that states 4 billion pixels": lambda: gif_of_size(65_535, 65_535),
    "a GIF of 79 million pixels": lambda: encoded(Image.new("P", (8900, 8900), 1), "GIF"),
    "a GIF of many comments": lambda: _gif_with(_filled(b"\x21\xfe\x01a\x00")),
    "a GIF of one comment in many blocks": lambda: _gif_with(b"\x21\xfe" + _filled(b"\x01a") + b"\0"),
    "a GIF of many bytes between blocks": lambda: _gif_with(_filled(b"\0")),
    "a GIF of 1,500 frames": lambda: _many_frames("GIF"),
    "a JPEG that states 4 billion pixels": lambda: jpeg_of_size(65_500, 65_500),
    "a JPEG of 80 million pixels, progressive": lambda: encoded(
        Image.new("RGB", (10_000, 8_000)), "JPEG", progressive=True
    ),
    "a JPEG of 80 million pixels": lambda: encoded(Image.new("RGB", (10_000, 8_000)), "JPEG"),
    "a JPEG of 37 million pixels, of whole colour": lambda: encoded(
        Image.new("RGB", (6140, 6100)), "JPEG", subsampling=0
    ),
    "a JPEG of 20,000 passes": _many_passes,
    "a JPEG of many comments": lambda: _jpeg_with(_filled(segment(0xFE, b""))),
    "a JPEG of many EXIF blocks": lambda: _jpeg_with(_filled(segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08"))),
    "a JPEG of many bytes between segments": lambda: _jpeg_with(_filled(b"\xff")),
    "a WebP that states 268 million pixels": lambda: webp_of_size(16_384, 16_384),
    "a WebP that states 64 million pixels": lambda: webp_of_size(8000, 8000),
    "a WebP of 1,500 frames": lambda: _many_frames("WEBP"),
    "a WebP of 60 million pixels, of one colour": lambda: encoded(
        Image.new("RGB", (8000, 7500)), "WEBP", lossless=True, method=0
    ),
    "an SVG that calls itself JPEG": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='pwned()'/>",
    "a PDF behind the mark of a JPEG": lambda: b"\xff\xd8\xff%PDF-1.7" + bytes(2000),
    "an EPS": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n",
    "an EPS behind its binary head": lambda: bytes.fromhex("c5d0d3c6") + bytes(26) + b"%!PS",
    "a TIFF": lambda: encoded(scene(16, 16), "TIFF"),
    "an AVIF": lambda: encoded(scene(16, 16), "AVIF"),
    "a page that is a GIF too": lambda: b"GIF89a/*" + bytes(8) + b"*/=1;<script>pwned()</script>",
}
