"""Both sides of an rpc connection in one process, over a real unix socket."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import Errors
from bowerbird.rpc.guard import Guard
from bowerbird.rpc.limits import Limits
from bowerbird.rpc.server import Served, Server

NO_ERRORS = Errors({})


@dataclass(frozen=True)
class Pair:
    """A server that listens at `address`, and a client that was told to connect to it."""

    address: str
    server: Server
    client: Client


@asynccontextmanager
async def connected(
    folder: Path,
    table: Mapping[str, Served],
    errors: Errors = NO_ERRORS,
    *,
    server_limits: Limits | None = None,
    client_limits: Limits | None = None,
    client_world: World | None = None,
    server_guard: Guard | None = None,
    client_guard: Guard | None = None,
) -> AsyncGenerator[Pair]:
    """Open both sides and close them."""
    address = str(folder / "s")
    server = Server(table, Network(), World(), errors, server_limits, guard=server_guard)
    client = Client(address, Network(), client_world or World(), client_limits, guard=client_guard)
    await server.listen(address)
    await client.start()
    try:
        yield Pair(address, server, client)
    finally:
        await client.close()
        await server.close(drain_ms=0)
