"""Search's pure rules: in which order results stand, which page comes next, and what was probably meant."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from math import log2
from typing import Final

import msgspec
from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.search import RESULTS_MAX
from bowerbird.services.search.parse import Asked

CROWD: Final = 0.25
"""What each doubling of the number of those who saved the same adds to a score."""
MINE: Final = 1.3
"""How much more one's own is worth to oneself."""

_SEEN_BYTES: Final = 4


class Scored(Struct, frozen=True, array_like=True):
    """A document that matched; `alike`: how many public ones are of the same."""

    id: Id
    score: float
    at: int
    alike: int = 0


class Mark(Struct, frozen=True, array_like=True):
    """Where a page begins: what came after `until` (microseconds) is left out, and so is what was `seen`.

    `seen` is a few bytes for each result of the pages before: whatever became of the order, nothing comes twice.
    """

    until: int
    seen: bytes = b""

    def unseen(self, ids: Iterable[Id]) -> list[Id]:
        """Return those that were on no page before."""
        seen = {self.seen[at : at + _SEEN_BYTES] for at in range(0, len(self.seen), _SEEN_BYTES)}
        return [id_ for id_ in ids if _brief(id_) not in seen]

    def after(self, page: Sequence[Id], *, more: bool) -> bytes | None:
        """Return the mark behind a page; None when nothing comes, or enough has."""
        seen = self.seen + b"".join(map(_brief, page))
        if not more or len(seen) >= RESULTS_MAX * _SEEN_BYTES:
            return None
        return msgspec.msgpack.encode(Mark(self.until, seen))


def read_mark(data: bytes | None, now_us: int) -> Mark:
    """Read a mark; without one, that of a first page which is asked for now."""
    return Mark(now_us) if data is None else msgspec.msgpack.decode(data, type=Mark)


def ranked(found: Iterable[Scored], mine: frozenset[Id]) -> list[Id]:
    """Return what was found, each once, best first: by its words and age, how many saved the same, and whose it is."""
    best: dict[Id, tuple[float, int]] = {}
    for one in found:
        crowd = 1 + CROWD * log2(max(1, one.alike))
        score = one.score * crowd * (MINE if one.id in mine else 1)
        best[one.id] = max(best.get(one.id, (0.0, 0)), (score, one.at))
    return sorted(best, key=lambda id_: (*(-part for part in best[id_]), id_))


def corrected(query: str, asked: Asked, better: Mapping[str, str]) -> str:
    """Return the query with some of its words in the place of others; "" where none of them is better."""
    text = query
    places = sorted(((word.start, word.end, word.text) for term in asked.terms for word in term.words), reverse=True)
    for start, end, word in places:
        if word in better:
            text = text[:start] + better[word] + text[end:]
    return text if text != query else ""


def _brief(id_: Id) -> bytes:
    return hashlib.blake2b(id_, digest_size=_SEEN_BYTES).digest()
