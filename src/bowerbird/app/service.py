"""A service as a process of its own: `python -m bowerbird.app.service NAME [ADDRESS]`.

It reads the engines for itself and sends units to core, as an edge does that has all services; its handlers and sweeps
run here, and its contract is answered at its address.
"""

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from functools import partial
from typing import Any

from bowerbird.app.calls import tell_calls
from bowerbird.app.engines import Engines, open_edge
from bowerbird.app.peers import Peers, addresses, guard, network
from bowerbird.app.process import Process, beside, run
from bowerbird.app.queues import watch
from bowerbird.app.settings import SettingsError
from bowerbird.app.topology import SERVICES, Service, called_from
from bowerbird.app.wiring import House, Placement, build
from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.client import Client
from bowerbird.rpc.leased import outlasting
from bowerbird.rpc.problems import PROBLEM_ERRORS
from bowerbird.rpc.server import Server, serve
from bowerbird.runtime.leases import Held


async def work(process: Process, name: str = "", address: str | None = None) -> None:
    """Answer the contract of a service, and do what it does behind, until told to stop; then end what is under way."""
    row = _row(name)
    settings, folder, world = process.settings, process.folder, process.world
    core = Client(str(folder.socket), Network(), world)
    peers = Peers(called_from(name), settings, folder, process.master, world)
    engines = open_edge(folder, settings, process.master, world, core)
    house = build(engines, settings, process.master, world, placement=Placement(frozenset({name}), peers.remote))
    service: Any = getattr(house.services, name)
    patient = outlasting(row.contract, service, settings.placement.facts_lease_ms, world)
    server = Server(serve(row.contract, patient), network(settings), world, PROBLEM_ERRORS, guard=guard(process.master))
    await core.start()
    await peers.start()
    try:
        own = address or addresses(name, settings, folder)[0]
        await server.listen(own)
        behind = Held(engines.leases, f"service {name}", own, world).run(partial(_behind, engines, house, world))
        async with beside(process.stop, [behind, *_loops(engines, house, server, core, peers, world)]):
            process.line.ready()
            await process.stop.wait()
            await server.close()
    finally:
        await house.close()
        await engines.close()
        await peers.close()
        await core.close()


def _row(name: str) -> Service:
    for service in SERVICES:
        if service.name == name:
            return service
    raise SettingsError(f"There is no service {name}; there are {', '.join(service.name for service in SERVICES)}.")


async def _behind(engines: Engines, house: House, world: World) -> None:
    """Run groups and sweeps as one piece of work."""
    async with asyncio.TaskGroup() as tasks:
        for loop in house.behind(engines.log, engines.keys, world):
            tasks.create_task(loop)


def _loops(
    engines: Engines, house: House, server: Server, core: Client, peers: Peers, world: World
) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield everything that runs as long as the process does."""
    for loop in house.loops:
        yield loop()
    yield watch(engines.queues, None, world)
    yield tell_calls("server", server.stats, world)
    for client in (core, *peers.ways.values()):
        yield tell_calls("client", client.stats, world)


if __name__ == "__main__":
    run(work, *sys.argv[1:])
