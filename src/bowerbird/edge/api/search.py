"""Search: what is found by words, and what is suggested while they are typed.

The index proposes; what stands on the page was read after the request began, as on every other.
"""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Final, TypeAlias

from bowerbird.base.ids import Id, from_text
from bowerbird.base.words import Word, fold, words
from bowerbird.contracts.boards import Access, Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import User
from bowerbird.contracts.search import QUERY_CHARACTERS_MAX, FoundKind, Results
from bowerbird.edge.api import hydrate, present, resources, views
from bowerbird.edge.api.excerpts import excerpt, pieces
from bowerbird.edge.api.inputs import SearchQuery, SuggestionsQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route

REFILLS_MAX: Final = 3
"""How often a page that the rules thinned out is filled up; after that it stays short."""

_SUGGESTED_PER: Final = 3
"""Things proposed for each suggestion: some are not to be seen, or are called alike."""
_TITLE_CHARACTERS_MAX: Final = 80

Item: TypeAlias = resources.FoundPin | resources.FoundBoard | resources.FoundPerson
Suggestion: TypeAlias = resources.SuggestedBoard | resources.SuggestedPerson | resources.SuggestedQuery


async def find(kit: Kit, request: Request[None, SearchQuery]) -> Reply[resources.SearchPage]:
    """Show a page of what was found."""
    caller, query = request.caller, request.query
    which = f"?{query.type}&{query.q[:QUERY_CHARACTERS_MAX]}"
    first = await kit.search.find(caller, query.q, query.type, hydrate.mark_of(kit, request, which), query.limit)
    items, mark = await _filled(kit, caller, query, first)
    await _note(kit, caller, query, items)
    better = first.meant if first.meant and await _visible(kit, caller, query.type, first.meant) else None
    cursor = hydrate.cursor_to(kit, request, mark, which)
    return Reply(resources.SearchPage(items, cursor, first.near and bool(items), better))


async def _filled(kit: Kit, caller: Caller, query: SearchQuery, first: Results) -> tuple[list[Item], bytes | None]:
    """Fill a page with what the caller may see now; return it and the mark behind it."""
    items, mark = await _hydrated(kit, caller, query.type, first), first.next
    for _ in range(REFILLS_MAX):
        if mark is None or len(items) >= query.limit:
            break
        further = await kit.search.find(caller, query.q, query.type, mark, query.limit - len(items))
        items, mark = items + await _hydrated(kit, caller, query.type, further), further.next
    return items, mark


async def _visible(kit: Kit, caller: Caller, kind: FoundKind, query: str) -> bool:
    """Say whether the caller would see anything that a query finds."""
    results = await kit.search.find(caller, query, kind, None, _SUGGESTED_PER)
    return bool(await _hydrated(kit, caller, kind, results))


async def _hydrated(kit: Kit, caller: Caller, kind: FoundKind, results: Results) -> list[Item]:
    ids, sought = [one.id for one in results.found], words(results.sought)
    return await _HYDRATE[kind](kit, caller, ids, sought) if ids else []


async def _pins(kit: Kit, caller: Caller, ids: Sequence[Id], sought: list[Word]) -> list[Item]:
    shown, people = await visible_pins(kit, caller, ids)
    return [_found_pin(kit, caller, one, people, sought) for one in shown]


async def visible_pins(kit: Kit, caller: Caller, ids: Sequence[Id]) -> tuple[list[Shown], dict[Id, User]]:
    """Return those of the pins that the caller may see now, in order, and the people of whom they are."""
    found = [one for one in await kit.boards.pins(caller, ids) if one is not None and not one.pin.trashed]
    wanted = [id_ for one in found for id_ in (one.pin.saved_by, one.access.board.owner)]
    people = await hydrate.people(kit, caller, wanted)
    return [one for one in found if one.access.board.owner in people], people


def _found_pin(kit: Kit, caller: Caller, one: Shown, people: dict[Id, User], sought: list[Word]) -> resources.FoundPin:
    pin = one.pin
    saver = people.get(pin.saved_by) if pin.saved_by else None
    return resources.FoundPin(
        present.pin(kit, one, saver, caller.person),
        pieces(pin.title, sought),
        excerpt((pin.note, pin.alt, pin.description), sought),
    )


async def _boards(kit: Kit, caller: Caller, ids: Sequence[Id], sought: list[Word]) -> list[Item]:
    accesses = await _visible_boards(kit, caller, ids)
    return [
        resources.FoundBoard(board, pieces(board.name, sought), excerpt((board.description,), sought))
        for board in await hydrate.board_list(kit, caller, accesses)
    ]


async def _visible_boards(kit: Kit, caller: Caller, ids: Sequence[Id]) -> list[Access]:
    return [access for access in await kit.boards.access(caller, ids) if access is not None]


async def _people(kit: Kit, caller: Caller, ids: Sequence[Id], sought: list[Word]) -> list[Item]:
    people, ties = await hydrate.people_and_ties(kit, caller, ids)
    return [
        resources.FoundPerson(
            present.person(kit, people[id_]),
            ties[id_].follows,
            pieces(people[id_].name, sought),
            excerpt((people[id_].about,), sought),
        )
        for id_ in ids
        if id_ in people and not ties[id_].blocked
    ]


_HYDRATE: Final[dict[FoundKind, Callable[[Kit, Caller, Sequence[Id], list[Word]], Awaitable[list[Item]]]]] = {
    "pin": _pins,
    "board": _boards,
    "person": _people,
}


async def _note(kit: Kit, caller: Caller, query: SearchQuery, items: list[Item]) -> None:
    """Note what somebody was shown; nothing is known of what visitors see."""
    pins = tuple(from_text(item.pin.id) for item in items if isinstance(item, resources.FoundPin))
    await views.note_served(kit, caller, "search_served", pins, query.q[:QUERY_CHARACTERS_MAX])


async def suggest(kit: Kit, request: Request[None, SuggestionsQuery]) -> Reply[resources.Suggestions]:
    """Show what may be meant by what was typed so far."""
    caller, query = request.caller, request.query
    found = await kit.search.suggest(caller, query.q, query.limit * _SUGGESTED_PER)
    said: dict[Id, Suggestion] = {}
    for kind, present_all in _SUGGEST.items():
        ids = [one.id for one in found if one.kind == kind]
        said |= await present_all(kit, caller, ids) if ids else {}
    return Reply(resources.Suggestions(_different(said[one.id] for one in found if one.id in said)[: query.limit]))


def _different(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Return suggestions in order, of those queries that read alike the first."""
    kept: dict[Hashable, Suggestion] = {}
    for one in suggestions:
        kept.setdefault(fold(one.text) if isinstance(one, resources.SuggestedQuery) else len(kept), one)
    return list(kept.values())


async def _suggested_boards(kit: Kit, caller: Caller, ids: list[Id]) -> dict[Id, Suggestion]:
    accesses = await _visible_boards(kit, caller, ids)
    owners = await hydrate.people(kit, caller, [access.board.owner for access in accesses])
    return {
        access.board.id: resources.SuggestedBoard(
            access.board.name, present.board_ref(access.board), present.person(kit, owners[access.board.owner])
        )
        for access in accesses
        if access.board.owner in owners
    }


async def _suggested_people(kit: Kit, caller: Caller, ids: list[Id]) -> dict[Id, Suggestion]:
    people = await hydrate.people(kit, caller, ids)
    return {id_: resources.SuggestedPerson(user.name, present.person(kit, user)) for id_, user in people.items()}


async def _suggested_queries(kit: Kit, caller: Caller, ids: list[Id]) -> dict[Id, Suggestion]:
    shown, _ = await visible_pins(kit, caller, ids)
    return {
        one.pin.id: resources.SuggestedQuery(one.pin.title[:_TITLE_CHARACTERS_MAX]) for one in shown if one.pin.title
    }


_SUGGEST: Final[dict[FoundKind, Callable[[Kit, Caller, list[Id]], Awaitable[dict[Id, Suggestion]]]]] = {
    "board": _suggested_boards,
    "person": _suggested_people,
    "pin": _suggested_queries,
}


ROUTES: tuple[AnyRoute[Kit], ...] = (
    Route(
        method="GET",
        path="/v1/search",
        handler=find,
        summary="Find pins, boards or people by words",
        tag="search",
        query=SearchQuery,
        returns=resources.SearchPage,
        access="public",
        budget="read",
    ),
    Route(
        method="GET",
        path="/v1/search/suggestions",
        handler=suggest,
        summary="What may be meant by the beginning of a query",
        tag="search",
        query=SuggestionsQuery,
        returns=resources.Suggestions,
        access="public",
        budget="read",
    ),
)
