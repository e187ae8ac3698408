"""Reading a home feed: by pull, from the posts of those followed, or pushed, from the reader's own timeline.

Both meet one interface and give the same pages once every event has been handled. Hybrid is pushed with the few
authors that are not pushed pulled in; a pushed feed whose older entries were trimmed continues by pull.
"""

from typing import Protocol

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.caller import READ, Caller, system
from bowerbird.contracts.feed import Candidate
from bowerbird.contracts.graph import Graph
from bowerbird.services.feed.model import Place, newest
from bowerbird.services.feed.store import BOARD, HOME, POSTS, Store

FOLLOWED_MAX = 20_000
SHARED_MAX = 1_000
_PAGE = 100


class Policy(Protocol):
    """How a reader's candidates are found: newest first, before a place, `limit` unless there are fewer."""

    async def home(self, viewer: Id, before: Place | None, limit: int) -> list[Candidate]:
        """Return the next candidates; fewer than `limit` only at the end."""
        ...


class Pull:
    """Merges the posts of everybody the viewer follows and the pins of every board shared with the viewer."""

    def __init__(self, store: Store, graph: Graph, boards: Boards) -> None:
        self._store = store
        self._graph = graph
        self._boards = boards

    async def home(self, viewer: Id, before: Place | None, limit: int) -> list[Candidate]:
        """Return the next candidates, own pins left out."""
        authors = await followed(self._graph, viewer)
        boards = await shared(self._boards, viewer)
        found: list[Candidate] = []
        while True:
            lists = [
                await self._store.merged(POSTS, authors, before, limit),
                await self._store.merged(BOARD, boards, before, limit),
            ]
            page = newest(lists, limit)
            found += [candidate for candidate in page if candidate.author != viewer]
            if len(page) < limit or len(found) >= limit:
                return found[:limit]
            before = Place(page[-1].at, page[-1].pin)


class Hybrid:
    """Reads what was pushed, adds the posts of pulled authors, and pulls everything once the pushed part is used up.

    Without pulled authors this is push alone.
    """

    def __init__(self, store: Store, graph: Graph, pull: Pull) -> None:
        self._store = store
        self._graph = graph
        self._pull = pull

    async def home(self, viewer: Id, before: Place | None, limit: int) -> list[Candidate]:
        """Return the next candidates."""
        pushed, trimmed = await self._store.page(HOME, viewer, before, limit)
        if trimmed and len(pushed) < limit:
            return await self._pull.home(viewer, before, limit)
        pulled = await self._pulled_for(viewer)
        if not pulled:
            return pushed
        return newest([pushed, await self._store.merged(POSTS, pulled, before, limit)], limit)

    async def _pulled_for(self, viewer: Id) -> list[Id]:
        authors = list(await self._store.pulled())
        if not authors:
            return []
        relations = await self._graph.relations(viewer, authors)
        return [author for author, relation in zip(authors, relations, strict=True) if relation.follows]


async def followed(graph: Graph, viewer: Id) -> list[Id]:
    """Return whom somebody follows, newest first, up to FOLLOWED_MAX."""
    found: list[Id] = []
    after: bytes | None = None
    while len(found) < FOLLOWED_MAX:
        page = await graph.following(system(), viewer, after, _PAGE)
        found += [tie.person for tie in page.items]
        if (after := page.next) is None:
            break
    return found


async def shared(boards: Boards, viewer: Id) -> list[Id]:
    """Return the boards shared with somebody, newest first, up to SHARED_MAX."""
    found: list[Id] = []
    after: bytes | None = None
    while len(found) < SHARED_MAX:
        page = await boards.shared_with_me(Caller(person=viewer, scopes=READ), after, _PAGE)
        found += [access.board.id for access in page.items]
        if (after := page.next) is None:
            break
    return found
