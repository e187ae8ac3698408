"""The process behind: handles events and sweeps for all services, while edges answer and core writes.

It reads the engines for itself and sends units to core, as an edge does. Where both want the processor it stands back,
so that nobody waits for an answer because of what other answers left to be done.
"""

import os

from bowerbird.app.calls import tell_calls
from bowerbird.app.engines import BEHIND, open_edge
from bowerbird.app.process import Process, beside, run
from bowerbird.app.queues import watch
from bowerbird.app.wiring import build
from bowerbird.base.network import Network
from bowerbird.rpc.client import Client


async def work(process: Process) -> None:
    """Handle events and sweep until told to stop."""
    os.nice(BEHIND)  # its hands, children, stand back with it
    client = Client(str(process.folder.socket), Network(), process.world)
    await client.start()
    engines = open_edge(process.folder, process.settings, process.master, process.world, client)
    house = build(engines, process.settings, process.master, process.world)
    loops = [
        *house.behind(engines.log, engines.keys, process.world),
        watch(engines.queues, None, process.world),
        tell_calls("client", client.stats, process.world),
    ]
    try:
        async with beside(process.stop, loops):
            process.line.ready()
            await process.stop.wait()
    finally:
        await house.close()
        await engines.close()
        await client.close()


if __name__ == "__main__":
    run(work)
