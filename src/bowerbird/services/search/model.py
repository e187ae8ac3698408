"""Search's pure rules: in which order results stand, and what was probably meant."""

from collections.abc import Iterable, Mapping
from math import log2
from typing import Final

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.services.search.parse import Asked

CROWD: Final = 0.25
"""What each doubling of the number of those who saved the same adds to a score."""
MINE: Final = 1.3
"""How much more one's own is worth to oneself."""


class Scored(Struct, frozen=True, array_like=True):
    """A document that matched; `alike`: how many public ones are of the same."""

    id: Id
    score: float
    at: int
    alike: int = 0


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
