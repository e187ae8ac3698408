"""What a web address is, and when two spellings are one: the rules of docs/decisions/0006, by number.

A browser's own parser (WHATWG URL) reads the address, so that what is checked here is what a reader's browser opens.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from typing import Final

from ada_url import URL

from bowerbird.base import text
from bowerbird.base.ids import from_digest
from bowerbird.contracts.kinds import LINK
from bowerbird.contracts.links import Link

NORMAL: Final = 1
"""The version of the rules; ids and shards follow from them, so whatever would change a result is a new version."""

URL_MAX: Final = 1080

_SCHEMES: Final = {"http:", "https:"}
_TRACKING_PREFIXES: Final = ("utm_",)
_TRACKING: Final = frozenset(
    {
        "_ga",
        "_gl",
        "_hsenc",
        "_hsmi",
        "dclid",
        "epik",
        "fbclid",
        "gbraid",
        "gclid",
        "gclsrc",
        "igsh",
        "igshid",
        "li_fat_id",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "msclkid",
        "oly_anon_id",
        "oly_enc_id",
        "srsltid",
        "ttclid",
        "twclid",
        "vero_id",
        "wbraid",
        "yclid",
        "ysclid",
    }
)
"""Parameters that say how a reader came to a page, never which page it is."""

_ENCODED: Final = re.compile("%[0-9A-Fa-f]{2}")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def normalise(url: str) -> str:
    """Return the one spelling of an address; ValueError, with a sentence for people, when it is none."""
    if len(url) > URL_MAX:
        raise ValueError(f"an address has at most {URL_MAX} characters")
    text.clean(url)
    parsed = _parsed(url)
    path = _decoded(parsed.pathname)
    port = f":{parsed.port}" if parsed.port else ""
    return f"{parsed.protocol}//{_host(parsed)}{port}{path}{_query(parsed)}{_fragment(parsed)}"


def link_of(url: str, now_us: int) -> Link:
    """Return the link of an address, as it would be new now; ValueError as `normalise`."""
    digest = hashlib.sha256(normalise(url).encode()).digest()
    return Link(
        id=from_digest(LINK, digest),
        original_url=url,
        url_hash=urlsafe_b64encode(digest).rstrip(b"=").decode(),
        normal=NORMAL,
        created_at=now_us,
    )


def _parsed(url: str) -> URL:
    try:
        parsed = URL(url)
    except ValueError:
        raise ValueError("an address begins with http:// or https:// and names a host") from None
    if parsed.protocol not in _SCHEMES:
        raise ValueError("an address begins with http:// or https://")
    if parsed.username or parsed.password:
        raise ValueError("an address with a user name or password in it would show them to everybody who sees the pin")
    return parsed


def _host(parsed: URL) -> str:
    """Return the host without the dot that ends a full name; names with an empty label are nobody's."""
    host = parsed.hostname.removesuffix(".")
    if not all(host.split(".")):
        raise ValueError("an address names a host")
    return host


def _query(parsed: URL) -> str:
    parts = _decoded(parsed.search.removeprefix("?")).split("&")
    kept = "&".join(part for part in parts if not _is_tracking(part))
    return f"?{kept}" if kept else ""


def _is_tracking(part: str) -> bool:
    name = part.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _fragment(parsed: URL) -> str:
    """Return the fragment where it names the page (#!), nothing where it names a place in it."""
    return _decoded(parsed.hash) if parsed.hash.startswith("#!") else ""


def _decoded(part: str) -> str:
    """Decode what needs no encoding (RFC 3986, 6.2.2), and write the rest of the encodings in capitals."""
    return _ENCODED.sub(_decode, part)


def _decode(match: re.Match[str]) -> str:
    value = int(match[0][1:], 16)
    return chr(value) if value in _UNRESERVED else match[0].upper()
