"""Suggest what many people search for, while it is typed; and how it is written by all who ask the same."""

import asyncio
from typing import Final

from bowerbird.contracts.search import FREQUENT_MAX, Found, Frequent
from bowerbird.services.search.kit import Kit
from bowerbird.services.search.parse import parse
from bowerbird.services.search.store import ASKED_CHARACTERS_MAX, Scope

_WORDS_MAX: Final = 6
_FOUND_EACH: Final = 3
"""Pins by which somebody is shown a query: some may be hidden from them."""


async def asked(kit: Kit, typed: str, limit: int) -> list[Frequent]:
    """Return queries that go on from what was typed, and what they find."""
    most, begun = max(1, min(limit, FREQUENT_MAX)), beginning(typed)
    queries = await kit.store.begun(begun, kit.settings.people_min, most + 1) if begun else []
    going_on = [query for query in queries if query != begun][:most]
    frequent = await asyncio.gather(*(_finding(kit, query) for query in going_on))
    return [one for one in frequent if one.found]


async def _finding(kit: Kit, query: str) -> Frequent:
    """Return a query with the first public pins that have its words: not those that are only begun, or have slips."""
    scope = Scope("pin", None, kit.world.now_us())
    found = await kit.store.find_exactly(parse(query), scope, _FOUND_EACH)
    return Frequent(query, [Found("pin", one.id) for one in found])


def alike(query: str) -> str:
    """Return a query as it is written by all who ask the same: folded words, a space between them.

    "" for what is passed over, since it says more of who asks than of what: narrowings, quotes, many words.
    """
    asked = parse(query)
    short = len(asked.terms) <= _WORDS_MAX and len(asked.sought) <= ASKED_CHARACTERS_MAX
    return asked.sought if asked.plain and short else ""


def beginning(typed: str) -> str:
    """Return how queries begin that go on from what was typed, "" where none does; a last word may be over."""
    text = alike(typed)
    begun = text if parse(typed).open_end else f"{text} "
    return begun if text and len(begun) <= ASKED_CHARACTERS_MAX else ""
