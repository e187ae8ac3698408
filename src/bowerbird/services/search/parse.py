"""What people type, understood: words, "phrases", -without, and narrowings such as `by:ada` or `saved:>2026-01`.

Nothing typed is wrong: what does not make sense as anything else is words.
"""

from calendar import monthrange
from datetime import UTC, datetime
from typing import Any, Final

import regex
from msgspec import Struct
from msgspec.structs import replace

from bowerbird.base.words import Word, words
from bowerbird.contracts.search import QUERY_CHARACTERS_MAX

TERMS_MAX: Final = 10
"""Words and phrases beyond these are passed over."""

_PART: Final = regex.compile(
    r'(?P<no>-)?(?:"(?P<phrase>[^"]*)"|(?P<key>by|site|board|saved|has):(?:"(?P<quoted>[^"]+)"|(?P<value>[^\s"]+)))'
    r"|(?P<minus>-)?(?P<plain>[^\s\"]+)"
    r'|"',
    regex.IGNORECASE,
)
_DAY: Final = regex.compile(r"(?P<how>[<>]=?|)(?P<year>\d{4})(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?))?)?")
_DAY_US: Final = 86_400_000_000
_HAS: Final = {"photo": "photo", "photos": "photo", "picture": "photo", "link": "link", "links": "link"}


class Term(Struct, frozen=True):
    """Words that stand together: one, or those of a phrase; and whether they were quoted."""

    words: tuple[Word, ...]
    quoted: bool = False


class Asked(Struct, frozen=True):
    """A query. `by`: a handle. `site`: a domain. `board`: words of a board's name. `since`, `until`: microseconds.

    `open_end`: the last word may go on; it is not followed by a space or anything else.
    """

    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    by: str | None = None
    site: str | None = None
    board: tuple[str, ...] = ()
    has: str | None = None
    since: int | None = None
    until: int | None = None
    open_end: bool = False

    @property
    def sought(self) -> str:
        """The words, without anything else."""
        return " ".join(word.text for term in self.terms for word in term.words)

    @property
    def words(self) -> frozenset[str]:
        """The words that may be misspelt: those with letters, or the like, between spaces."""
        return frozenset(word.text for term in self.terms for word in term.words if not word.pairs)

    @property
    def plain(self) -> bool:
        """Whether it is words, and nothing else."""
        return bool(self.terms) and replace(self, terms=(), open_end=False) == Asked() and not self.quoted

    @property
    def quoted(self) -> bool:
        """Whether some of the words stand in quotes."""
        return any(term.quoted for term in self.terms)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to go by."""
        return not (self.terms or self.by or self.site or self.board or self.has or self.since or self.until)


def parse(query: str) -> Asked:
    """Understand a query; places of words are those in it."""
    text = query[:QUERY_CHARACTERS_MAX]
    reading = _Reading()
    for part in _PART.finditer(text):
        reading.take(part)
    terms = tuple(reading.terms[:TERMS_MAX])
    last = terms[-1] if terms else None
    return Asked(
        terms=terms,
        without=tuple(reading.without[:TERMS_MAX]),
        open_end=last is not None and not last.quoted and last.words[-1].end == len(text),
        **reading.narrowed,
    )


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self.without: list[Term] = []
        self.narrowed: dict[str, Any] = {}

    def take(self, part: regex.Match[str]) -> None:
        """Take the next part."""
        if part["key"]:
            self._narrow(part)
        elif part["phrase"] is not None:
            self._phrase(part)
        elif part["plain"] is not None:
            self._plain(part)

    def _plain(self, part: regex.Match[str]) -> None:
        found = [Term((word,)) for word in _words(part, "plain")]
        if not part["minus"]:
            self.terms += found
        elif found:
            self.without.append(Term(tuple(word for term in found for word in term.words), quoted=True))

    def _phrase(self, part: regex.Match[str]) -> None:
        found = _words(part, "phrase")
        if found:
            (self.without if part["no"] else self.terms).append(Term(found, quoted=True))

    def _narrow(self, part: regex.Match[str]) -> None:
        """Narrow the search; what cannot be read as a narrowing is words."""
        group = "quoted" if part["quoted"] else "value"
        narrowed = None if part["no"] else _narrowing(part["key"].lower(), part[group])
        if narrowed is None:
            self.terms += [Term((word,)) for word in (*_words(part, "key"), *_words(part, group))]
        else:
            self.narrowed |= narrowed


def _words(part: regex.Match[str], group: str) -> tuple[Word, ...]:
    start = part.start(group)
    return tuple(word._replace(start=start + word.start, end=start + word.end) for word in words(part[group]))


def _narrowing(key: str, value: str) -> dict[str, Any] | None:
    if key == "saved":
        return _time(value)
    if key == "has":
        return {"has": _HAS[value.lower()]} if value.lower() in _HAS else None
    if key == "board":
        named = tuple(word.text for word in words(value))
        return {"board": named} if named else None
    if key == "site":
        return {"site": _domain(value)}
    return {"by": value.removeprefix("@").lower()}


def _domain(value: str) -> str:
    """Return a domain as addresses have it."""
    domain = value.lower().removeprefix("www.").strip("./")
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _time(value: str) -> dict[str, Any] | None:
    """Return from when to when, of a year, a month or a day, or what is before or behind it; None for no such time."""
    read = _DAY.fullmatch(value)
    if read is None:
        return None
    year, month, day = int(read["year"]), int(read["month"] or 0), int(read["day"] or 0)
    try:
        first = datetime(year, month or 1, day or 1, tzinfo=UTC)
        last = datetime(year, month or 12, day or monthrange(year, month or 12)[1], tzinfo=UTC)
    except ValueError:
        return None
    begins, ends = int(first.timestamp()) * 1_000_000, int(last.timestamp()) * 1_000_000 + _DAY_US
    return {
        "": {"since": begins, "until": ends},
        ">": {"since": ends},
        ">=": {"since": begins},
        "<": {"until": begins},
        "<=": {"until": ends},
    }[read["how"]]
