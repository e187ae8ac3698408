"""What the feed does about events. Each handler reads the present truth from its owner, so order does not matter.

An event only says where to look: what it tells may be old by the time it is handled, and it may come twice.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board, Boards, Pin, Share
from bowerbird.contracts.caller import system
from bowerbird.contracts.events import Event
from bowerbird.contracts.feed import Candidate
from bowerbird.contracts.graph import Follow, Graph
from bowerbird.contracts.identity import User
from bowerbird.contracts.problems import NotFound
from bowerbird.services.feed.model import Place, candidate, pulled_from_now
from bowerbird.services.feed.read import shared
from bowerbird.services.feed.settings import FeedSettings
from bowerbird.services.feed.store import BOARD, HOME, POSTS, Store

_PAGE: Final = 100


class Consumer:
    """Keeps every timeline. Its group keeps the graph's maps too, before this: see the package's docstring."""

    def __init__(self, store: Store, graph: Graph, boards: Boards, settings: FeedSettings) -> None:
        self._store = store
        self._graph = graph
        self._boards = boards
        self._settings = settings

    def handlers(self) -> dict[str, Callable[[Event[Any]], Awaitable[None]]]:
        """Return the handlers by event type."""
        return {
            "pin_published": self.on_pin,
            "pin_changed": self.on_pin,
            "pin_restored": self.on_pin,
            "pin_deleted": self.on_pin,
            "pin_purged": self.on_pin,
            "person_followed": self.on_follow,
            "person_unfollowed": self.on_follow,
            "share_changed": self.on_share,
            "board_changed": self.on_board,
            "board_restored": self.on_board,
            "board_purged": self.on_board_purged,
            "user_deleted": self.on_user_deleted,
        }

    async def on_pin(self, event: Event[Pin]) -> None:
        """Put a pin into the timelines where it belongs, or take it out of all of them."""
        shown = (await self._boards.pins(system(event.envelope.trace), [event.envelope.entity]))[0]
        there = None if shown is None else candidate(shown.pin)
        if shown is None or there is None:
            await self._take_out(event.body)
            return
        await self._store.keep(BOARD, [there])
        board = (await self._boards.access(system(event.envelope.trace), [there.board]))[0]
        if board is None:
            return
        await self._push_to_members(board.board, [there])
        if board.board.visibility == "public":
            await self._store.keep(POSTS, [there])
            await self._push_to_followers(there.author, [there])
        else:
            await self._store.forget(POSTS, [there.author], [there.pin])

    async def on_follow(self, event: Event[Follow]) -> None:
        """Fill a home feed from a new follow, or empty it of one that ended; maybe change how the author is read."""
        follow = event.body
        await self._choose_policy(follow.followee)
        relation = (await self._graph.relations(follow.follower, [follow.followee]))[0]
        if relation.follows:
            await self._push_page(follow.follower, POSTS, follow.followee)
        else:
            await self._store.drop(HOME, follow.follower, author=follow.followee)
            for board in await shared(self._boards, follow.follower):
                await self._push_page(follow.follower, BOARD, board)

    async def on_share(self, event: Event[Share]) -> None:
        """Fill a home feed from a board newly shared, or empty it of one that no longer is."""
        share = event.body
        if share.board in await shared(self._boards, share.person):
            await self._push_page(share.person, BOARD, share.board)
        else:
            await self._store.drop(HOME, share.person, board=share.board)
            await self._refill_from_followed(share.person, share.board)

    async def on_board(self, event: Event[Board]) -> None:
        """Publish a board's pins to its authors' posts and followers, or take them back."""
        access = (await self._boards.access(system(event.envelope.trace), [event.envelope.entity]))[0]
        if access is None:
            return
        await self._sort_posts(access.board)
        pins = await self._newest(BOARD, access.board.id)
        for author in {pin.author for pin in pins}:
            if access.board.visibility == "public":
                await self._push_to_followers(author, [pin for pin in pins if pin.author == author])
            else:
                await self._purge_from_followers(author, access.board)
        await self._push_to_members(access.board, pins)

    async def _sort_posts(self, board: Board) -> None:
        """Put all of a public board's pins among their authors' posts, or take a private one's away."""
        before: Place | None = None
        while True:
            pins, _ = await self._store.page(BOARD, board.id, before, self._settings.entries_max)
            if board.visibility == "public":
                await self._store.keep(POSTS, pins)
            else:
                authors = list({pin.author for pin in pins})
                await self._store.forget(POSTS, authors, [pin.pin for pin in pins])
            if len(pins) < self._settings.entries_max:
                return
            before = Place(pins[-1].at, pins[-1].pin)

    async def on_board_purged(self, event: Event[Board]) -> None:
        """Forget a board's timeline; its pins' own events empty the others."""
        await self._store.drop(BOARD, event.envelope.entity)

    async def on_user_deleted(self, event: Event[User | None]) -> None:
        """Forget a person's posts and feed; what others still hold of them is never shown, and trimmed with time."""
        await self._store.drop(POSTS, event.envelope.entity)
        await self._store.drop(HOME, event.envelope.entity)
        await self._store.set_pulled(event.envelope.entity, pulled=False)

    async def _push_to_followers(self, author: Id, pins: list[Candidate]) -> None:
        if self._settings.policy == "pull" or author in await self._store.pulled():
            return
        async for followers in self._followers(author):
            await self._store.push(followers, pins)

    async def _push_to_members(self, board: Board, pins: list[Candidate]) -> None:
        if self._settings.policy != "pull" and pins:
            await self._store.push(await self._members(board.id), pins)

    async def _push_page(self, reader: Id, kind: str, owner: Id) -> None:
        """Push one entry more than a feed keeps: trimming it tells that there are older ones to pull."""
        if self._settings.policy == "pull":
            return
        pins, _ = await self._store.page(kind, owner, None, self._settings.entries_max + 1)
        await self._store.push([reader], pins)

    async def _refill_from_followed(self, reader: Id, board: Id) -> None:
        """Put back what a board's former member still sees of it by following its authors."""
        if self._settings.policy == "pull":
            return
        pins = await self._newest(BOARD, board)
        authors = list({pin.author for pin in pins})
        relations = await self._graph.relations(reader, authors)
        kept = {author for author, relation in zip(authors, relations, strict=True) if relation.follows}
        await self._store.push([reader], [pin for pin in pins if pin.author in kept])

    async def _purge_from_followers(self, author: Id, board: Board) -> None:
        members = set(await self._members(board.id))
        async for followers in self._followers(author):
            for follower in followers:
                if follower not in members:
                    await self._store.drop(HOME, follower, board=board.id)

    async def _take_out(self, pin: Pin) -> None:
        await self._store.forget(BOARD, [pin.board], [pin.id])
        if pin.saved_by is None:
            return
        await self._store.forget(POSTS, [pin.saved_by], [pin.id])
        await self._store.forget(HOME, await self._members(pin.board), [pin.id])
        async for followers in self._followers(pin.saved_by):
            await self._store.forget(HOME, followers, [pin.id])

    async def _choose_policy(self, author: Id) -> None:
        """Let an author with very many followers be pulled, and be pushed again when they are fewer."""
        if self._settings.policy != "hybrid":
            return
        followers = (await self._graph.counts(system(), [author]))[0].followers
        was = author in await self._store.pulled()
        now = pulled_from_now(
            pulled=was,
            followers=followers,
            push_max=self._settings.push_followers_max,
            pull_min=self._settings.pull_followers_min,
        )
        if now == was:
            return
        await self._store.set_pulled(author, pulled=now)
        if not now:
            pins, _ = await self._store.page(POSTS, author, None, self._settings.entries_max + 1)
            await self._push_to_followers(author, pins)

    async def _newest(self, kind: str, owner: Id) -> list[Candidate]:
        return (await self._store.page(kind, owner, None, self._settings.entries_max + 1))[0]

    async def _members(self, board: Id) -> list[Id]:
        try:
            return [share.person for share in await self._boards.shares(system(), board)]
        except NotFound:
            return []

    async def _followers(self, author: Id) -> AsyncIterator[list[Id]]:
        after: bytes | None = None
        while True:
            page = await self._graph.followers(system(), author, after, _PAGE)
            yield [tie.person for tie in page.items]
            if (after := page.next) is None:
                return
