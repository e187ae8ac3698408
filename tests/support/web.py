"""A web server for tests, on loopback addresses only, that answers as badly as it is told to."""

import asyncio
import gzip
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

Handler = Callable[["Web", asyncio.StreamWriter], Awaitable[None]]

HOSTS = ("127.0.0.1", "127.0.0.2", "::1", "127.0.0.3")
"""Tests may reach the first by its number and the last by its network; the others stand for what nobody may."""


class Request:
    """What was asked: path, headers in lower case, and on which of the server's addresses."""

    def __init__(self, raw: bytes, address: str) -> None:
        first, *lines = raw.decode("latin-1").split("\r\n")
        self.path = first.split(" ")[1]
        self.headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
        self.address = address


class Web:
    """Serves `pages` by path; remembers every connection and request."""

    def __init__(self) -> None:
        self.pages: dict[str, Handler] = {}
        self.connections = Counter[str]()
        self.requests: list[Request] = []
        self.port = 0
        self.at_once = 0
        self.at_once_max = 0
        self.serving: set[asyncio.Task[object]] = set()

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}{path}"

    def page(self, path: str, body: str | bytes, mime: str = "text/html; charset=utf-8", **more: str) -> str:
        """Serve a body under a path, and return its address."""
        data = body.encode() if isinstance(body, str) else body
        return self.raw(path, answer(data, {"Content-Type": mime, **{k.replace("_", "-"): v for k, v in more.items()}}))

    def raw(self, path: str, data: bytes) -> str:
        """Answer with exactly these bytes under a path, and return its address."""

        async def send(_: Web, writer: asyncio.StreamWriter) -> None:
            writer.write(data)

        return self.handle(path, send)

    def moved(self, path: str, to: str, status: int = 302) -> str:
        """Redirect a path, and return its address."""
        return self.raw(path, f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode())

    def handle(self, path: str, handler: Handler) -> str:
        self.pages[path] = handler
        return self.url(path)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        address = writer.get_extra_info("sockname")[0]
        self.connections[address] += 1
        self.at_once += 1
        self.at_once_max = max(self.at_once_max, self.at_once)
        try:
            request = Request(await reader.readuntil(b"\r\n\r\n"), address)
            self.requests.append(request)
            await self.pages.get(request.path, missing)(self, writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            self.at_once -= 1
            writer.close()


def answer(body: bytes, headers: Mapping[str, str], status: int = 200) -> bytes:
    """Return a whole answer."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Content-Length": str(len(body)), **headers}.items())
    return f"HTTP/1.1 {status} OK\r\n{lines}\r\n".encode() + body


async def missing(_: Web, writer: asyncio.StreamWriter) -> None:
    """Answer for a path that nobody set."""
    writer.write(answer(b"no such page", {"Content-Type": "text/plain"}, 404))


async def drip(_: Web, writer: asyncio.StreamWriter) -> None:
    """Promise a page and send it a byte at a time, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n<title>slow</title>")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silence(_: Web, __: asyncio.StreamWriter) -> None:
    """Say nothing, and keep the line open."""
    await asyncio.sleep(3600)


def endless(start: bytes, mime: str) -> Handler:
    """Return a handler whose answer never ends."""

    async def send(_: Web, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\n\r\n".encode() + start)
        while True:
            writer.write(b"<p>more</p>" * 5000)
            await writer.drain()

    return send


def bomb(megabytes: int, start: bytes) -> bytes:
    """Return gzip that is a thousandth of what comes out of it."""
    return gzip.compress(start + bytes(megabytes << 20), 9)


@asynccontextmanager
async def open_web(tls: ssl.SSLContext | None = None) -> AsyncGenerator[Web]:
    """Run a server on one port of every one of HOSTS."""
    web = Web()
    servers = [await asyncio.start_server(web.serve, HOSTS[0], 0, ssl=tls)]
    web.port = servers[0].sockets[0].getsockname()[1]
    try:
        servers += [await asyncio.start_server(web.serve, host, web.port, ssl=tls) for host in HOSTS[1:]]
        yield web
    finally:
        for server in servers:
            server.close()
        for task in list(web.serving):
            task.cancel()
        await asyncio.gather(*web.serving, return_exceptions=True)
