"""The API as one ASGI application: contracts go in, routes come out."""

from collections.abc import Awaitable, Callable
from typing import cast

import msgspec
from msgspec import Struct

from bowerbird.base.world import World
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Feed
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.identity import Identity, Shown
from bowerbird.contracts.insight import Insight
from bowerbird.contracts.media import Media
from bowerbird.contracts.safety import Allowance, Budget, Safety, by_address
from bowerbird.edge.api.addresses import Addresses
from bowerbird.edge.api.fragments import Fragments
from bowerbird.edge.api.kit import Kit, SendBlob
from bowerbird.edge.api.manual import manual
from bowerbird.edge.api.openapi import openapi
from bowerbird.edge.api.pages import Pages
from bowerbird.edge.api.routes import ROUTES
from bowerbird.edge.api.settings import EdgeSettings
from bowerbird.edge.http.asgi import Receive, Scope, Send
from bowerbird.edge.http.cursors import Cursors
from bowerbird.edge.http.router import Router


class Deps(Struct, frozen=True, kw_only=True):
    """What the API stands on.

    `key`: a secret of 32 bytes that all workers share; a new one ends cursors and private pictures' addresses.
    `ready` returns what keeps the server from working (nothing: ready), `metrics` Prometheus' text.
    """

    identity: Identity
    boards: Boards
    graph: Graph
    media: Media
    feed: Feed
    safety: Safety
    insight: Insight
    send_blob: SendBlob
    ready: Callable[[], Awaitable[list[str]]]
    metrics: Callable[[], Awaitable[bytes]]
    key: bytes
    settings: EdgeSettings
    world: World


class Api:
    """Serves every route of `routes.ROUTES`; holds nothing that must outlive the process."""

    def __init__(self, deps: Deps) -> None:
        document = openapi()
        kit = Kit(
            identity=deps.identity,
            boards=deps.boards,
            graph=deps.graph,
            media=deps.media,
            feed=deps.feed,
            insight=deps.insight,
            world=deps.world,
            settings=deps.settings,
            cursors=Cursors(deps.key),
            addresses=Addresses(deps.key, deps.world, deps.settings.picture_step_s),
            fragments=Fragments(deps.settings.fragments_max, deps.settings.fragments_bytes_max),
            pages=Pages(deps.settings.pages_bytes_max),
            send_blob=deps.send_blob,
            ready=deps.ready,
            metrics=deps.metrics,
            openapi=msgspec.json.encode(document),
            docs=manual(document),
        )
        self._router = Router(ROUTES, kit, _Gate(deps.identity, deps.safety), deps.settings, deps.world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one `http` scope."""
        await self._router(scope, receive, send)


class _Gate:
    """Tokens are identity's to check, calls are safety's to count."""

    def __init__(self, identity: Identity, safety: Safety) -> None:
        self._identity = identity
        self._safety = safety

    async def authenticate(self, token: str) -> Shown:
        return await self._identity.authenticate(token)

    async def spend(self, caller: Caller, budget: str, address: str) -> Allowance:
        return await self._safety.spend(caller, cast("Budget", budget), caller.person or by_address(address))
