"""A steady load of real connections that are kept, and its verdict: which requests, sent whole, had no whole answer."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

LONG_S = 60.0
"""How long something may take that has no time of its own here."""


CLOSE = b"Connection: close"


class Cut(Exception):  # noqa: N818 - what became of a request
    """A request was sent whole, and the connection ended without its whole answer."""


class Connection:
    """One connection to a server, on which one request is under way at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._is_last = False

    @property
    def is_open(self) -> bool:
        """Return whether there can be another request: the server neither closed nor said that it would."""
        return not self._is_last and not self._reader.at_eof()

    def send(self, *parts: bytes) -> None:
        """Send what a request consists of, or a part of it."""
        self._writer.writelines(parts)

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
        self._is_last = fields.get(b"connection") == b"close"
        return int(lines[0].split()[1])

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


async def connect(port: int) -> Connection:
    """Connect to a server on this machine; OSError when it does not take connections."""
    async with asyncio.timeout(LONG_S):
        return Connection(*await asyncio.open_connection("127.0.0.1", port))


def request(method: str, path: str, fields: Mapping[str, str], body: bytes = b"") -> bytes:
    """Return a request of HTTP/1.1, with its length among the header fields."""
    given = {**fields, "Host": "127.0.0.1", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


class Load:
    """Clients that ask again as soon as they are answered, until `over` is set.

    One whose request says `CLOSE` makes a connection for each. `answers` counts statuses; `cut` tells of each request
    that was sent whole and not answered whole; `refused` counts attempts to connect that failed.
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

    async def until(self, good: Callable[[], bool]) -> None:
        """Go on until something is so."""
        async with asyncio.timeout(LONG_S):
            while not good():  # noqa: ASYNC110 - what is waited for is other processes' doing
                await asyncio.sleep(0.01)

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
