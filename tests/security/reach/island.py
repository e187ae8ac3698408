"""The island: `unshare ... python -m tests.security.reach.island FOLDER TREE`, where Bowerbird fetches for real.

The asking side, its confined hand and the system's resolver are those of production. Every address on earth, at the
ports of PORTS, is a server of this process, which notes which one was met. It reads one Ask a line and answers with
one Told. TREE, where it is not "-", holds the package to use in the place of the installed one.
"""

import asyncio
import contextlib
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bowerbird.adapters.httpfetch.fetch import HttpFetch, argv
from bowerbird.adapters.httpfetch.limits import FetchLimits
from bowerbird.base.processes import Processes
from bowerbird.runtime.hands import HandLimits, Hands
from tests.security.reach.nameserver import Name, Nameserver
from tests.security.reach.sea import opened, surround
from tests.support.certificates import authority
from tests.support.spoiled import from_tree

PORTS: Final = (22, 25, 80, 443, 2375, 6379, 8080)
TLS: Final = 443
PUBLIC: Final = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
"""Ordinary addresses of the public internet, or, here, what pretends to be them."""
CERTIFIED: Final = ("public.test", "other.test", "turncoat.test")
_PAGE: Final = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{}"


class Ask(Struct, frozen=True):
    """An address to fetch, in a world with these names, where a path (or host and path) answers with these bytes."""

    url: str
    zone: Mapping[str, Name]
    answers: Mapping[str, str]


class Told(Struct, frozen=True):
    """What came of it: who was met, as the servers saw it, and how many connections the kernel began."""

    failure: str
    title: str
    met: list[tuple[str, int]]
    opened: int
    asked: list[str]


class Shore:
    """The servers of every address; `met` lists the address and port of each connection."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.met: list[tuple[str, int]] = []
        self.answers: Mapping[str, str] = {}
        self._tls = tls

    async def listen(self) -> None:
        """Begin to serve."""
        for port in PORTS:
            for everywhere in ("0.0.0.0", "::"):  # noqa: S104 - an island has no neighbours
                await asyncio.start_server(self._serve, everywhere, port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address, port, *_ = writer.get_extra_info("sockname")
        self.met.append((address, port))
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if port == TLS:
                await writer.start_tls(self._tls)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            writer.write(self._answer(head).encode())
            await writer.drain()
        writer.close()

    def _answer(self, head: str) -> str:
        path = head.split(" ")[1]
        host = next((line[6:] for line in head.split("\r\n") if line.lower().startswith("host: ")), "")
        page = "<title>the page</title>"
        return self.answers.get(f"{host}{path}") or self.answers.get(path) or _PAGE.format(len(page), page)


class Island:
    """All of it, ready to fetch."""

    def __init__(self, shore: Shore, names: Nameserver, pool: Hands, fetch: HttpFetch) -> None:
        self._shore, self._names, self._pool, self._fetch = shore, names, pool, fetch

    async def tell(self, ask: Ask) -> Told:
        """Fetch, and say what happened."""
        self._names.serve(ask.zone)
        self._shore.answers = ask.answers
        self._shore.met.clear()
        before = opened()
        got = await self._fetch.fetch(ask.url)
        return Told(got.failure, got.title, list(self._shore.met), opened() - before, list(self._names.asked))

    async def close(self) -> None:
        """End the hands."""
        await self._pool.close()


async def settle(folder: Path, tree: str) -> Island:
    """Open the island's servers, and start its hand, so that what that connects to is not counted."""
    signer = authority(folder)
    limits = FetchLimits(ca_file=str(signer.file), total_ms=20_000)
    command = argv(limits)
    if tree != "-":
        command = from_tree(command, tree, "httpfetch")
    loop = asyncio.get_running_loop()
    _, names = await loop.create_datagram_endpoint(Nameserver, ("127.0.0.1", 53))
    shore = Shore(signer.server_context(folder, *PUBLIC, *CERTIFIED))
    await shore.listen()
    pool = Hands(Processes(), command, replace(HandLimits(), hands_max=1, idle_s=3600, requests_max=100_000))
    island = Island(shore, names, pool, HttpFetch(pool, limits))
    await island.tell(Ask("http://93.184.215.14/", {}, {}))
    return island


async def main(folder: Path, tree: str) -> None:
    """Answer until nobody asks any more."""
    surround(folder)
    island = await settle(folder, tree)
    asks = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asks), sys.stdin)
    while line := await asks.readline():
        told = await island.tell(msgspec.json.decode(line, type=Ask))
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        sys.stdout.flush()
    await island.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
