"""Core, what is behind, and edges as processes of the machine: the engines of app/engines, the services of app/wiring.

What `app/core`, `app/behind` and `app/edge` do around them is done here with the machine's network, and without
granian: requests come from `door`. Pictures and fetched pages are stood in for at their ports; everything else is the
product.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from msgspec.structs import replace
from typing_extensions import override

from bowerbird.app.core import forgetting
from bowerbird.app.engines import Core, Engines, open_core, open_edge
from bowerbird.app.folder import Folder
from bowerbird.app.house import House, build
from bowerbird.app.process import beside
from bowerbird.app.queues import watch
from bowerbird.app.sections import Settings
from bowerbird.app.site import Site, whole
from bowerbird.base.world import World
from bowerbird.contracts.events import CHANGES
from bowerbird.ports.fetch import Fetch, Fetched
from bowerbird.ports.pictures import PictureRefused, Pictures, Rendered, Rendition
from bowerbird.rpc.client import Client
from bowerbird.rpc.server import Server
from bowerbird.runtime import sweeps
from bowerbird.runtime.consumers import Group
from bowerbird.runtime.relay import Relay
from tests.sim.machine import SimProcess
from tests.sim.network import SimNetwork, Wires
from tests.sim.watch import Watched
from tests.sim.world import SimWorld
from tests.support.eyes import Eyes, Twins

MASTER: Final = bytes(range(32))


class Plates(Pictures):
    """Pictures that are their bytes, in one size, after a while; what begins with "bad" is none."""

    def __init__(self, world: World) -> None:
        self._world = world

    @override
    async def render(self, data: bytes) -> Rendered:
        await self._world.sleep(0.001 + 0.05 * self._world.chance())
        if data.startswith(b"bad"):
            raise PictureRefused("not-a-picture", "it begins with bad")
        one = Rendition("236", 4, 3, "image/webp", data)
        return Rendered(4, 3, sha256(data).digest(), bytes(32), "#102030", "abc", [one])

    @override
    async def shrink(self, data: bytes) -> Rendition:
        return (await self.render(data)).renditions[0]


class Pages(Fetch):
    """Strangers' pages, after a while: an address that ends in an odd digit has a picture, one with "gone" fails."""

    def __init__(self, world: World) -> None:
        self._world = world

    @override
    async def fetch(self, url: str) -> Fetched:
        await self._world.sleep(0.005 + 0.3 * self._world.chance())
        if "gone" in url:
            return Fetched(failure="no-such-host", status=0, url=url)
        picture = f"a picture at {url}".encode() if url[-1] in "13579" else b""
        return Fetched(failure="", status=200, url=url, title="A page", picture=picture)


@dataclass
class Place:
    """Where the nodes stand: the folder, the settings, and the wires between them."""

    folder: Folder
    settings: Settings
    wires: Wires
    watched: Watched


@dataclass
class Node:
    """A process with what it runs. `ready`: it takes work; `requests`: under way; `stop`: it is to end in order."""

    process: SimProcess
    ready: bool = False
    requests: int = 0
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    failure: str = ""
    site: Site | None = None
    core: Core | None = None
    groups: list[Group] = field(default_factory=list[Group])


def start_core(place: Place, process: SimProcess) -> Node:
    """Begin the core process."""
    node = Node(process)
    process.spawn(_ended(node, _core(place, node)), "core")
    return node


def start_behind(place: Place, process: SimProcess) -> Node:
    """Begin the process behind; it ends at once while core has not opened the files."""
    node = Node(process)
    process.spawn(_ended(node, _behind(place, node)), "behind")
    return node


def start_edge(place: Place, process: SimProcess) -> Node:
    """Begin an edge process; it ends at once while core has not opened the files."""
    node = Node(process)
    process.spawn(_ended(node, _edge(place, node)), "edge")
    return node


async def _ended(node: Node, work: Coroutine[Any, Any, None]) -> None:
    """Do a process's work and let it end with that, as a process does."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - whatever ends a process is for who looks at the run to judge
        node.failure = repr(error)
    node.process.kill(f"ends {node.failure.partition('(')[0]}")


async def _core(place: Place, node: Node) -> None:
    process = node.process
    world = SimWorld(process)
    core = open_core(place.folder, place.settings, MASTER, world)
    core = replace(core, engines=_stood_in(core.engines, world))
    server = Server(core.served(), SimNetwork(place.wires, process), world, core.errors)
    node.core = core
    process.ended.append(lambda: _unlock(core))
    try:
        await server.listen(str(place.folder.socket))
        async with beside(node.stop, _loops(core, world)):
            node.ready = True
            await node.stop.wait()
            node.ready = False
            await server.close()
    finally:
        await core.engines.close()


def _unlock(core: Core) -> None:
    """Let go of the locks of the text index, which the kernel does where a process has really died."""
    index: Any = core.engines.textindex
    for part in (index._writes._shared, index._writes._own):
        part.forget()


def _loops(core: Core, world: World) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield everything that runs as long as core does."""
    yield Relay(core.outbox, core.engines.log, world, CHANGES).run()
    yield sweeps.run(forgetting(core, world), world)
    yield watch(core.engines.queues, core.engines.log, world)


async def _behind(place: Place, node: Node) -> None:
    async with _reading(place, node) as (engines, house, world):
        watched = place.watched
        node.groups = [watched.group(group) for group in house.groups]
        log = watched.log(engines.log, engines.keys, node.groups)
        loops = replace(house, groups=node.groups).behind(log, engines.keys, world)
        async with beside(node.stop, [*loops, watch(engines.queues, None, world)]):
            node.ready = True
            await node.stop.wait()
            node.ready = False


async def _edge(place: Place, node: Node) -> None:
    async with _reading(place, node) as (engines, house, world):
        node.site = whole(house.services, engines, place.settings, MASTER, world)
        async with beside(node.stop, [*(loop() for loop in house.loops), watch(engines.queues, None, world)]):
            node.ready = True
            await node.stop.wait()
            node.ready = False
            while node.requests:
                await world.sleep(0.01)


@asynccontextmanager
async def _reading(place: Place, node: Node) -> AsyncGenerator[tuple[Engines, House, SimWorld]]:
    """Yield the engines and services of a process that reads for itself and sends units to core."""
    world = SimWorld(node.process)
    client = Client(str(place.folder.socket), SimNetwork(place.wires, node.process), world)
    await client.start()
    engines = _stood_in(open_edge(place.folder, place.settings, MASTER, world, client), world)
    house = build(engines, place.settings, MASTER, world, world.pool(2, "argon2"))
    try:
        yield engines, house, world
    finally:
        await house.close()
        await engines.close()
        await client.close()


def _stood_in(engines: Engines, world: World) -> Engines:
    pages, plates = Pages(world), Plates(world)
    return replace(engines, pictures=plates, fetch=pages, embedder=Eyes(), likeness=Twins())
