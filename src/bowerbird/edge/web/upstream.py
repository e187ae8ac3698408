"""The API in another process: each request is sent on as it came, and its answer sent back, both ways streamed.

An exchange has a connection of its own. Whoever accepts it answers it before ending, so that no request is cut when a
process of the API is told to stop; to connect to a socket of this machine costs less than to know which kept one still
is good.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeAlias

import h11

from bowerbird.base.streams import BUFFER_BYTES
from bowerbird.contracts.problems import Invalid, Unavailable
from bowerbird.edge.http.asgi import Receive, Scope, Send
from bowerbird.edge.http.settings import HttpSettings
from bowerbird.edge.web.forward import request_of, returned
from bowerbird.edge.web.refuse import refuse

EXCHANGES_MAX: Final = 1024
"""Requests sent on at once by one process; further ones are refused."""

_GRACE_S: Final = 5.0
"""How much longer than the API may take for an answer this side waits for a sign of it."""

Connect: TypeAlias = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Upstream:
    """An ASGI application; `connect` opens a connection to the API, or raises OSError."""

    def __init__(self, connect: Connect, settings: HttpSettings, exchanges_max: int = EXCHANGES_MAX) -> None:
        self._connect = connect
        self._proxies = settings.proxies
        self._patience_s = settings.timeout_ms / 1000 + _GRACE_S
        self._left = exchanges_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not self._left:
            await refuse(scope, send, Unavailable("too many requests are under way", retry_after_s=1))
            return
        self._left -= 1
        try:
            await self._exchange(scope, receive, send)
        finally:
            self._left += 1

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = request_of(scope, self._proxies)
        except h11.LocalProtocolError:
            await refuse(scope, send, Invalid("this is no request that could be sent on"))
            return
        try:
            reader, writer = await self._connect()
        except OSError:
            await refuse(scope, send, Unavailable("the API does not answer", retry_after_s=1))
            return
        try:
            await _Exchange(request, reader, writer, self._patience_s).run(scope, receive, send)
        finally:
            writer.transport.abort()


class _Exchange:
    """One request and its answer on one connection, given up when nothing has moved either way for `patience_s`."""

    def __init__(
        self, request: h11.Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience_s: float
    ) -> None:
        self._request = request
        self._reader = reader
        self._writer = writer
        self._patience_s = patience_s
        self._limit = asyncio.timeout(patience_s)
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=BUFFER_BYTES)
        self._body_wanted = asyncio.Event()
        self._begun = False
        self._gone = False

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on and its answer back; should that break before the answer begins, say so."""
        self._writer.write(self._http.send(self._request) or b"")
        if b"expect" not in dict(self._request.headers):
            self._body_wanted.set()
        sending = asyncio.create_task(self._send_body(receive), name="send a body on")
        try:
            async with self._limit:
                await self._answer(send)
        except (h11.RemoteProtocolError, OSError, TimeoutError):
            if not self._gone:
                if self._begun:
                    raise
                await refuse(scope, send, _lost())
        finally:
            sending.cancel()
            await asyncio.wait({sending})

    async def _send_body(self, receive: Receive) -> None:
        """Send the body on once it is wanted, then wait for the client to go, with whom all of it ends."""
        await self._body_wanted.wait()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self._gone = True
                self._writer.transport.abort()
                return
            self._moved()
            await self._pass_on(message.get("body", b""), more=message.get("more_body", False))

    async def _pass_on(self, data: bytes, *, more: bool) -> None:
        """Send a piece on; an API that does not take it any more has said why, or is gone."""
        if self._http.our_state is not h11.SEND_BODY:
            return
        with suppress(OSError, h11.LocalProtocolError):
            self._writer.write(self._http.send(h11.Data(data=data)) or b"")
            if not more:
                self._writer.write(self._http.send(h11.EndOfMessage()) or b"")
            await self._writer.drain()

    async def _answer(self, send: Send) -> None:
        while True:
            event = await self._next()
            if isinstance(event, h11.InformationalResponse):
                self._body_wanted.set()
            elif isinstance(event, h11.Response):
                self._begun = True
                headers = returned(list(event.headers))
                await send({"type": "http.response.start", "status": event.status_code, "headers": headers})
            elif isinstance(event, h11.Data):
                await send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
            else:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return

    async def _next(self) -> h11.Event:
        """Return what the API says next; h11.RemoteProtocolError when it ends before its answer does."""
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Event):
                return event
            self._http.receive_data(await self._reader.read(BUFFER_BYTES))
            self._moved()

    def _moved(self) -> None:
        self._limit.reschedule(asyncio.get_running_loop().time() + self._patience_s)


def _lost() -> Unavailable:
    return Unavailable("the API ended before it answered; it may have been done all the same", retry_after_s=1)
