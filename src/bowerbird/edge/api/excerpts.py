"""Texts with what was searched for marked in them, whole or around the first place that has it."""

from collections.abc import Iterable
from typing import Final

from bowerbird.base.words import Word, marked
from bowerbird.edge.api.resources import Piece

EXCERPT_CHARACTERS_MAX: Final = 160
_BEFORE: Final = 40
_CUT: Final = "…"


def pieces(text: str, sought: list[Word]) -> list[Piece]:
    """Return a text in pieces, those marked that are what was sought."""
    return _cut_up(text, marked(text, sought), 0, len(text))


def excerpt(texts: Iterable[str], sought: list[Word]) -> list[Piece]:
    """Return a part of the first text that has something of what was sought, in pieces; nothing if none has."""
    for text in texts:
        spans = marked(text, sought)
        if spans:
            start = _word_start(text, spans[0][0] - _BEFORE)
            end = _word_end(text, start + EXCERPT_CHARACTERS_MAX)
            found = _cut_up(text, spans, start, end)
            before, after = _CUT if start else "", _CUT if end < len(text) else ""
            return [*_plain(before), *found, *_plain(after)]
    return []


def _cut_up(text: str, spans: list[tuple[int, int]], start: int, end: int) -> list[Piece]:
    found: list[Piece] = []
    at = start
    for begin, stop in spans:
        if begin >= end or stop > end:
            break
        found += [*_plain(text[at:begin]), Piece(text[begin:stop], hit=True)]
        at = stop
    return [*found, *_plain(text[at:end])]


def _plain(text: str) -> list[Piece]:
    return [Piece(text, hit=False)] if text else []


def _word_start(text: str, at: int) -> int:
    """Return where the first whole word at or behind a place begins."""
    if at <= 0:
        return 0
    space = text.find(" ", at, at + _BEFORE)
    return at if space < 0 else space + 1


def _word_end(text: str, at: int) -> int:
    """Return where the last whole word before a place ends."""
    if at >= len(text):
        return len(text)
    space = text.rfind(" ", at - _BEFORE, at)
    return at if space < 0 else space
