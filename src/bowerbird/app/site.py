"""The site: one ASGI application of the API, the page, and the blob endpoint, side by side on one origin."""

import asyncio
import os
from pathlib import Path
from typing import Final

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
from bowerbird.edge.api.api import Api, Deps
from bowerbird.edge.http.asgi import Header, Receive, Scope, Send
from bowerbird.edge.web.site import Web
from bowerbird.ports.records import EngineUnavailable

_READY_S: Final = 2.0
_API: Final = ("/v1/", "/media/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/problems/")


class Site:
    """Everything that one address answers."""

    def __init__(self, services: Services, engines: Engines, settings: Settings, master: bytes, world: World) -> None:
        self._engines = engines
        self._blobs = BlobEndpoint(engines.blobs, f"{BLOBS_AT}/")
        self._web = Web()
        self._api = Api(
            Deps(
                identity=services.identity,
                boards=services.boards,
                graph=services.graph,
                media=services.media,
                feed=services.feed,
                safety=services.safety,
                insight=services.insight,
                send_blob=self._send_blob,
                ready=self._ready,
                metrics=self._metrics,
                key=derive(master, "edge"),
                settings=settings.http,
                world=world,
            )
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to whoever serves its path."""
        path: str = scope["path"]
        if path.startswith(_API):
            await self._api(scope, receive, send)
        elif path.startswith(f"{BLOBS_AT}/"):
            await self._blobs(scope, receive, send)
        else:
            await self._web(scope, receive, send)

    async def _send_blob(
        self, scope: Scope, _receive: Receive, send: Send, served: Served, headers: list[Header]
    ) -> None:
        if not await serve_blob(self._engines.blobs, scope, send, served.key, headers):
            raise NotFound("there is no such picture")

    async def _ready(self) -> list[str]:
        """Return what is missing: core must answer, for without it nothing is written, and not only some time."""
        try:
            async with asyncio.timeout(_READY_S):
                await self._engines.log.end(CHANGES)
        except (EngineUnavailable, TimeoutError):
            return ["core does not answer"]
        return []

    async def _metrics(self) -> bytes:
        shared = os.environ.get(SHARED_METRICS)
        return render_metrics(Path(shared) if shared else None)
