"""What the feed does about events. Each handler reads the present truth from its owner, so order does not matter.

An event only says where to look: what it tells may be old by the time it is handled, and it may come twice.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from bowerbird.contracts.boards import Board, Boards, Pin, Share
from bowerbird.contracts.caller import Caller, system
from bowerbird.contracts.events import Event
from bowerbird.contracts.graph import Follow, Graph
from bowerbird.contracts.identity import User
from bowerbird.services.feed.choose_policy import choose_policy
from bowerbird.services.feed.fill_home import purge, push_page
from bowerbird.services.feed.kit import Kit
from bowerbird.services.feed.place_pin import place_pin
from bowerbird.services.feed.readers import follows_of, shared_among
from bowerbird.services.feed.settings import FeedSettings
from bowerbird.services.feed.store import BOARD, POSTS, Store
from bowerbird.services.feed.turn_board import turn_board

Handler = Callable[[Event[Any]], Awaitable[None]]


class Consumer:
    """Keeps every timeline. Its group keeps the graph's maps too, before this: see the package's docstring."""

    def __init__(self, store: Store, graph: Graph, boards: Boards, settings: FeedSettings) -> None:
        self._kit = Kit(store, graph, boards, settings)

    def handlers(self) -> dict[str, Handler]:
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
            "board_created": self.on_board,
            "board_changed": self.on_board,
            "board_deleted": self.on_board,
            "board_restored": self.on_board,
            "board_purged": self.on_board_purged,
            "user_deleted": self.on_user_deleted,
        }

    def sweeps(self) -> dict[str, Callable[[], Awaitable[int]]]:
        """Return what comes due with time."""
        return {"away": self.sweep_away}

    async def sweep_away(self) -> int:
        """Drop the home feeds of some who are away; return of how many."""
        readers = await self._kit.store.away()
        for reader in readers:
            await self._kit.store.drop_home(reader)
        return len(readers)

    async def on_pin(self, event: Event[Pin]) -> None:
        """Put a pin into the timelines where it belongs, and out of all others.

        One that is purged was taken from its author's followers when it was deleted, or its board was.
        """
        moved = event.envelope.type == "pin_changed" and event.body.last_board is not None
        was_open = moved or event.envelope.type == "pin_deleted"
        await place_pin(self._kit, _house(event), event.body, was_open=was_open)

    async def on_follow(self, event: Event[Follow]) -> None:
        """Fill a home feed from a new follow, or empty it of one that ended; maybe change how the author is read.

        What stood there of an earlier follow is looked through in any case: nobody told the feed what became of it.
        """
        reader, author = event.body.follower, event.body.followee
        await choose_policy(self._kit, _house(event), author)
        await purge(self._kit, _house(event), reader, lambda entry: entry.author == author)
        follows = await follows_of(self._kit.graph, reader, [author])
        if follows and author not in await self._kit.store.pulled():
            await push_page(self._kit, _house(event), reader, POSTS, author)

    async def on_share(self, event: Event[Share]) -> None:
        """Fill a home feed from a board newly shared, or empty it of one that no longer is."""
        reader, board = event.body.person, event.body.board
        await purge(self._kit, _house(event), reader, lambda entry: entry.board == board)
        if await shared_among(self._kit.boards, reader, [board]):
            # The list of boards shared with the reader, which fills a feed, may not have this one yet.
            await self._kit.store.open_home(reader)
            await push_page(self._kit, _house(event), reader, BOARD, board)

    async def on_board(self, event: Event[Board]) -> None:
        """Publish a board's pins to its authors' posts and followers, or take them back."""
        await turn_board(self._kit, _house(event), event.body)

    async def on_board_purged(self, event: Event[Board]) -> None:
        """Forget a board's timeline; its pins' own events empty the others."""
        await self._kit.store.forget_board(event.envelope.entity)

    async def on_user_deleted(self, event: Event[User | None]) -> None:
        """End a person's posts and feed; what others still hold of them is never shown, and goes with their follows."""
        await self._kit.store.close(POSTS, event.envelope.entity)
        await self._kit.store.drop_home(event.envelope.entity)
        await self._kit.store.set_pulled(event.envelope.entity, pulled=False)


def _house(event: Event[Any]) -> Caller:
    return system(event.envelope.trace)
