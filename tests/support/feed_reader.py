"""Reading feeds and boards as the API does: skeleton, facts, rules, cursors, without the way through HTTP."""

import json
from typing import Any, Final

from bowerbird.base.ids import Id, from_text, to_text
from bowerbird.contracts.problems import Problem
from bowerbird.edge.api.addresses import Addresses
from bowerbird.edge.api.feed import get_feed
from bowerbird.edge.api.fragments import Fragments
from bowerbird.edge.api.inputs import PageQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.pages import Pages
from bowerbird.edge.api.pins import list_board_pins
from bowerbird.edge.api.settings import EdgeSettings
from bowerbird.edge.http.cursors import Cursors
from bowerbird.edge.http.route import Request
from tests.support.house import MASTER, House, by

ROUNDS_MAX: Final = 1000
"""So many pages no feed of a test has."""


class FeedReader:
    """Reads the feeds and the boards of a house, and remembers pages of them as a worker does."""

    def __init__(self, house: House, pages_bytes_max: int = EdgeSettings().pages_bytes_max) -> None:
        nothing: Any = None
        settings = EdgeSettings()
        self._kit = Kit(
            identity=house.services.identity,
            boards=house.services.boards,
            graph=house.services.graph,
            media=house.services.media,
            feed=house.services.feed,
            insight=house.services.insight,
            search=house.services.search,
            vision=nothing,
            recommend=nothing,
            world=house.world,
            settings=settings,
            cursors=Cursors(MASTER),
            addresses=Addresses(MASTER, house.world, settings.picture_step_s),
            fragments=Fragments(settings.fragments_max, settings.fragments_bytes_max),
            pages=Pages(pages_bytes_max),
            send_blob=nothing,
            ready=nothing,
            metrics=nothing,
            openapi=b"",
            docs=b"",
        )

    async def feed(self, viewer: Id, limit: int, cursor: str = "") -> bytes:
        """Return a page of a feed as it is sent."""
        reply = await get_feed(self._kit, _request("/v1/feed", {}, viewer, PageQuery(limit=limit, cursor=cursor)))
        assert isinstance(reply.body, bytes)
        return reply.body

    async def board(self, viewer: Id, board: Id, limit: int) -> bytes | str:
        """Return the first page of a board as it is sent, or the code of the problem."""
        text = to_text(board)
        try:
            request = _request(f"/v1/boards/{text}/pins", {"board": text}, viewer, PageQuery(limit=limit))
            reply = await list_board_pins(self._kit, request)
        except Problem as problem:
            return problem.code
        assert isinstance(reply.body, bytes)
        return reply.body

    async def page(self, viewer: Id, limit: int, cursor: str = "") -> tuple[list[Id], str]:
        """Return a page's pins and the cursor of the next, "" at the end."""
        entries, cursor = await self.entries(viewer, limit, cursor)
        return [pin for pin, _ in entries], cursor

    async def entries(self, viewer: Id, limit: int, cursor: str = "") -> tuple[list[tuple[Id, int]], str]:
        """Return a page's pins with how many others each stands for, and the cursor of the next."""
        page = json.loads(await self.feed(viewer, limit, cursor))
        assert len(page["items"]) <= limit
        items = page["items"]
        return [(from_text(item["pin"]["id"]), item["more"]) for item in items], page["next"] or ""

    async def whole(self, viewer: Id, limit: int) -> list[tuple[Id, int]]:
        """Return all of a feed, page by page."""
        found, cursor = await self.entries(viewer, limit)
        for _ in range(ROUNDS_MAX):
            if not cursor:
                return found
            more, cursor = await self.entries(viewer, limit, cursor)
            found += more
        raise AssertionError("a feed has no end")


def _request(path: str, places: dict[str, str], viewer: Id, query: PageQuery) -> Request[None, PageQuery]:
    return Request(
        caller=by(viewer), path=path, places=places, query=query, body=None, address="", client="", version=None
    )
