"""Serving: runs an ASGI application on an inherited socket until told to stop, then drains: no request is cut."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from granian.constants import Interfaces
from granian.net import SocketHolder  # pyright: ignore[reportPrivateImportUsage] - the public way to it
from granian.server.embed import Server
from typing_extensions import override

from bowerbird.base.world import World
from bowerbird.runtime.listener import BACKLOG, is_local, leave

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DRAIN_S: Final = 1.0
"""How long clients with open connections are told to go elsewhere before the rest is closed."""

_CLOSE: Final = (b"connection", b"close")


class _Inheriting(Server):
    """Granian in this process, accepting from a socket that it inherits."""

    def __init__(self, app: App, descriptor: int, connections_max: int) -> None:
        self._inherited = descriptor
        super().__init__(
            app,
            interface=Interfaces.ASGINL,
            backlog=BACKLOG,
            backpressure=connections_max,
            websockets=False,
            log_enabled=False,
        )

    @override
    def _init_shared_socket(self) -> None:
        self._ssp, self._shd = None, SocketHolder(self._inherited, is_local(self._inherited), BACKLOG)  # pyright: ignore[reportCallIssue] - granian's stub lacks the arguments


class Web:
    """One worker. `connections_max`: open connections it takes, idle ones too; further ones wait in the queue."""

    def __init__(self, app: App, descriptor: int, connections_max: int, world: World) -> None:
        self._app = app
        self._descriptor = descriptor
        self._world = world
        self._draining = False
        self._server = _Inheriting(self._answer, descriptor, connections_max)

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; return when all that was accepted is answered."""
        running = asyncio.create_task(self._server.serve(), name="granian")
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            self._draining = True
            leave(self._descriptor)
            await self._world.sleep(DRAIN_S)
            self._server.stop()
        stopping.cancel()
        await running

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, self._send_last(send) if self._draining else send)

    def _send_last(self, send: Send) -> Send:
        """Ask the client, with the answer, to close the connection."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), _CLOSE]
            await send(message)

        return sending
