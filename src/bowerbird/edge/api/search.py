"""Search: what is found by words, and what is suggested while they are typed.

The index proposes; what stands on the page was read after the request began, as on every other.
"""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Final, TypeAlias

from bowerbird.base.ids import Id, from_text
from bowerbird.base.words import Word, words
from bowerbird.contracts.boards import Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import User
from bowerbird.contracts.paging import Page
from bowerbird.contracts.search import FREQUENT_MAX, QUERY_CHARACTERS_MAX, FoundKind, Results
from bowerbird.edge.api import hydrate, present, resources, views
from bowerbird.edge.api.excerpts import excerpt, pieces
from bowerbird.edge.api.inputs import SearchQuery, SuggestionsQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.refill import filled
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route

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

    async def seen(results: Results) -> Page[Item]:
        return Page(await _hydrated(kit, caller, query.type, results), results.next)

    async def further(mark: bytes, items: list[Item]) -> Page[Item]:
        return await seen(await kit.search.find(caller, query.q, query.type, mark, query.limit - len(items)))

    page = await filled(await seen(first), further, query.limit)
    await _note(kit, caller, query, page.items)
    better = first.meant if first.meant and await _visible(kit, caller, query.type, first.meant) else None
    cursor = hydrate.cursor_to(kit, request, page.next, which)
    return Reply(resources.SearchPage(page.items, cursor, first.near and bool(page.items), better))


async def _visible(kit: Kit, caller: Caller, kind: FoundKind, query: str) -> bool:
    """Say whether the caller would see anything that a query finds."""
    results = await kit.search.find(caller, query, kind, None, _SUGGESTED_PER)
    return bool(await _hydrated(kit, caller, kind, results))


async def _hydrated(kit: Kit, caller: Caller, kind: FoundKind, results: Results) -> list[Item]:
    ids, sought = [one.id for one in results.found], words(results.sought)
    return await _HYDRATE[kind](kit, caller, ids, sought) if ids else []


async def _pins(kit: Kit, caller: Caller, ids: Sequence[Id], sought: list[Word]) -> list[Item]:
    shown, people = await hydrate.visible_pins(kit, caller, ids)
    return [_found_pin(kit, caller, one, people, sought) for one in shown]


def _found_pin(kit: Kit, caller: Caller, one: Shown, people: dict[Id, User], sought: list[Word]) -> resources.FoundPin:
    pin = one.pin
    return resources.FoundPin(
        present.pin_among(kit, one, people, caller.person),
        pieces(pin.title, sought),
        excerpt((pin.note, pin.alt, pin.description), sought),
    )


async def _boards(kit: Kit, caller: Caller, ids: Sequence[Id], sought: list[Word]) -> list[Item]:
    accesses = [access for access in await kit.boards.access(caller, ids) if access is not None]
    return [
        resources.FoundBoard(board, pieces(board.name, sought), excerpt((board.description,), sought))
        for board in await hydrate.board_list(kit, caller, accesses)
    ]


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
    """Show what may be meant by what was typed so far: boards, people, what many ask, and what pins are called."""
    caller, query = request.caller, request.query
    found = await kit.search.suggest(caller, query.q, query.limit * _SUGGESTED_PER)
    said: dict[Id, Suggestion] = {}
    for kind, present_all in _SUGGEST.items():
        ids = [one.id for one in found if one.kind == kind]
        said |= await present_all(kit, caller, ids) if ids else {}
    things = [said[one.id] for one in found if one.kind != "pin" and one.id in said]
    asked = await _frequent(kit, caller, query.q, query.limit - len(things))
    called = [said[one.id] for one in found if one.kind == "pin" and one.id in said]
    return Reply(resources.Suggestions(_different([*things, *asked, *called])[: query.limit]))


async def _frequent(kit: Kit, caller: Caller, typed: str, limit: int) -> list[Suggestion]:
    """Return what many ask, as far as it finds something that the caller may see."""
    frequent = await kit.search.asked(typed, min(limit, FREQUENT_MAX)) if limit > 0 else []
    shown, _ = await hydrate.visible_pins(kit, caller, [one.id for each in frequent for one in each.found])
    seen = {one.pin.id for one in shown}
    return [resources.SuggestedQuery(each.query) for each in frequent if any(one.id in seen for one in each.found)]


def _different(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Return suggestions in order, of those queries that have the same words the first."""
    kept: dict[Hashable, Suggestion] = {}
    for one in suggestions:
        same = tuple(word.text for word in words(one.text)) if isinstance(one, resources.SuggestedQuery) else len(kept)
        kept.setdefault(same, one)
    return list(kept.values())


async def _suggested_boards(kit: Kit, caller: Caller, ids: list[Id]) -> dict[Id, Suggestion]:
    accesses, owners = await hydrate.visible_boards(kit, caller, ids)
    return {
        access.board.id: resources.SuggestedBoard(
            access.board.name, present.board_ref(access.board), present.person(kit, owners[access.board.owner])
        )
        for access in accesses
    }


async def _suggested_people(kit: Kit, caller: Caller, ids: list[Id]) -> dict[Id, Suggestion]:
    people = await hydrate.people(kit, caller, ids)
    return {id_: resources.SuggestedPerson(user.name, present.person(kit, user)) for id_, user in people.items()}


async def _suggested_queries(kit: Kit, caller: Caller, ids: list[Id]) -> dict[Id, Suggestion]:
    shown, _ = await hydrate.visible_pins(kit, caller, ids)
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
