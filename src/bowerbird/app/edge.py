"""An edge process: answers HTTP on the shared socket, holds all services, reads for itself, sends units to core.

`python -m bowerbird.app.edge [ADDRESS]`; ADDRESS is `host:port`, or `fd:` with the number of an inherited socket.
"""

import sys

from bowerbird.app.calls import tell_calls
from bowerbird.app.engines import open_edge
from bowerbird.app.listening import listening
from bowerbird.app.process import Process, beside, run
from bowerbird.app.queues import watch
from bowerbird.app.site import whole
from bowerbird.app.wiring import build
from bowerbird.base.network import Network
from bowerbird.rpc.client import Client
from bowerbird.runtime.web import Web


async def work(process: Process, address: str | None = None) -> None:
    """Serve until told to stop, then drain."""
    server = process.settings.server
    client = Client(str(process.folder.socket), Network(), process.world)
    await client.start()
    engines = open_edge(process.folder, process.settings, process.master, process.world, client)
    house = build(engines, process.settings, process.master, process.world)
    site = whole(house.services, engines, process.settings, process.master, process.world)
    loops = [
        *(loop() for loop in house.loops),
        watch(engines.queues, None, process.world),
        tell_calls("client", client.stats, process.world),
    ]
    try:
        with listening(address or f"{server.host}:{server.port}") as descriptor:
            web = Web(site, descriptor, server.connections_max, process.world)
            async with beside(process.stop, loops):
                process.line.ready()
                await web.serve(process.stop)
    finally:
        await house.close()
        await engines.close()
        await client.close()


if __name__ == "__main__":
    run(work, *sys.argv[1:])
