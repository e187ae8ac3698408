"""What a page says of itself: Open Graph first, then Twitter's card, then plain HTML."""

import unicodedata
from collections.abc import Sequence
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from bowerbird.adapters.httpfetch.addresses import Target
from bowerbird.adapters.httpfetch.candidates import pictures
from bowerbird.adapters.httpfetch.charset import decode
from bowerbird.adapters.httpfetch.limits import Page
from bowerbird.base import text

TITLE_CHARACTERS_MAX: Final = 200
DESCRIPTION_CHARACTERS_MAX: Final = 800
SITE_CHARACTERS_MAX: Final = 100

_METAS_MAX: Final = 500
_SCAN_FACTOR: Final = 8
_TURNS: Final = "\u202a\u202b\u202c\u202d\u202e"

Metas = dict[str, list[str]]


def read_page(data: bytes, content_type: str, target: Target, robots: str) -> Page:
    """Return what the page at `target` says; `robots` is the value of its X-Robots-Tag header."""
    tree = LexborHTMLParser(decode(data, content_type).replace("\0", ""))
    metas = _metas(tree)
    title = _first(metas, ("og:title", "twitter:title")) or _text_of(tree, "title") or _text_of(tree, "h1")
    description = _first(metas, ("og:description", "twitter:description", "description"))
    site = _first(metas, ("og:site_name", "application-name")) or target.host.removeprefix("www.")
    leave = asks_to_leave_pictures(robots) or any(
        asks_to_leave_pictures(said) for name in ("pinterest", "robots", "bowerbird") for said in metas.get(name, ())
    )
    return Page(
        title=tidy(title, TITLE_CHARACTERS_MAX),
        description=tidy(description, DESCRIPTION_CHARACTERS_MAX),
        site=tidy(site, SITE_CHARACTERS_MAX),
        pictures=[] if leave else pictures(tree, metas, target.href),
        no_pictures=leave,
    )


def asks_to_leave_pictures(directives: str) -> bool:
    """Return whether a list of directives, from a header or a meta element, says that pictures are not to be taken."""
    said = {word.strip() for word in directives.lower().replace(":", ",").split(",")}
    return bool(said & {"nopin", "noimageindex"})


def tidy(raw: str, characters_max: int) -> str:
    """Return text as a pin can hold it: one line, NFC, no control characters, cut with an ellipsis."""
    plain = "".join(_shown(character) for character in raw[: characters_max * _SCAN_FACTOR])
    clean = text.clean(" ".join(plain.split()))
    return clean if len(clean) <= characters_max else clean[: characters_max - 1].rstrip() + "…"


def _shown(character: str) -> str:
    """Return a character as it may stand in a line: controls and line ends as spaces, half surrogates not at all.

    Nor those that turn the direction of what follows, which may be text of ours.
    """
    if character in _TURNS or unicodedata.category(character) == "Cs":
        return ""
    return " " if unicodedata.category(character) in {"Cc", "Zl", "Zp", "Zs"} else character


def _metas(tree: LexborHTMLParser) -> Metas:
    found: Metas = {}
    for node in tree.css("meta")[:_METAS_MAX]:
        attributes = node.attributes
        content = attributes.get("content")
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        if content and name:
            found.setdefault(name.strip().lower(), []).append(content.strip())
    return found


def _first(metas: Metas, names: Sequence[str]) -> str:
    return next((value for name in names for value in metas.get(name, ()) if value), "")


def _text_of(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    return "" if node is None else node.text(deep=True).strip()
