"""The texts that prove who calls: nothing but what was made here passes."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.base.turning import key_from
from bowerbird.base.world import World
from bowerbird.services.identity import access_token
from bowerbird.services.identity.session_token import KeyRing, Proof

SECRET = bytes(range(32))
PERIOD_S, KEPT_S = 3600, 30 * 86_400
RING = KeyRing(SECRET, PERIOD_S, KEPT_S)
NOW_US = 1_800_000_000_000_000
PROOF = Proof(Id(b"u" * 16), Id(b"s" * 16), 7, 3, NOW_US)
TOKEN = RING.sign(PROOF)

seconds = st.integers(1_000_000_000, 4_000_000_000)
periods = st.integers(600, 400 * 86_400)


def proof(at_us: int) -> Proof:
    return replace(PROOF, issued_at=at_us)


def test_a_token_says_what_was_signed() -> None:
    assert RING.verify(TOKEN, NOW_US) == PROOF
    assert len(TOKEN) < 160


@given(st.integers(0, len(TOKEN) - 1), st.integers(0, 7))
def test_no_bit_of_a_token_can_be_flipped(place: int, bit: int) -> None:
    changed = TOKEN.encode()
    flipped = changed[:place] + bytes([changed[place] ^ 1 << bit]) + changed[place + 1 :]
    assert RING.verify(flipped.decode("latin-1"), NOW_US) is None


@given(st.text())
def test_no_other_text_is_a_token(text: str) -> None:
    assert RING.verify(text, NOW_US) is None


@given(st.integers(0, len(TOKEN)), st.text(min_size=1, max_size=5))
def test_nothing_can_be_put_into_a_token(place: int, text: str) -> None:
    assert RING.verify(TOKEN[:place] + text + TOKEN[place:], NOW_US) is None


@given(st.integers(0, len(TOKEN) - 1))
def test_a_token_cannot_be_cut(length: int) -> None:
    assert RING.verify(TOKEN[:length], NOW_US) is None


@pytest.mark.parametrize("other", [KeyRing(bytes(32), PERIOD_S, KEPT_S), KeyRing(SECRET[::-1], PERIOD_S, KEPT_S)])
def test_another_ring_does_not_verify(other: KeyRing) -> None:
    assert other.verify(TOKEN, NOW_US) is None


def test_a_key_cannot_be_named_by_another_time() -> None:
    version, start, *rest = TOKEN.split(".")
    for other in (int(start) + PERIOD_S, int(start) - PERIOD_S, f"0{start}", f"{start}0", f"+{start}", "", "-1", "²"):
        assert RING.verify(".".join((version, str(other), *rest)), NOW_US) is None


@given(seconds, periods, st.integers(0, 400 * 86_400), st.integers(0, 999_999), st.sampled_from([-1, 0, 1]))
def test_a_token_is_good_until_its_key_was_kept_for_its_time(
    at_s: int, period_s: int, kept_s: int, part_us: int, edge: int
) -> None:
    """To the microsecond, at whatever moment of the key's period it was signed."""
    ring = KeyRing(SECRET, period_s, kept_s)
    at_us = at_s * 1_000_000 + part_us
    token = ring.sign(proof(at_us))
    end_us = (at_s - at_s % period_s + period_s + kept_s) * 1_000_000
    now_us = end_us + edge
    assert ring.verify(token, now_us) == (proof(at_us) if edge < 0 else None)
    assert ring.verify(token, at_us) == ring.verify(token, at_us + kept_s * 1_000_000) == proof(at_us)


@given(seconds, periods, periods)
def test_a_new_period_for_keys_ends_no_token(at_s: int, period_s: int, other_s: int) -> None:
    """One that its new ring would not have signed then is only older than it says, and so renewed at its next use."""
    token = KeyRing(SECRET, period_s, KEPT_S).sign(proof(at_s * 1_000_000))
    found = KeyRing(SECRET, other_s, KEPT_S).verify(token, at_s * 1_000_000)
    start_s = at_s - at_s % period_s
    if start_s + other_s + KEPT_S <= at_s:
        assert found is None
    else:
        assert found == proof(min(at_s, start_s + other_s) * 1_000_000)


@given(seconds, st.integers(0, 100 * 86_400))
def test_a_key_that_got_out_makes_no_token_younger_than_its_time(at_s: int, later_s: int) -> None:
    """Whoever has it can say anything; what is said is never taken for younger, so that the session's row decides."""
    start_s = at_s - at_s % PERIOD_S
    key = key_from(SECRET, start_s)
    head = f"bbs1.{start_s}.{encoded(msgpack.encode(proof((at_s + later_s) * 1_000_000)))}"
    token = f"{head}.{encoded(hmac.digest(key, head.encode(), 'sha256'))}"
    found = RING.verify(token, at_s * 1_000_000)
    assert found is not None
    assert found.issued_at == min(at_s + later_s, start_s + PERIOD_S) * 1_000_000


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@given(seconds)
def test_a_clock_that_is_a_little_behind_takes_the_tokens_of_the_next_key(at_s: int) -> None:
    start_us = (at_s - at_s % PERIOD_S) * 1_000_000
    token = RING.sign(proof(start_us))
    assert RING.verify(token, start_us - 300_000_000) == proof(start_us)
    assert RING.verify(token, start_us - 300_000_001) is None


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
