"""What a process stands on that reads the engines for itself and sends units to core: an edge, behind, a service."""

from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from msgspec import Struct

from bowerbird.app.calls import tell_calls
from bowerbird.app.engines import Engines, open_edge
from bowerbird.app.house import House, build
from bowerbird.app.process import Process
from bowerbird.app.queues import watch
from bowerbird.app.wiring import TOGETHER, Placement
from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.client import Client


class Reading(Struct, frozen=True):
    """The engines, and the services on them; `core` is the way there."""

    engines: Engines
    house: House
    core: Client

    def telling(self, world: World) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield what tells metrics as long as the process lives."""
        yield watch(self.engines.queues, None, world)
        yield tell_calls("client", self.core.stats, world)


@asynccontextmanager
async def reading(process: Process, placement: Placement = TOGETHER) -> AsyncGenerator[Reading]:
    """Open the engines and put services on them; at the end bring to its end what those have accepted, and close."""
    settings, world = process.settings, process.world
    async with AsyncExitStack() as stack:
        core = Client(str(process.folder.socket), Network(), world)
        stack.push_async_callback(core.close)
        await core.start()
        engines = open_edge(process.folder, settings, process.master, world, core)
        stack.push_async_callback(engines.close)
        house = build(engines, settings, process.master, world, placement=placement)
        stack.push_async_callback(house.close)
        yield Reading(engines, house, core)
