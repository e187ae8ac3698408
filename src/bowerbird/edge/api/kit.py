"""What every handler is handed: the services by contract, and what the edge keeps for itself."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from msgspec import Struct

from bowerbird.base.world import World
from bowerbird.contracts.boards import Boards
from bowerbird.contracts.feed import Feed
from bowerbird.contracts.graph import Graph
from bowerbird.contracts.identity import Identity
from bowerbird.contracts.insight import Insight
from bowerbird.contracts.media import Media, Served
from bowerbird.contracts.recommend import Recommend
from bowerbird.contracts.search import Search
from bowerbird.contracts.vision import Vision
from bowerbird.edge.api.addresses import Addresses
from bowerbird.edge.api.fragments import Fragments
from bowerbird.edge.api.pages import Pages
from bowerbird.edge.api.settings import EdgeSettings
from bowerbird.edge.http.asgi import Header, Receive, Scope, Send
from bowerbird.edge.http.cursors import Cursors

SendBlob: TypeAlias = Callable[[Scope, Receive, Send, Served, list[Header]], Awaitable[None]]
"""Sends a blob's bytes (a range of them where one is asked for) with these headers besides its type and length."""


class Deps(Struct, frozen=True, kw_only=True):
    """What the API stands on.

    `ready` returns what keeps the server from working (nothing: ready), `metrics` Prometheus' text.
    """

    identity: Identity
    boards: Boards
    graph: Graph
    media: Media
    feed: Feed
    insight: Insight
    search: Search
    vision: Vision
    recommend: Recommend
    world: World
    settings: EdgeSettings
    send_blob: SendBlob
    ready: Callable[[], Awaitable[list[str]]]
    metrics: Callable[[], Awaitable[bytes]]


class Kit(Deps, frozen=True, kw_only=True):
    """That, and the edge's own; `openapi` and `docs` are the document about the API and the page that is made of it."""

    cursors: Cursors
    addresses: Addresses
    fragments: Fragments
    pages: Pages
    openapi: bytes
    docs: bytes
