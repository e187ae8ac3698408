"""The site: ASGI applications by path, side by side on one origin: the API, the blob endpoint and the page."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.endpoint import BlobEndpoint
from bowerbird.adapters.files.serving import serve_blob
from bowerbird.app.engines import BLOBS_AT, Engines
from bowerbird.app.secrets import derive
from bowerbird.app.sections import Settings
from bowerbird.app.wiring import Services
from bowerbird.base.telemetry import SHARED_METRICS, render_metrics
from bowerbird.base.world import World
from bowerbird.contracts.events import CHANGES
from bowerbird.contracts.media import Served
from bowerbird.contracts.problems import NotFound
from bowerbird.edge.api.api import Api
from bowerbird.edge.api.kit import Deps
from bowerbird.edge.api.settings import EdgeSettings
from bowerbird.edge.http.asgi import App, Header, Receive, Scope, Send
from bowerbird.edge.http.secure import strict
from bowerbird.edge.web.site import Web
from bowerbird.ports.log import Log
from bowerbird.ports.records import EngineUnavailable

Ready = Callable[[], Awaitable[list[str]]]
"""Returns what keeps the server from working; nothing: it is ready."""

_READY_S: Final = 2.0
_API: Final = ("/v1/", "/media/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/problems/")


class Site:
    """Everything that one address answers."""

    def __init__(self, api: App, blobs: App, page: App) -> None:
        self._api = api
        self._blobs = blobs
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to whoever serves its path."""
        path: str = scope["path"]
        if path.startswith(_API):
            await self._api(scope, receive, send)
        elif path.startswith(f"{BLOBS_AT}/"):
            await self._blobs(scope, receive, send)
        else:
            await self._page(scope, receive, send)


def whole(services: Services, engines: Engines, settings: Settings, master: bytes, world: World) -> Site:
    """Return the site of a process that has everything."""
    ready = core_answers(engines.log)
    api = api_on(services, engines.blobs, settings.http, master, world, ready)
    blobs = BlobEndpoint(engines.blobs, f"{BLOBS_AT}/")
    return Site(*(strict(app, settings.http) for app in (api, blobs, Web())))


def api_alone(
    services: Services, blobs: FileBlobs, settings: EdgeSettings, master: bytes, world: World, ready: Ready
) -> Site:
    """Return the site of a process that has no page; its settings count the process of the page as a proxy."""
    api = api_on(services, blobs, settings, master, world, ready)
    return Site(api, BlobEndpoint(blobs, f"{BLOBS_AT}/"), api)


def api_on(
    services: Services, blobs: FileBlobs, settings: EdgeSettings, master: bytes, world: World, ready: Ready
) -> Api:
    """Return the API over services, wherever those are."""
    return Api(
        Deps(
            identity=services.identity,
            boards=services.boards,
            graph=services.graph,
            media=services.media,
            feed=services.feed,
            insight=services.insight,
            search=services.search,
            vision=services.vision,
            recommend=services.recommend,
            send_blob=_sender(blobs),
            ready=ready,
            metrics=_metrics,
            settings=settings,
            world=world,
        ),
        services.safety,
        derive(master, "edge"),
    )


def _sender(blobs: FileBlobs) -> Callable[[Scope, Receive, Send, Served, list[Header]], Awaitable[None]]:
    async def send_blob(scope: Scope, _receive: Receive, send: Send, served: Served, headers: list[Header]) -> None:
        if not await serve_blob(blobs, scope, send, served.key, headers):
            raise NotFound("there is no such picture")

    return send_blob


def core_answers(log: Log) -> Ready:
    """Return what asks whether core answers: without it nothing is written, and not only some time."""

    async def ready() -> list[str]:
        try:
            async with asyncio.timeout(_READY_S):
                await log.end(CHANGES)
        except (EngineUnavailable, TimeoutError):
            return ["core does not answer"]
        return []

    return ready


async def _metrics() -> bytes:
    shared = os.environ.get(SHARED_METRICS)
    return render_metrics(Path(shared) if shared else None)
