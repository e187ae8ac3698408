"""Suggest things while their names are typed: boards and people, one's own, and pins that are called so."""

from typing import Final

from bowerbird.base.words import words
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.search import Found, FoundKind
from bowerbird.services.search.kit import Kit
from bowerbird.services.search.parse import TERMS_MAX

_SUGGESTED_MAX: Final = 50
_TYPED_MAX: Final = 100
_PINS_FROM: Final = 2
"""Characters typed from which pins are suggested too: fewer begin too much."""


async def suggest(kit: Kit, caller: Caller, typed: str, limit: int) -> list[Found]:
    """Return things, one's own before others', boards before people before pins."""
    sought = words(typed[:_TYPED_MAX])[:TERMS_MAX]
    if not sought:
        return []
    most = max(1, min(limit, _SUGGESTED_MAX))
    kinds: tuple[FoundKind, ...] = ("board", "person", "pin")
    if len(sought) == 1 and len(sought[0].text) < _PINS_FROM and not sought[0].pairs:
        kinds = kinds[:-1]
    found, reader = list[Found](), caller.reader()
    for kind in kinds:
        own = await kit.store.named_own(reader, sought, kind, most) if reader else []
        shared = await kit.store.named(sought, kind, most)
        found += [Found(kind, one.id) for one in (*own, *shared)]
    return list(dict.fromkeys(found))[: most * len(kinds)]
