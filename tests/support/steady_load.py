"""A steady load of real connections that are kept, and its verdict: which requests, sent whole, had no whole answer."""

import asyncio
import json
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from tests.support.visitor import Visitor
from tests.support.waiting import LONG_S

IDLE_S = 0.5
"""A connection on which nothing was sent for longer may be closed by a server that stops, in the moment of a request:
HTTP/1.1 leaves that open, and clients ask again (RFC 9112, 9.3.1). Clients here ask at once again; they are that late
only where they do not get the processor."""

_ESTABLISHED = 1
CLOSE = b"Connection: close"


class Cut(Exception):  # noqa: N818 - what became of a request
    """A request was sent whole, and the connection ended without its whole answer."""


class Connection:
    """One connection to a server, on which one request is under way at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, began_s: float) -> None:
        self._reader = reader
        self._writer = writer
        self.is_last = False
        """Whether the server said with its latest answer that it closes."""
        self._sent_s = began_s
        self._idle_s = 0.0

    @property
    def is_open(self) -> bool:
        """Return whether there can be another request: the server neither closed, to the kernel, nor said it would."""
        state = self._writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        return not self.is_last and state[0] == _ESTABLISHED

    def send(self, *parts: bytes) -> None:
        """Send what a request consists of, or a part of it."""
        now_s = time.monotonic()
        self._idle_s, self._sent_s = now_s - self._sent_s, now_s
        self._writer.writelines(parts)

    @property
    def was_idle(self) -> bool:
        """Return whether nothing had been sent for so long before the latest request that it may be lost."""
        return self._idle_s > IDLE_S

    async def status(self) -> int:
        """Return the status of the next answer, once it is there whole. Cut."""
        try:
            async with asyncio.timeout(LONG_S):
                head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
                lines = head.split(b"\r\n")
                fields = dict(line.split(b": ", 1) for line in lines[1:] if line)
                await self._reader.readexactly(int(fields.get(b"content-length", b"0")))
        except (EOFError, OSError) as error:
            raise Cut(repr(error)) from error
        self.is_last = fields.get(b"connection") == b"close"
        return int(lines[0].split()[1])

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


async def connect(port: int) -> Connection:
    """Connect to a server on this machine; OSError when it does not take connections."""
    began_s = time.monotonic()
    async with asyncio.timeout(LONG_S):
        return Connection(*await asyncio.open_connection("127.0.0.1", port), began_s)


def request(method: str, path: str, fields: Mapping[str, str], body: bytes = b"") -> bytes:
    """Return a request of HTTP/1.1, with its length among the header fields."""
    given = {**fields, "Host": "127.0.0.1", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def asked(visitor: Visitor, page: str, each: int) -> list[bytes]:
    """Return what clients ask, so many of each kind: for a page, to write, and on a connection for each request."""
    token = {"Authorization": visitor.http.headers["authorization"]}
    body = json.dumps({"name": "Under load"}).encode()
    kinds = [
        request("GET", page, token),
        request("POST", "/v1/boards", {**token, "Content-Type": "application/json"}, body),
        request("GET", "/healthz", {"Connection": "close"}),
    ]
    return [kind for kind in kinds for _ in range(each)]


class Load:
    """Clients that ask again as soon as they are answered, until `over` is set.

    One whose request says `CLOSE` makes a connection for each. `answers` counts statuses; `cut` tells of each request
    that was sent whole, on no idle connection, and not answered whole; `refused` counts failed attempts to connect.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.over = False
        self.answers: Counter[int] = Counter()
        self.cut: list[str] = []
        self.refused = 0

    async def run(self, *clients: bytes) -> None:
        """Run a client for each of the requests."""
        async with asyncio.TaskGroup() as tasks:
            for each in clients:
                tasks.create_task(self._client(each))

    async def _client(self, what: bytes) -> None:
        while not self.over:
            try:
                connection = await connect(self.port)
            except OSError:
                self.refused += 1
                await asyncio.sleep(0.01)
                continue
            await self._ask_on(connection, what)

    async def _ask_on(self, connection: Connection, what: bytes) -> None:
        try:
            while connection.is_open and not self.over:
                connection.send(what)
                self.answers[await connection.status()] += 1
                if CLOSE in what:
                    break
        except Cut as cut:
            if not connection.was_idle:
                self.cut.append(f"{what[:30]!r}: {cut}")
        finally:
            await connection.close()


async def beside(load: Load, clients: list[bytes], script: Callable[[], Awaitable[None]]) -> None:
    """Run a script under a load."""
    running = asyncio.create_task(load.run(*clients))
    try:
        await script()
    finally:
        load.over = True
        await running
