"""Reading a home feed: by pull, from the posts of those followed, or pushed, from the reader's own timeline.

Both meet one interface and give the same pages once every event has been handled. Hybrid is pushed with the few
authors that are not pushed pulled in; a pushed feed whose older entries were trimmed continues by pull.
"""

import asyncio
from contextlib import suppress
from typing import Final, Protocol

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.feed import Candidate
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.feed.fill_home import push_as_it_is
from bowerbird.services.feed.model import Found, Place, found, newest, place
from bowerbird.services.feed.readers import followed, follows_of, shared
from bowerbird.services.feed.store import BOARD, POSTS, UNLESS_ABSENT, Store

_LOOKS_MAX: Final = 4
_PATIENCE_S: Final = 2.0
"""How long a page waits for what it can do without."""
_FAR: Final = 1000
"""How far one looks at once behind a page that is thin because of one's own pins."""


class Policy(Protocol):
    """How a reader's candidates are found: newest first, before a place."""

    async def home(self, viewer: Id, before: Place | None, limit: int) -> Found:
        """Return the next candidates, up to `limit`."""
        ...


class Pull:
    """Merges the posts of everybody the viewer follows and the pins of every board shared with the viewer."""

    def __init__(self, store: Store, graph: Graph, boards: Boards) -> None:
        self._store = store
        self._graph = graph
        self._boards = boards

    async def home(self, viewer: Id, before: Place | None, limit: int) -> Found:
        """Return the next candidates, own pins left out; after thousands of those in a row a page may be short."""
        authors = await followed(self._graph, viewer)
        boards = await shared(self._boards, viewer)
        others: list[Candidate] = []
        for look in range(_LOOKS_MAX):
            reach = limit if look == 0 else _FAR
            page = await self._merged(authors, boards, before, reach)
            others += [candidate for candidate in page if candidate.author != viewer]
            if len(others) >= limit:
                return found(others[:limit], limit)
            if len(page) < reach:
                return Found(others, None)
            before = place(page[-1])
        return Found(others, before)

    async def _merged(self, authors: list[Id], boards: list[Id], before: Place | None, limit: int) -> list[Candidate]:
        posts = await self._store.merged(POSTS, authors, before, limit)
        return newest([posts, await self._store.merged(BOARD, boards, before, limit)], limit)


class Hybrid:
    """Reads what was pushed, adds the posts of pulled authors, and pulls everything once the pushed part is used up.

    So it does for whoever was away, and has their home feed filled again. Without pulled authors this is push alone.
    Who is pulled is read first: an author is pushed to everybody before they are not pulled any more.
    """

    def __init__(self, store: Store, graph: Graph, pull: Pull, entries_max: int) -> None:
        self._store = store
        self._graph = graph
        self._pull = pull
        self._entries_max = entries_max

    async def home(self, viewer: Id, before: Place | None, limit: int) -> Found:
        """Return the next candidates."""
        pulled = await follows_of(self._graph, viewer, list(await self._store.pulled()))
        pushed = await self._store.pushed(viewer, before, limit)
        if pushed.seen_us is None or not self._store.seen_lately(pushed.seen_us):
            await self._note_in_time(viewer, filled=pushed.seen_us is not None)
        if pushed.seen_us is None:
            # What was just filled is read: a pin that is posted, not yet pushed, would else come, go and come again.
            pushed = await self._store.pushed(viewer, before, limit)
        if pushed.seen_us is None or (pushed.trimmed and len(pushed.entries) < limit):
            return await self._pull.home(viewer, before, limit)
        posts = await self._store.merged(POSTS, list(pulled), before, limit)
        return found(newest([pushed.entries, posts], limit), limit)

    async def _note_in_time(self, viewer: Id, *, filled: bool) -> None:
        """Note it unless that takes too long; a page can do without."""
        with UNLESS_ABSENT, suppress(TimeoutError, Unavailable):
            async with asyncio.timeout(_PATIENCE_S):
                await self._note(viewer, filled=filled)

    async def _note(self, viewer: Id, *, filled: bool) -> None:
        """Note that somebody is here; fill the home feed first of whoever comes back, or comes for the first time.

        It is opened before its entries are pulled, so that what comes meanwhile is pushed. One more than it keeps is
        put there: trimming it tells that there are older ones to pull.
        """
        if not filled:
            await self._store.open_home(viewer)
            await push_as_it_is(self._store, [viewer], lambda: self._whole(viewer))
        await self._store.seen(viewer)

    async def _whole(self, viewer: Id) -> list[Candidate]:
        """Return what a home feed is filled with, by pull."""
        entries: list[Candidate] = []
        behind: Place | None = None
        while len(entries) <= self._entries_max:
            page = await self._pull.home(viewer, behind, self._entries_max + 1 - len(entries))
            entries += page.candidates
            if (behind := page.behind) is None:
                break
        return entries
