"""Where services are when a test asks them: objects, or remotes of them in the same loop, or remotes on a bad way.

`pytest --placement apart` runs everything that knows of placements in that one; without it each suite runs in its own
usual ones. What a service's house hands its tests goes through `placed`, and so does what services hand each other.
"""

import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar
from zlib import crc32

import pytest

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.chaos import Chaotic
from bowerbird.rpc.client import Client
from bowerbird.rpc.guard import Guard
from bowerbird.rpc.limits import Stats
from bowerbird.rpc.peers import Peers
from bowerbird.rpc.problems import PROBLEM_ERRORS, unavailable
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import Server, serve

TOGETHER: Final = "together"
APART: Final = "apart"
CHAOS: Final = "chaos"
PLACEMENTS: Final = (TOGETHER, APART, CHAOS)

P = TypeVar("P")

_GUARD: Final = Guard(bytes(range(32)))


def parametrize(metafunc: pytest.Metafunc, *usual: str) -> None:
    """Run a test that has a placement in those that are usual for its folder, or in the one that was asked for.

    The marker `placements` names those in which alone it means anything.
    """
    if "placement" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("placements")
    asked = asked_for(metafunc.config)
    chosen = only.args if only else (asked,) if asked else usual
    metafunc.parametrize("placement", chosen, indirect=True)


def asked_for(config: pytest.Config) -> str:
    """Return the placement that the command line asks for, "" when it does not."""
    return config.getoption("--placement") or ""


class Present:
    """The placement that the test at hand runs in, and its name, which decides what goes wrong."""

    placement = TOGETHER
    test = ""


def unsent(*values: P) -> tuple[P, ...]:
    """Return values that no wire carries and no edge lets in, for services that are objects alone."""
    return values if Present.placement == TOGETHER else ()


@asynccontextmanager
async def placed(contract: type[P], service: P) -> AsyncGenerator[P]:
    """Yield a service as the present placement has it."""
    if Present.placement == TOGETHER:
        yield service
        return
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        address = str(Path(folder) / "s")
        server = Server(serve(contract, service), Network(), World(), PROBLEM_ERRORS, guard=_GUARD)
        await server.listen(address)
        stack.push_async_callback(server.close, 0)
        client = Client(address, Network(), World(), guard=_GUARD)
        way = Chaotic(client, _seed(contract)) if Present.placement == CHAOS else client
        peers = Peers([way], Stats())
        await peers.start()
        stack.push_async_callback(peers.close)
        yield remote(contract, peers, PROBLEM_ERRORS, translate=unavailable)


def _seed(contract: type[object]) -> int:
    """Return a number that is the same whenever the same test is run."""
    return crc32(f"{Present.test} {contract.__name__}".encode())
