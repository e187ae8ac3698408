"""An ASGI application on a real server of this process, on a port of the loopback."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bowerbird.runtime.web import Web
from tests.support.set_clock import SetClock

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def client(base_url: str) -> httpx.AsyncClient:
    """Return a client of such a server; it loads no certificates, which takes longer than most tests."""
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(base_url=base_url, trust_env=False, verify=nobody, timeout=30)


@asynccontextmanager
async def answering(make: Callable[[str], App]) -> AsyncGenerator[str]:
    """Serve what `make` returns for the server's address, and yield the address."""
    with socket.socket() as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
