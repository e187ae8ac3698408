"""An ASGI application on a real server of this process, on a port of the loopback."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from bowerbird.runtime.web import Web
from tests.support.set_clock import SetClock

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@asynccontextmanager
async def answering(make: Callable[[str], App]) -> AsyncGenerator[str]:
    """Serve what `make` returns for the server's address, and yield the address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        stop = asyncio.Event()
        serving = asyncio.create_task(Web(make(base_url), listener.detach(), 100, SetClock()).serve(stop))
        try:
            yield base_url
        finally:
            stop.set()
            await serving
