"""The texts that prove who calls: nothing but what was made here passes."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.services.identity import access_token
from bowerbird.services.identity.session_token import KeyRing, Proof

SECRET = bytes(range(32))
RING = KeyRing.derive(SECRET, 3)
PROOF = Proof(Id(b"u" * 16), Id(b"s" * 16), 7, 3, 1_800_000_000_000_000)
TOKEN = RING.sign(PROOF)


def test_a_token_says_what_was_signed() -> None:
    assert RING.verify(TOKEN) == PROOF
    assert len(TOKEN) < 160


@given(st.integers(0, len(TOKEN) - 1), st.integers(0, 7))
def test_no_bit_of_a_token_can_be_flipped(place: int, bit: int) -> None:
    changed = TOKEN.encode()
    flipped = changed[:place] + bytes([changed[place] ^ 1 << bit]) + changed[place + 1 :]
    assert RING.verify(flipped.decode("latin-1")) is None


@given(st.text())
def test_no_other_text_is_a_token(text: str) -> None:
    assert RING.verify(text) is None


@given(st.integers(0, len(TOKEN)), st.text(min_size=1, max_size=5))
def test_nothing_can_be_put_into_a_token(place: int, text: str) -> None:
    assert RING.verify(TOKEN[:place] + text + TOKEN[place:]) is None


@given(st.integers(0, len(TOKEN) - 1))
def test_a_token_cannot_be_cut(length: int) -> None:
    assert RING.verify(TOKEN[:length]) is None


@pytest.mark.parametrize("other", [KeyRing.derive(bytes(32), 3), KeyRing.derive(SECRET, 5), KeyRing.derive(SECRET, 2)])
def test_another_ring_does_not_verify(other: KeyRing) -> None:
    assert other.verify(TOKEN) is None


def test_a_key_verifies_one_turn_longer_than_it_signs() -> None:
    turned = KeyRing.derive(SECRET, 4)
    assert turned.verify(TOKEN) == PROOF
    assert RING.verify(turned.sign(PROOF)) is None
    assert KeyRing.derive(SECRET, 5, kept=3).verify(TOKEN) == PROOF


def test_a_key_cannot_be_named_by_another_number() -> None:
    parts = TOKEN.split(".")
    parts[1] = "2"
    assert RING.verify(".".join(parts)) is None


def test_an_access_token_names_itself_and_is_kept_as_a_hash() -> None:
    user, token = Id(b"u" * 16), Id(b"t" * 16)
    text = access_token.make(World(), user, token)
    assert text != access_token.make(World(), user, token)
    assert access_token.read(text) == (user, token)
    assert access_token.digest(text) == hashlib.sha256(text.encode()).digest()


@given(st.text(alphabet="AZaz09-_=!+/\u00e9 ", min_size=74, max_size=76))
def test_any_text_is_read_without_harm(text: str) -> None:
    named = access_token.read(access_token.PREFIX + text)
    assert named is None or [len(id_) for id_ in named] == [16, 16]


@given(st.integers(0, 78), st.integers(0, 7))
def test_no_bit_of_an_access_token_can_be_flipped(place: int, bit: int) -> None:
    text = access_token.make(World(), Id(b"u" * 16), Id(b"t" * 16)).encode()
    flipped = text[:place] + bytes([text[place] ^ 1 << bit]) + text[place + 1 :]
    changed = flipped.decode("latin-1")
    assert access_token.digest(changed) != access_token.digest(text.decode())
    assert access_token.read(changed) is None or changed.isascii()
