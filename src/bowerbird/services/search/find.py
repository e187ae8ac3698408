"""Find things by words: what has them, and, where that is next to nothing, what has words like them."""

from typing import Final

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.base.words import distance, slips
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import LIMIT_MAX, Mark, read_mark
from bowerbird.contracts.problems import NotFound
from bowerbird.contracts.search import RESULTS_MAX, Found, FoundKind, Results
from bowerbird.services.search.kit import Kit
from bowerbird.services.search.model import Scored, corrected, ranked
from bowerbird.services.search.parse import Asked, parse
from bowerbird.services.search.store import Scope

_MINE_MAX: Final = 100
_NEAR_WORDS_MAX: Final = 20


class _Search(Struct, frozen=True):
    """One search: what is asked, among what, and for whom."""

    asked: Asked
    scope: Scope
    reader: Id | None


async def find(kit: Kit, caller: Caller, query: str, kind: FoundKind, after: bytes | None, limit: int) -> Results:
    """Return the next things that match."""
    asked, mark = parse(query), read_mark(after, kit.world.now_us())
    scope = None if asked.empty else await _scope(kit, caller, asked, kind, mark)
    if scope is None:
        return Results([], None)
    search = _Search(asked, scope, caller.reader())
    ids, near = await _ranked(kit, search)
    rest = mark.unseen(ids)
    page = rest[: max(1, min(limit, LIMIT_MAX))]
    meant = await _meant(kit, query, asked) if (near or not ids) and after is None else ""
    behind = mark.after(page, more=len(rest) > len(page))
    return Results([Found(kind, id_) for id_ in page], behind, asked.sought, near, meant)


async def _scope(kit: Kit, caller: Caller, asked: Asked, kind: FoundKind, mark: Mark) -> Scope | None:
    """Return among what is searched; None where that is nothing, as with a handle that nobody has."""
    until = mark.start if asked.until is None else min(asked.until, mark.start)
    if asked.by is None:
        return Scope(kind, None, until)
    try:
        return Scope(kind, await kit.identity.find(caller, asked.by), until)
    except NotFound:
        return None


async def _ranked(kit: Kit, search: _Search) -> tuple[list[Id], bool]:
    """Return all results in order, and whether all of them are only near what was asked for."""
    ids = await _order(kit, search)
    if len(ids) >= kit.settings.near_below or not search.asked.terms:
        return ids, False
    unknown = await kit.store.unknown(search.asked)
    known = set(ids)
    further = [id_ for id_ in await _order(kit, search, near=unknown or search.asked.words) if id_ not in known]
    return ids + further, bool(further) and not ids


async def _order(kit: Kit, search: _Search, near: frozenset[str] = frozenset()) -> list[Id]:
    """Return what matches, public or the searcher's own, in order; `near`: words for which others will do."""
    asked, scope, reader = search.asked, search.scope, search.reader
    found: list[Scored] = [] if near else await kit.store.find_exactly(asked, scope, RESULTS_MAX)
    if len(found) < RESULTS_MAX:
        found = await kit.store.find(asked, scope, RESULTS_MAX, near)
    mine: list[Scored] = []
    if reader is not None:
        found += await kit.store.find_own(reader, asked, scope, RESULTS_MAX, near)
        if scope.by is None and not near:
            mine = await kit.store.find(asked, scope.of(reader), _MINE_MAX, near)
    return ranked(found + mine, frozenset(one.id for one in mine))[:RESULTS_MAX]


async def _meant(kit: Kit, query: str, asked: Asked) -> str:
    """Return the query with the words that nobody wrote replaced by the commonest ones like them."""
    better: dict[str, str] = {}
    for word in sorted(await kit.store.unknown(asked)):
        most = slips(word)
        near = await kit.store.near(word, most, _NEAR_WORDS_MAX) if most else []
        if near:
            better[word] = min(near, key=lambda each: (distance(word, each[0], most), -each[1], each[0]))[0]
    return corrected(query, asked, better)
