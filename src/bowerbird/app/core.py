"""The core process: the one writer of every database, and the relay.

Unless services are apart, each in its process, it runs the consumer groups and the sweeps of all of them too.
"""

from collections.abc import Coroutine, Iterator
from typing import Any

from bowerbird.app.calls import tell_calls
from bowerbird.app.engines import Core, open_core
from bowerbird.app.process import Process, beside, run
from bowerbird.app.queues import watch
from bowerbird.app.wiring import CORE, TOGETHER, House, Placement, build
from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.contracts.events import CHANGES
from bowerbird.rpc.server import Server
from bowerbird.runtime.relay import Relay


async def work(process: Process) -> None:
    """Open the engines, serve them to the other processes, and keep everything moving until told to stop."""
    core = open_core(process.folder, process.settings, process.master, process.world)
    placement = TOGETHER if process.settings.placement.mode == "together" else Placement(frozenset({CORE}))
    house = build(core.engines, process.settings, process.master, process.world, placement=placement)
    server = Server(core.served(), Network(), process.world, core.errors)
    try:
        await server.listen(str(process.folder.socket))
        async with beside(process.stop, _loops(core, house, server, process.world)):
            process.line.ready()
            await process.stop.wait()
            await server.close()
        await house.close()
    finally:
        await core.engines.close()


def _loops(core: Core, house: House, server: Server, world: World) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield everything that runs as long as the process does."""
    yield Relay(core.outbox, core.engines.log, world, CHANGES).run()
    yield from house.behind(core.engines.log, core.engines.keys, world)
    for loop in house.loops:
        yield loop()
    yield watch(core.engines.queues, core.engines.log, world)
    yield tell_calls("server", server.stats, world)


if __name__ == "__main__":
    run(work)
