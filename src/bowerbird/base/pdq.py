"""Perceptual hashes of pictures (PDQ, 256 bits): how far two are apart, and when they are of one photograph."""

from typing import Final

SAME_BITS_MAX: Final = 64
"""Bits in which the hashes of the same photograph differ at most; those of any two differ in about 128."""


def apart(one: bytes, other: bytes) -> int:
    """Return in how many bits two hashes differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def same(one: bytes, other: bytes) -> bool:
    """Say whether two hashes are of the same photograph; one without a bit, as of a blank picture, is of none."""
    return any(one) and any(other) and apart(one, other) <= SAME_BITS_MAX
