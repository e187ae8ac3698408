"""Whose feeds a pin may enter, and from where a feed may be filled: the graph and the boards, asked page by page."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.caller import READ, Caller, system
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.paging import pages
from bowerbird.contracts.problems import NotFound

FOLLOWED_MAX: Final = 20_000
SHARED_MAX: Final = 1_000
_PAGE: Final = 100
_PEOPLE_MAX: Final = 500
"""About so many people the graph answers at once."""


async def followers(graph: Graph, caller: Caller, author: Id) -> AsyncIterator[list[Id]]:
    """Yield everybody who follows an author, some at a time."""
    async for page in pages(lambda mark: graph.followers(caller, author, mark, _PEOPLE_MAX)):
        yield [tie.person for tie in page.items]


async def members(boards: Boards, caller: Caller, board: Id) -> list[Id]:
    """Return with whom a board is shared; nobody for one that is gone."""
    try:
        return [share.person for share in await boards.shares(caller, board)]
    except NotFound:
        return []


async def followed(graph: Graph, viewer: Id) -> list[Id]:
    """Return whom somebody follows, newest first, up to FOLLOWED_MAX."""
    listed = pages(lambda mark: graph.following(system(), viewer, mark, _PAGE), pages_max=FOLLOWED_MAX // _PAGE)
    return [tie.person async for page in listed for tie in page.items]


async def follows_of(graph: Graph, viewer: Id, people: Sequence[Id]) -> set[Id]:
    """Return those of some people whom somebody follows now, by the records."""
    found: set[Id] = set()
    for start in range(0, len(people), _PEOPLE_MAX):
        some = people[start : start + _PEOPLE_MAX]
        relations = await graph.relations(viewer, some)
        found.update(person for person, relation in zip(some, relations, strict=True) if relation.follows)
    return found


async def shared(boards: Boards, viewer: Id) -> list[Id]:
    """Return the boards shared with somebody, newest first, up to SHARED_MAX."""
    listed = pages(lambda mark: boards.shared_with_me(_as(viewer), mark, _PAGE), pages_max=SHARED_MAX // _PAGE)
    return [access.board.id async for page in listed for access in page.items]


async def shared_among(boards: Boards, viewer: Id, some: Sequence[Id]) -> set[Id]:
    """Return those of some boards that are shared with somebody now, by the records."""
    found: set[Id] = set()
    for start in range(0, len(some), _PEOPLE_MAX):
        accesses = await boards.access(_as(viewer), some[start : start + _PEOPLE_MAX])
        found.update(access.board.id for access in accesses if access and access.rights in {"editor", "viewer"})
    return found


def _as(viewer: Id) -> Caller:
    return Caller(person=viewer, scopes=READ)
