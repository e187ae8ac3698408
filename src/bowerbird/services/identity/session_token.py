"""The signed token that a session shows: what it says, how it is signed, and with which keys."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import Final, Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.base.turning import key_from, start_of
from bowerbird.services.identity.model import DAY_US, SECOND_US
from bowerbird.services.identity.settings import IdentitySettings

_VERSION: Final = "bbs1"
_LENGTH_MAX: Final = 256
_PARTS: Final = 4
_SECONDS: Final = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_AHEAD_S: Final = 300
"""How far the clock of the process that signed may be ahead of this one's."""
_KNOWN_MAX: Final = 4096
"""Tokens that a process remembers to be signed, some 500 bytes each."""


class Proof(Struct, frozen=True, array_like=True):
    """What a token says: whose it is, of which session, the person's epoch then, scopes, and when (microseconds)."""

    user: Id
    session: Id
    epoch: int
    scopes: int
    issued_at: int


class _NotSigned(Exception):  # noqa: N818 - an expected answer
    """A text is no token of ours."""


class KeyRing:
    """Keys of one secret (32 random bytes), each of which signs for `period_s` and is good for `kept_s` longer.

    A token names its key by the time from which that signs, so that the period can be changed and nobody notices.
    """

    def __init__(self, secret: bytes, period_s: int, kept_s: int) -> None:
        self._secret = secret
        self._period_s = period_s
        self._kept_s = kept_s
        # What a text says, and that it was signed, is so for ever; whether its key is still good is asked each time.
        self._read_known = lru_cache(_KNOWN_MAX)(self._read)

    @classmethod
    def of(cls, secret: bytes, settings: IdentitySettings) -> Self:
        """Return the ring that settings ask for; keys are kept for as long as a session can rest."""
        own = hmac.digest(secret, b"generation %d" % settings.session_generation, "sha256")
        return cls(own, settings.key_period_s, settings.session_good_days * DAY_US // SECOND_US + settings.token_good_s)

    def sign(self, proof: Proof) -> str:
        """Return a token: version, key's time, what it says, and the signature of all three."""
        start_s = start_of(proof.issued_at // SECOND_US, self._period_s)
        head = f"{_VERSION}.{start_s}.{_text(_encoder.encode(proof))}"
        return f"{head}.{_signature(key_from(self._secret, start_s), head)}"

    def verify(self, token: str, now_us: int) -> Proof | None:
        """Return what a token says, None unless a key that is still good signed exactly this text.

        A token is never younger than the end of its key's time: whoever got hold of a key cannot make any that are.
        """
        try:
            start_s, proof = self._read_known(token)
        except _NotSigned:
            return None
        end_us = (start_s + self._period_s) * SECOND_US
        if not (start_s - _AHEAD_S) * SECOND_US <= now_us < end_us + self._kept_s * SECOND_US:
            return None
        return proof if proof.issued_at < end_us else replace(proof, issued_at=end_us)

    def _read(self, token: str) -> tuple[int, Proof]:
        """Return a token's key and what it says; _NotSigned, which is not remembered: nobody fills the memory so."""
        if len(token) > _LENGTH_MAX or not token.isascii():
            raise _NotSigned
        parts = token.split(".")
        if len(parts) != _PARTS or parts[0] != _VERSION or not _SECONDS.fullmatch(parts[1]):
            raise _NotSigned
        start_s = int(parts[1])
        head = token[: -len(parts[3]) - 1]
        if not hmac.compare_digest(_signature(key_from(self._secret, start_s), head), parts[3]):
            raise _NotSigned
        return start_s, _decoder.decode(_bytes(parts[2]))


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Proof)


def _signature(key: bytes, head: str) -> str:
    return _text(hmac.digest(key, head.encode(), "sha256"))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
