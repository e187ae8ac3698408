"""An edge process: answers HTTP on the shared socket, holds all services, reads for itself, sends units to core.

`python -m bowerbird.app.edge [ADDRESS]`; ADDRESS is `host:port`, or `fd:` with the number of an inherited socket.
"""

import sys

from bowerbird.app.listening import listening
from bowerbird.app.process import Process, beside, run
from bowerbird.app.reading import reading
from bowerbird.app.site import whole
from bowerbird.runtime.web import Web


async def work(process: Process, address: str | None = None) -> None:
    """Serve until told to stop, then drain."""
    settings, world, server = process.settings, process.world, process.settings.server
    async with reading(process) as here:
        site = whole(here.house.services, here.engines, settings, process.master, world)
        with listening(address or f"{server.host}:{server.port}") as descriptor:
            web = Web(site, descriptor, server.connections_max, world)
            async with beside(process.stop, [*(loop() for loop in here.house.loops), *here.telling(world)]):
                process.line.ready()
                await web.serve(process.stop)


if __name__ == "__main__":
    run(work, *sys.argv[1:])
