"""Perceptual hashes: how far they are apart, and from where on they are of one photograph."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base.pdq import SAME_BITS_MAX, apart, same

hashes = st.binary(min_size=32, max_size=32)
ONE = bytes(range(1, 33))


def flipped(phash: bytes, bits: int) -> bytes:
    """Return a hash with its last bits turned round."""
    return (int.from_bytes(phash) ^ ((1 << bits) - 1)).to_bytes(32)


@given(hashes, st.integers(0, 256))
def test_so_many_bits_are_so_far_apart(phash: bytes, bits: int) -> None:
    assert apart(phash, flipped(phash, bits)) == apart(flipped(phash, bits), phash) == bits


@pytest.mark.parametrize(("bits", "is_same"), [(0, True), (SAME_BITS_MAX, True), (SAME_BITS_MAX + 1, False)])
def test_up_to_a_bound_it_is_the_same_photograph(bits: int, is_same: bool) -> None:
    assert same(ONE, flipped(ONE, bits)) is is_same


@pytest.mark.parametrize("blank", [b"", bytes(32)])
def test_what_shows_nothing_is_the_same_as_nothing(blank: bytes) -> None:
    assert not same(blank, blank)
    assert not same(blank, flipped(bytes(32), 1))
    assert not same(flipped(bytes(32), 1), blank)
