"""What one call to a service costs: 1 KB in, 6 KB out over a unix socket, in CPU of both sides, by callers at once.

As services call each other: sealed, with a caller context, behind a breaker, with retries. `python bench/micro_rpc.py`
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

from bowerbird.base.calls import idempotent
from bowerbird.base.ids import Id
from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.contracts.caller import READ, Caller
from bowerbird.rpc.guard import Guard
from bowerbird.rpc.peers import Peers, peers_at
from bowerbird.rpc.problems import PROBLEM_ERRORS, unavailable
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import Server, serve

CALLS = 20_000
GOAL_US = 90
GUARD = Guard(bytes(32))
CALLER = Caller(person=Id(b"p" * 16), scopes=READ, session=Id(b"s" * 16), trace="0123456789abcdef")


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

    @idempotent
    async def page(self, caller: Caller, ids: list[Id], note: str) -> list[Item]:
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

    async def page(self, caller: Caller, ids: list[Id], note: str) -> list[Item]:
        """Return always the same."""
        assert caller
        assert ids
        assert note
        return self.items

    async def cpu_ns(self) -> int:
        """Return all threads' time."""
        return time.process_time_ns()


async def be_server(address: str) -> None:
    """Answer until killed."""
    server = Server(serve(Pages, Served()), Network(), World(), PROBLEM_ERRORS, guard=GUARD)
    await server.listen(address)
    await asyncio.Event().wait()


def called(address: str) -> tuple[Peers, Pages]:
    """Return who is called, to be started and closed, and what."""
    peers = peers_at([address], Network(), World(), guard=GUARD)
    return peers, remote(Pages, peers, PROBLEM_ERRORS, translate=unavailable)


async def measure(pages: Pages, callers: int) -> None:
    """Print what a call costs while so many callers ask one call after another."""
    ids, note = [Id(bytes([n]) * 16) for n in range(25)], "w" * 450

    async def ask(calls: int) -> None:
        for _ in range(calls):
            await pages.page(CALLER, ids, note)

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
        peers, pages = called(address)
        await peers.start()
        try:
            for callers in (1, 8, 64):
                await measure(pages, callers)
        finally:
            await peers.close()
            other.terminate()
            await other.wait()


if __name__ == "__main__":
    uvloop.run(be_server(sys.argv[1]) if sys.argv[1:] else main())
