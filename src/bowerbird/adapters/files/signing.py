"""Signed addresses: who holds one may put or get one blob until it expires, and nothing else."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct

from bowerbird.adapters.files.layout import checked_key, checked_mime
from bowerbird.base.turning import key_from, start_of
from bowerbird.base.world import World

KEY_BYTES_MIN: Final = 32
KEY_PERIOD_S: Final = 86_400
_DIGITS_MAX = 16


class SignatureRefused(Exception):  # noqa: N818 - an expected answer
    """The address was not signed here, or was changed, or its time is over."""


class Grant(Struct, frozen=True):
    """What a signature allows; `length` and `mime` say nothing for a get. `expires_s` is seconds since 1970."""

    method: str
    key: str
    length: int
    mime: str
    expires_s: int


class Signer:
    """HMAC-SHA256 over method, key, length, type and expiry. The first of the keys signs, each of them is good.

    What signs is each key's own key of the day of the expiry: one that got out is worth nothing when that day is over.
    """

    def __init__(self, base_url: str, keys: Sequence[bytes], world: World) -> None:
        if not keys or any(len(key) < KEY_BYTES_MIN for key in keys):
            raise ValueError(f"signing takes one key or more, of {KEY_BYTES_MIN} bytes or more each")
        self._base_url = base_url.rstrip("/")
        self._keys = list(keys)
        self._world = world

    def sign_put(self, key: str, length: int, mime: str, ttl_s: int) -> tuple[str, int]:
        """Return an address to put a blob at, and when it expires (microseconds)."""
        if length < 0:
            raise ValueError("a blob has no negative length")
        grant = Grant("PUT", checked_key(key), length, checked_mime(mime), self._expiry_s(ttl_s))
        query = {"expires": grant.expires_s, "length": length, "mime": mime, "signature": _sign(self._keys[0], grant)}
        return f"{self._base_url}/{key}?{urlencode(query)}", grant.expires_s * 1_000_000

    def sign_get(self, key: str, ttl_s: int) -> str:
        """Return an address to get a blob from."""
        grant = Grant("GET", checked_key(key), 0, "", self._expiry_s(ttl_s))
        query = {"expires": grant.expires_s, "signature": _sign(self._keys[0], grant)}
        return f"{self._base_url}/{key}?{urlencode(query)}"

    def check(self, method: str, key: str, query: str) -> Grant:
        """Return what an address allows that was asked for with GET, HEAD or PUT; SignatureRefused."""
        fields = _fields(query)
        put = method == "PUT"
        if set(fields) != {"expires", "signature", *(("length", "mime") if put else ())}:
            raise SignatureRefused("the address is not signed")
        grant = Grant(
            "PUT" if put else "GET",
            key,
            _number(fields.get("length", "0")),
            fields.get("mime", ""),
            _number(fields["expires"]),
        )
        given = fields["signature"].encode()
        good = [hmac.compare_digest(_sign(one, grant).encode(), given) for one in self._keys]
        if not any(good):
            raise SignatureRefused("the signature does not fit the address")
        if self._world.now_us() >= grant.expires_s * 1_000_000:
            raise SignatureRefused("the address has expired")
        return grant

    def _expiry_s(self, ttl_s: int) -> int:
        return self._world.now_us() // 1_000_000 + max(1, ttl_s)


def _fields(query: str) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=8)
    except ValueError as error:
        raise SignatureRefused("the address is not signed") from error
    if len(dict(pairs)) != len(pairs):
        raise SignatureRefused("the address is not signed")
    return dict(pairs)


def _number(text: str) -> int:
    """Return a number from the one way to write it, so that no two addresses mean the same."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX and str(int(text)) == text):
        raise SignatureRefused("the address was changed")
    return int(text)


def _sign(key: bytes, grant: Grant) -> str:
    """Return the signature; no part can hold a line's end, so that no two grants read the same."""
    text = "\n".join((grant.method, grant.key, str(grant.length), grant.mime, str(grant.expires_s)))
    daily = key_from(key, start_of(grant.expires_s, KEY_PERIOD_S))
    digest = hmac.digest(daily, text.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
