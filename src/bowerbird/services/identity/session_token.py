"""The signed token that a session shows: what it says, how it is signed, and with which keys."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import Final, Self

import msgspec
from msgspec import Struct

from bowerbird.base.ids import Id

_VERSION: Final = "bbs1"
_LENGTH_MAX: Final = 256
_PARTS: Final = 4
_PURPOSE: Final = b"bowerbird session token "
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
    """Keys by their number: the greatest signs, all verify.

    A token outlives its key's place on the ring at most until its next use: whoever comes back later signs in again.
    So a ring that is turned at most every 30 days, and keeps two keys, turns nobody away.
    """

    def __init__(self, keys: dict[int, bytes]) -> None:
        self._keys = {str(number): key for number, key in keys.items()}
        self._newest = str(max(keys))
        # What a text says, and that it was signed, is so for ever; whether it is still good is asked elsewhere.
        self._read_known = lru_cache(_KNOWN_MAX)(self._read)

    @classmethod
    def derive(cls, secret: bytes, turn: int, kept: int = 2) -> Self:
        """Return the ring of a secret (of 32 random bytes) after so many turns, with `kept` keys at most."""
        numbers = range(max(0, turn - kept + 1), turn + 1)
        return cls({number: hmac.digest(secret, _PURPOSE + str(number).encode(), "sha256") for number in numbers})

    def sign(self, proof: Proof) -> str:
        """Return a token: version, key's number, what it says, and the signature of all three."""
        head = f"{_VERSION}.{self._newest}.{_text(_encoder.encode(proof))}"
        return f"{head}.{_signature(self._keys[self._newest], head)}"

    def verify(self, token: str) -> Proof | None:
        """Return what a token says, None unless one of the keys signed exactly this text."""
        try:
            return self._read_known(token)
        except _NotSigned:
            return None

    def _read(self, token: str) -> Proof:
        proof = self._checked(token)
        if proof is None:
            raise _NotSigned  # an answer that is not remembered, so that nobody fills the memory with nonsense
        return proof

    def _checked(self, token: str) -> Proof | None:
        if len(token) > _LENGTH_MAX or not token.isascii():
            return None
        parts = token.split(".")
        if len(parts) != _PARTS or parts[0] != _VERSION:
            return None
        key = self._keys.get(parts[1])
        head = token[: -len(parts[3]) - 1]
        if key is None or not hmac.compare_digest(_signature(key, head), parts[3]):
            return None
        return _decoder.decode(_bytes(parts[2]))


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Proof)


def _signature(key: bytes, head: str) -> str:
    return _text(hmac.digest(key, head.encode(), "sha256"))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
