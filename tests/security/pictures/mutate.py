"""Mutants of pictures, by class of what goes wrong with them; a class and a number give the same bytes again."""

import zlib
from collections.abc import Callable
from random import Random
from typing import Final, Literal

from tests.security.pictures.seeds import SEEDS

Mutate = Callable[[bytes, Random], bytes]
_HEAD: Final = 64
_STATED: Final[tuple[tuple[int, Literal["big", "little"]], ...]] = (
    (2, "big"),
    (2, "little"),
    (4, "big"),
    (3, "little"),
)
"""In how many bytes, and in which order, sizes stand in the formats; those of three are one less."""


def _cut(data: bytes, chance: Random) -> bytes:
    return data[: chance.randrange(1, len(data))]


def _bits(data: bytes, chance: Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randrange(1, 40)):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def _head(data: bytes, chance: Random) -> bytes:
    """Change the first bytes, where sizes, types and lengths stand."""
    out = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        out[chance.randrange(12, min(len(out), 12 + _HEAD))] = chance.choice(
            (0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256))
        )
    return bytes(out)


def _huge(data: bytes, chance: Random) -> bytes:
    """State another size, wherever the size of 160 x 120, or of 300 x 200, stands in any of the formats' ways."""
    width, height = chance.choice(
        ((0, 0), (1, 65535), (65535, 65535), (20000, 4000), (16383, 16383), (9000, 8800), (1 << 24, 1))
    )
    for old in ((160, 120), (300, 200)):
        for size, order in _STATED:
            less = 1 if size == 3 else 0
            stated = [(each - less).to_bytes(size, order) for each in old]
            told = [max(0, each - less).to_bytes(4, "little")[:size] for each in (width, height)]
            new = [each[::-1] for each in told] if order == "big" else told
            for pair, other in ((stated, new), (stated[::-1], new[::-1])):
                data = data.replace(b"".join(pair), b"".join(other), 1)
    return _checked(data)


def _checked(data: bytes) -> bytes:
    """Mend the check sums of a PNG, so that what was changed is looked at."""
    if not data.startswith(b"\x89PNG"):
        return data
    out, at = bytearray(data[:8]), 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        body = data[at + 4 : at + 8 + length]
        out += data[at : at + 4] + body + zlib.crc32(body).to_bytes(4, "big")
        at += 12 + length
    return bytes(out)


def _chunk(data: bytes, chance: Random) -> bytes:
    """Take a piece away, or put it elsewhere, or there twice."""
    start = chance.randrange(8, len(data))
    piece = data[start : start + chance.randrange(1, 400)]
    rest = data[:start] + data[start + len(piece) :]
    to = chance.randrange(8, len(rest) + 1) if len(rest) > 8 else len(rest)
    return chance.choice((rest, rest[:to] + piece + rest[to:], data[:start] + piece + data[start:]))


def _lengths(data: bytes, chance: Random) -> bytes:
    """Put lengths that are wrong where lengths may stand."""
    out = bytearray(data)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(min(len(out), 600))
        out[at : at + 4] = chance.choice(
            (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\1", b"\x80\0\0\0")
        )
    return _checked(bytes(out)) if chance.random() < 0.5 else bytes(out)


def _profile(data: bytes, chance: Random) -> bytes:
    """Spoil what stands where a profile, EXIF or XMP begins."""
    out = bytearray(data)
    for mark in (b"ICC_PROFILE", b"ICCP", b"iCCP", b"Exif\0\0", b"EXIF", b"eXIf", b"XMP ", b"acsp", b"MM\0*", b"II*\0"):
        at = data.find(mark)
        for _ in range(6 if at >= 0 else 0):
            place = at + len(mark) + chance.randrange(200)
            if place < len(out):
                out[place] = chance.randrange(256)
    return _checked(bytes(out))


def _two(data: bytes, chance: Random) -> bytes:
    """Join two pictures, or a picture with what is none: one behind the other, or one in the midst of the other."""
    other = chance.choice(
        [*SEEDS.values(), b"PK\3\4" + bytes(200), b"%PDF-1.7\n" + bytes(200), b"<script>pwned()</script>"]
    )
    at = chance.randrange(len(data))
    return chance.choice((data + other, other + data, data[:at] + other + data[at:], data[:at] + other[at:]))


CLASSES: Final[dict[str, Mutate]] = {
    "cut off": _cut,
    "bits turned": _bits,
    "first bytes changed": _head,
    "another size stated": _huge,
    "pieces moved": _chunk,
    "lengths that lie": _lengths,
    "profiles and EXIF spoiled": _profile,
    "two in one": _two,
}


def mutant(kind: str, number: int) -> tuple[str, bytes]:
    """Return the number's mutant of a class, with the seed that it is made of."""
    chance = Random(f"{kind} {number}")
    name = list(SEEDS)[number % len(SEEDS)]
    return name, CLASSES[kind](SEEDS[name], chance)
