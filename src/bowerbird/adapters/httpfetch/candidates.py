"""Which of a page's pictures stands for it: those it names itself, then the largest it shows."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from ada_url import URL
from selectolax.lexbor import LexborHTMLParser, LexborNode

Json = None | bool | float | str | list["Json"] | dict[str, "Json"]

PICTURES_MAX: Final = 8

_SIDE_MIN: Final = 120
_SIDE_UNKNOWN: Final = (300, 200)
_SHAPE_MAX: Final = 3.5
_WIDTH_ENOUGH: Final = 2048
_IMAGES_MAX: Final = 400
_SCRIPTS_MAX: Final = 8
_JSON_NODES_MAX: Final = 2000
_URL_CHARACTERS_MAX: Final = 2048
_NAMED: Final = (
    *("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"),
    *("image", "thumbnailurl", "msapplication-tileimage"),
)
_FURNITURE: Final = re.compile(
    r"sprite|logo|icon|avatar|gravatar|pixel|blank|spacer|transparent|placeholder|tracking|badge|button|emoji|1x1",
    re.IGNORECASE,
)
_NO_PHOTO: Final = re.compile(r"\.(svg|ico|avif|heic|mp4|webm)([?#]|$)", re.IGNORECASE)
_LAZY_SOURCES: Final = ("data-src", "data-original", "data-lazy-src", "src")
_LAZY_SETS: Final = ("srcset", "data-srcset", "data-lazy-srcset")


def pictures(tree: LexborHTMLParser, metas: Mapping[str, list[str]], url: str) -> list[str]:
    """Return absolute addresses, the best first, at most PICTURES_MAX."""
    base = _base(tree, url)
    found: dict[str, None] = {}
    for reference in _references(tree, metas):
        address = _absolute(base, reference)
        if address and len(found) < PICTURES_MAX:
            found[address] = None
    return list(found)


def _references(tree: LexborHTMLParser, metas: Mapping[str, list[str]]) -> Iterator[str]:
    yield from (value for name in _NAMED[:5] for value in metas.get(name, ()))
    yield from _from_json(tree)
    yield from (value for name in _NAMED[5:] for value in metas.get(name, ()))
    yield from (node.attributes.get("href") or "" for node in tree.css('link[rel="image_src"]')[:PICTURES_MAX])
    scored = [pair for node in tree.css("img")[:_IMAGES_MAX] if (pair := _score(node))]
    yield from (source for _, source in sorted(scored, key=lambda pair: -pair[0]))
    yield from (node.attributes.get("poster") or "" for node in tree.css("video")[:PICTURES_MAX])


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    try:
        return url if node is None else URL(node.attributes.get("href") or "", base=url).href
    except ValueError:
        return url


def _absolute(base: str, reference: str) -> str:
    if not reference.strip() or len(reference) > _URL_CHARACTERS_MAX or _NO_PHOTO.search(reference):
        return ""
    try:
        address = URL(reference, base=base)
    except ValueError:
        return ""
    return address.href if address.protocol in {"http:", "https:"} else ""


def _score(node: LexborNode) -> tuple[float, str] | None:
    """Return the area that an image claims and its source; None for what is no content."""
    attributes = node.attributes
    from_set, set_width = _widest(next((s for name in _LAZY_SETS if (s := attributes.get(name))), ""))
    source = from_set or next((s for name in _LAZY_SOURCES if (s := attributes.get(name)) and _is_link(s)), "")
    if not source or "data-pin-nopin" in attributes or "nopin" in attributes:
        return None
    if _FURNITURE.search(" ".join((source, attributes.get("class") or "", attributes.get("id") or ""))):
        return None
    width, height = _pixels(attributes.get("width")), _pixels(attributes.get("height"))
    if 0 < width < _SIDE_MIN or 0 < height < _SIDE_MIN:
        return None
    if width and height and not 1 / _SHAPE_MAX <= width / height <= _SHAPE_MAX:
        return None
    wide = max(width, set_width) or (height * 4 // 3)
    wide, high = (wide, wide * height / width if width and height else wide * 3 / 4) if wide else _SIDE_UNKNOWN
    return wide * high, source


def _is_link(source: str) -> bool:
    return not source.lstrip().lower().startswith(("data:", "blob:", "javascript:"))


def _widest(srcset: str) -> tuple[str, int]:
    """Return the candidate of a srcset that is wide enough, or the widest, and its width if it is told."""
    best = ("", 0)
    for candidate in re.split(r",\s+", srcset[: _URL_CHARACTERS_MAX * 8]):
        source, _, descriptor = candidate.strip().partition(" ")
        width = _pixels(descriptor.strip().removesuffix("w")) if descriptor.strip().endswith("w") else 0
        if source and _is_link(source) and (not best[0] or best[1] < width <= _WIDTH_ENOUGH):
            best = (source, width)
    return best


def _pixels(value: str | None) -> int:
    digits = re.match(r"\s*(\d{1,5})", value or "")
    return int(digits.group(1)) if digits and not (value or "").rstrip().endswith("%") else 0


def _from_json(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield what JSON-LD names as image, without recursion: its depth is the stranger's choice."""
    for node in tree.css('script[type="application/ld+json"]')[:_SCRIPTS_MAX]:
        try:
            pending: list[Json] = [msgspec.json.decode(node.text(deep=True))]
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            continue
        for _ in range(_JSON_NODES_MAX):
            match pending.pop() if pending else None:
                case dict() as value:
                    yield from _images(value.get("image"))
                    pending.extend(value.values())
                case list() as values:
                    pending.extend(values)
                case _:
                    continue


def _images(value: Json) -> Iterator[str]:
    for image in value[:PICTURES_MAX] if isinstance(value, list) else [value]:
        url = image.get("url") if isinstance(image, dict) else image
        if isinstance(url, str):
            yield url
