"""What one call costs: 1 KB in, 6 KB out over a unix socket, in CPU of both sides, with one caller and with 64.

python bench/micro_rpc.py
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Protocol

import uvloop
from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import Errors
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import Server, serve

CALLS = 20_000
GOAL_US = 90


class Item(Struct, frozen=True, array_like=True):
    """Some 240 bytes of a page: an id, texts, numbers."""

    id: Id
    title: str
    note: str
    width: int
    height: int
    at: int


class Pages(Protocol):
    """What is called."""

    async def page(self, ids: list[Id], note: str) -> list[Item]:
        """Return 25 items, 6 KB."""
        ...

    async def cpu_ns(self) -> int:
        """Return the CPU that the server has used."""
        ...


class Served:
    """Answers at once, with what it has."""

    def __init__(self) -> None:
        self.items = [
            Item(
                Id(bytes([n]) * 16),
                "A title of forty letters or somewhat more",
                "n" * 150,
                736,
                1104,
                1_700_000_000_000_000,
            )
            for n in range(25)
        ]

    async def page(self, ids: list[Id], note: str) -> list[Item]:
        """Return always the same."""
        assert ids
        assert note
        return self.items

    async def cpu_ns(self) -> int:
        """Return all threads' time."""
        return time.process_time_ns()


async def be_server(address: str) -> None:
    """Answer until killed."""
    server = Server(serve(Pages, Served()), Network(), World(), Errors({}))
    await server.listen(address)
    await asyncio.Event().wait()


async def measure(pages: Pages, callers: int) -> None:
    """Print what a call costs while so many callers ask one call after another."""
    ids, note = [Id(bytes([n]) * 16) for n in range(25)], "w" * 550

    async def ask(calls: int) -> None:
        for _ in range(calls):
            await pages.page(ids, note)

    client_us: list[float] = []
    server_us: list[float] = []
    rates: list[float] = []
    for _ in range(5):
        theirs, ours, began = await pages.cpu_ns(), time.process_time_ns(), time.perf_counter()
        await asyncio.gather(*[ask(CALLS // callers) for _ in range(callers)])
        rates.append(CALLS / (time.perf_counter() - began))
        client_us.append((time.process_time_ns() - ours) / CALLS / 1000)
        server_us.append((await pages.cpu_ns() - theirs) / CALLS / 1000)
    client, server = statistics.median(client_us), statistics.median(server_us)
    print(f"{callers:3} callers: {client:5.1f} + {server:5.1f} = {client + server:5.1f} us CPU a call", end=", ")
    print(f"{statistics.median(rates):6.0f} calls/s (goal {GOAL_US} us)")


async def main() -> None:
    """Start the other side and measure."""
    with tempfile.TemporaryDirectory() as folder:
        address = str(Path(folder) / "rpc")
        other = await asyncio.create_subprocess_exec(sys.executable, __file__, address)
        client = Client(address, Network(), World())
        await client.start()
        pages = remote(Pages, client, Errors({}))
        try:
            for callers in (1, 8, 64):
                await measure(pages, callers)
        finally:
            await client.close()
            other.terminate()
            await other.wait()


if __name__ == "__main__":
    uvloop.run(be_server(sys.argv[1]) if sys.argv[1:] else main())
