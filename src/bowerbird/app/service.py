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
from bowerbird.app.peers import Peers, addresses, guard, network
from bowerbird.app.process import Process, beside, run
from bowerbird.app.reading import Reading, reading
from bowerbird.app.settings import SettingsError
from bowerbird.app.topology import SERVICES, Service, called_from
from bowerbird.app.wiring import Placement
from bowerbird.base.world import World
from bowerbird.rpc.leased import outlasting
from bowerbird.rpc.problems import PROBLEM_ERRORS
from bowerbird.rpc.server import Server, serve
from bowerbird.runtime.leases import Held


async def work(process: Process, name: str = "", address: str | None = None) -> None:
    """Answer the contract of a service, and do what it does behind, until told to stop; then end what is under way."""
    row, settings = _row(name), process.settings
    peers = Peers(called_from(name), settings, process.folder, process.master, process.world)
    await peers.start()
    try:
        async with reading(process, Placement(frozenset({name}), peers.remote)) as here:
            own = address or addresses(name, settings, process.folder)[0]
            await _answer(process, row, own, here, peers)
    finally:
        await peers.close()


async def _answer(process: Process, row: Service, own: str, here: Reading, peers: Peers) -> None:
    settings, world = process.settings, process.world
    service: Any = getattr(here.house.services, row.name)
    patient = outlasting(row.contract, service, settings.placement.facts_lease_ms, world)
    server = Server(serve(row.contract, patient), network(settings), world, PROBLEM_ERRORS, guard=guard(process.master))
    await server.listen(own)
    behind = Held(here.engines.leases, f"service {row.name}", own, world).run(partial(_behind, here, world))
    async with beside(process.stop, [behind, *_loops(here, server, peers, world)]):
        process.line.ready()
        await process.stop.wait()
        await server.close()


def _row(name: str) -> Service:
    for service in SERVICES:
        if service.name == name:
            return service
    raise SettingsError(f"There is no service {name}; there are {', '.join(service.name for service in SERVICES)}.")


async def _behind(here: Reading, world: World) -> None:
    """Run groups and sweeps as one piece of work."""
    async with asyncio.TaskGroup() as tasks:
        for loop in here.house.behind(here.engines.log, here.engines.keys, world):
            tasks.create_task(loop)


def _loops(here: Reading, server: Server, peers: Peers, world: World) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield everything that runs as long as the process does."""
    for loop in here.house.loops:
        yield loop()
    yield from here.telling(world)
    yield tell_calls("server", server.stats, world)
    for way in peers.ways.values():
        yield tell_calls("client", way.stats, world)


if __name__ == "__main__":
    run(work, *sys.argv[1:])
