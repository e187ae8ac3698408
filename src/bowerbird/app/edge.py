"""An edge process: answers HTTP on the shared socket, reads for itself, and sends units to core."""

import os

from bowerbird.app.calls import tell_calls
from bowerbird.app.engines import open_edge
from bowerbird.app.process import Process, beside, run
from bowerbird.app.queues import watch
from bowerbird.app.site import Site
from bowerbird.app.tree import LISTEN_FD
from bowerbird.app.wiring import build
from bowerbird.base.network import Network
from bowerbird.rpc.client import Client
from bowerbird.runtime.web import Web


async def work(process: Process) -> None:
    """Serve until told to stop, then drain."""
    client = Client(str(process.folder.socket), Network(), process.world)
    await client.start()
    engines = open_edge(process.folder, process.settings, process.master, process.world, client)
    house = build(engines, process.settings, process.master, process.world)
    site = Site(house.services, engines, process.settings, process.master, process.world)
    web = Web(site, int(os.environ[LISTEN_FD]), process.settings.server.connections_max, process.world)
    loops = [
        *(loop() for loop in house.loops),
        watch(engines.queues, None, process.world),
        tell_calls("client", client.stats, process.world),
    ]
    try:
        async with beside(process.stop, loops):
            process.line.ready()
            await web.serve(process.stop)
    finally:
        await house.close()
        await engines.close()
        await client.close()


if __name__ == "__main__":
    run(work)
