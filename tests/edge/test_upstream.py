"""What is sent on to the API in another process, and what comes back: all of it, as it comes, and nothing made up."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from bowerbird.base.streams import connect
from bowerbird.edge.http.asgi import App, Receive, Scope, Send
from bowerbird.edge.http.settings import HttpSettings
from bowerbird.edge.web.upstream import Upstream
from bowerbird.runtime.listener import LocalListener
from bowerbird.runtime.web import Web
from tests.support.asgi_server import answering, client
from tests.support.set_clock import SetClock

MANY = os.urandom(3 << 20)
Way = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def serving(path: Path, app: App) -> AsyncGenerator[None]:
    """Serve an application at a unix socket."""
    listener, stop = LocalListener(path), asyncio.Event()
    running = asyncio.create_task(Web(app, os.dup(listener.descriptor), 100, SetClock()).serve(stop))
    try:
        yield
    finally:
        stop.set()
        await running
        listener.close()


@pytest.fixture
def through(tmp_path: Path) -> Way:
    """Return what puts an API behind another process's page and yields a client of that."""

    @asynccontextmanager
    async def open_(app: App, proxies: int = 0, exchanges_max: int = 10) -> AsyncGenerator[httpx.AsyncClient]:
        path = tmp_path / "api.sock"
        front = Upstream(partial(connect, str(path)), HttpSettings(proxies=proxies), exchanges_max)
        async with serving(path, app), answering(lambda _: front) as address, client(address) as http:
            yield http

    return open_


async def answer(send: Send, body: bytes, status: int = 200, *headers: tuple[bytes, bytes]) -> None:
    """Send a whole answer."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def whole(receive: Receive) -> bytes:
    """Return a request's whole body."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


class Echo:
    """Answers with what it was sent, and keeps the scope."""

    def __init__(self) -> None:
        self.scope: Scope = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        body = await whole(receive)
        await answer(send, body, 207, (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"x-own", b"yes"))

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.scope["headers"])


@pytest.mark.parametrize("body", [b"", b"x", MANY])
async def test_a_request_comes_as_it_was_sent_and_so_does_its_answer(through: Way, body: bytes) -> None:
    echo = Echo()
    async with through(echo) as http:
        got = await http.request("PATCH", "/v1/a%2Fb/%20?q=%20x&r", content=body, headers={"x-mark": "M"})
    assert (got.status_code, got.content) == (207, body)
    assert (got.headers.get_list("set-cookie"), got.headers["x-own"]) == (["a=1", "b=2"], "yes")
    assert (echo.scope["method"], echo.scope["query_string"]) == ("PATCH", b"q=%20x&r")
    assert echo.scope["path"] == "/v1/a/b/ "
    assert (echo.headers[b"x-mark"], echo.headers[b"host"]) == (b"M", got.request.headers["host"].encode())


async def test_nobody_says_for_others_where_a_request_is_from(through: Way) -> None:
    echo = Echo()
    claims = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    async with through(echo) as http:
        await http.get("/", headers=claims)
    assert echo.headers[b"x-forwarded-for"] == b"127.0.0.1"
    assert b"x-forwarded-proto" not in echo.headers
    async with through(echo, proxies=1) as http:
        await http.get("/", headers=claims)
    assert echo.headers[b"x-forwarded-for"] == b"203.0.113.9, 127.0.0.1"
    assert echo.headers[b"x-forwarded-proto"] == b"https"


async def test_what_belongs_to_one_connection_stays_on_it(through: Way) -> None:
    echo = Echo()
    async with through(echo) as http:
        await http.get("/", headers={"connection": "keep-alive, x-mine", "x-mine": "1", "te": "trailers"})
    assert not {b"x-mine", b"te"} & echo.headers.keys()


async def test_both_ways_are_streamed(through: Way) -> None:
    """Each piece is answered before the next is sent."""

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # granian sends it with the body
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            await send({"type": "http.response.body", "body": message["body"].upper(), "more_body": more})

    async with through(app) as http:
        reader, writer = await asyncio.open_connection("127.0.0.1", http.base_url.port)
        writer.write(b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b"one", b"three", b"seventeen"):
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            assert piece.upper() in await reader.readuntil(piece.upper())
        writer.write(b"0\r\n\r\n")
        await reader.readuntil(b"0\r\n\r\n")
        writer.close()
        await writer.wait_closed()


async def test_an_answer_that_comes_early_arrives_while_the_client_still_sends(through: Way) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": b"too much", "more_body": True})
        await whole(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async with through(app) as http:
        got = await http.put("/", content=MANY)
    assert (got.status_code, got.content) == (413, b"too much")


async def test_a_client_that_goes_is_gone_for_the_api_too(through: Way) -> None:
    gone = asyncio.Event()

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    async with through(app) as http:
        async with http.stream("GET", "/") as got:
            assert await anext(got.aiter_raw()) == b"x"
        await gone.wait()


async def test_beyond_its_bound_it_refuses(through: Way) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        begun.set()
        await go_on.wait()
        await answer(send, b"done")

    async with through(app, exchanges_max=1) as http:
        first = asyncio.create_task(http.get("/"))
        await begun.wait()
        refused = await http.get("/")
        go_on.set()
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert (await first).content == b"done"
        assert (await http.get("/")).content == b"done"


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def saying(said: bytes) -> Handler:
    """Return an API that reads a request's head, says something, and ends."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    return handle


@asynccontextmanager
async def before(handle: Handler, folder: Path) -> AsyncGenerator[httpx.AsyncClient]:
    """Put a process that is no good before a client."""
    path = str(folder / "api.sock")
    server = await asyncio.start_unix_server(handle, path)
    front = Upstream(partial(connect, path), HttpSettings())
    async with server, answering(lambda _: front) as address, client(address) as http:
        yield http


async def test_without_an_api_and_with_one_that_ends_before_it_answers_one_is_told_so(tmp_path: Path) -> None:
    async with before(saying(b""), tmp_path) as http:
        got = await http.get("/v1/feed")
        assert (got.status_code, got.headers["retry-after"], got.json()["type"]) == (503, "1", "/problems/unavailable")
        (tmp_path / "api.sock").unlink()
        got = await http.get("/v1/feed")
        assert (got.status_code, got.headers["retry-after"], got.json()["type"]) == (503, "1", "/problems/unavailable")


@pytest.mark.parametrize("half", [b"Content-Length: 9\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"])
async def test_half_an_answer_never_looks_whole(tmp_path: Path, half: bytes) -> None:
    async with before(saying(b"HTTP/1.1 200 OK\r\n" + half), tmp_path) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get("/")
