"""Identifiers: UUIDs of version 8 that sort by time and name their logical shard and their kind.

Layout (RFC 9562, section 5.8): 48 bits of milliseconds since 1970 | version 8 | 12 bits of logical shard |
variant | 8 bits of kind | 14 bits of sequence within the millisecond | 40 random bits.
"""

import uuid
from typing import NewType

Id = NewType("Id", bytes)
"""Sixteen bytes. Text only at the edges of the system, by `to_text`."""

SHARDS = 4096
"""Logical shards; fixed for ever, since every id names one."""

KINDS = 256
_DIGEST_BYTES = 16
_SEQUENCES = 1 << 14
_TEXT_LENGTH = 36


def pack(ms: int, shard: int, kind: int, low: int) -> Id:
    """Assemble an id; `low` holds the last 54 bits (sequence and randomness, or a digest)."""
    if not (0 <= shard < SHARDS and 0 <= kind < KINDS):
        msg = f"no such shard or kind: {shard}, {kind}"
        raise ValueError(msg)
    high = (ms & 0xFFFF_FFFF_FFFF) << 16 | 0x8000 | shard
    return Id((high << 64 | 0b10 << 62 | kind << 54 | low & 0x3F_FFFF_FFFF_FFFF).to_bytes(16, "big"))


def from_digest(kind: int, digest: bytes, shard: int | None = None) -> Id:
    """Derive an id from a digest of at least 16 bytes: it stands for the time, and, unless given, the shard."""
    if len(digest) < _DIGEST_BYTES:
        msg = "a digest of 16 bytes or more is needed"
        raise ValueError(msg)
    number = int.from_bytes(digest[:_DIGEST_BYTES], "big")
    home = (number >> 68) & 0xFFF if shard is None else shard
    return pack(number >> 80, home, kind, number)


def shard_of(id_: Id) -> int:
    """Return the logical shard, 0 to 4095."""
    return (id_[6] & 0x0F) << 8 | id_[7]


def kind_of(id_: Id) -> int:
    """Return the kind, a number given by `contracts.kinds`."""
    return (id_[8] & 0x3F) << 2 | id_[9] >> 6


def ms_of(id_: Id) -> int:
    """Return the milliseconds since 1970 at which the id was made (meaningless for derived ids)."""
    return int.from_bytes(id_[:6], "big")


def to_text(id_: Id) -> str:
    """Return the canonical form, 36 characters in lower case."""
    digits = id_.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def from_text(text: str) -> Id:
    """Read the canonical form (either case); anything else is a ValueError."""
    if len(text) != _TEXT_LENGTH:
        msg = "an id has 36 characters"
        raise ValueError(msg)
    parsed = uuid.UUID(text)
    if str(parsed) != text.lower() or parsed.version != 8:  # noqa: PLR2004 - the version of RFC 9562 that ids use
        msg = "not a version 8 UUID"
        raise ValueError(msg)
    return Id(parsed.bytes)


class Sequence:
    """Numbers ids made within one millisecond, so that one process never makes two alike and they sort as made."""

    def __init__(self) -> None:
        self._ms = 0
        self._next = 0

    def next(self, ms: int, random_40_bits: int) -> tuple[int, int]:
        """Return (milliseconds, low 54 bits); time never runs backwards, and a full millisecond borrows the next."""
        if ms > self._ms:
            self._ms, self._next = ms, 0
        elif self._next >= _SEQUENCES:
            self._ms, self._next = self._ms + 1, 0
        low = self._next << 40 | random_40_bits
        self._next += 1
        return self._ms, low
