"""Reading feeds as the API does: skeleton, facts, rules, cursors, without the way through HTTP."""

import json
from typing import Any, Final

from bowerbird.base.ids import Id, from_text
from bowerbird.edge.api.addresses import Addresses
from bowerbird.edge.api.feed import get_feed
from bowerbird.edge.api.fragments import Fragments
from bowerbird.edge.api.inputs import PageQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.settings import EdgeSettings
from bowerbird.edge.http.cursors import Cursors
from bowerbird.edge.http.route import Request
from tests.support.house import MASTER, House, by

ROUNDS_MAX: Final = 1000
"""So many pages no feed of a test has."""


class FeedReader:
    """Reads the feeds of a house."""

    def __init__(self, house: House) -> None:
        nothing: Any = None
        settings = EdgeSettings()
        self._kit = Kit(
            identity=house.services.identity,
            boards=house.services.boards,
            graph=house.services.graph,
            media=house.services.media,
            feed=house.services.feed,
            insight=house.services.insight,
            world=house.world,
            settings=settings,
            cursors=Cursors(MASTER),
            addresses=Addresses(MASTER, house.world, settings.picture_step_s),
            fragments=Fragments(settings.fragments_max, settings.fragments_bytes_max),
            send_blob=nothing,
            ready=nothing,
            metrics=nothing,
            openapi=b"",
            docs=b"",
        )

    async def page(self, viewer: Id, limit: int, cursor: str = "") -> tuple[list[Id], str]:
        """Return a page's pins and the cursor of the next, "" at the end."""
        request = Request[None, PageQuery](
            caller=by(viewer),
            path="/v1/feed",
            places={},
            query=PageQuery(limit=limit, cursor=cursor),
            body=None,
            address="",
            client="",
            version=None,
        )
        reply = await get_feed(self._kit, request)
        assert isinstance(reply.body, bytes)
        page = json.loads(reply.body)
        assert len(page["items"]) <= limit
        return [from_text(item["pin"]["id"]) for item in page["items"]], page["next"] or ""

    async def whole(self, viewer: Id, limit: int) -> list[Id]:
        """Return all of a feed, page by page."""
        found, cursor = await self.page(viewer, limit)
        for _ in range(ROUNDS_MAX):
            if not cursor:
                return found
            more, cursor = await self.page(viewer, limit, cursor)
            found += more
        raise AssertionError("a feed has no end")
