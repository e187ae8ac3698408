"""The process behind: handles events and sweeps for all services, while edges answer and core writes.

It reads the engines for itself and sends units to core, as an edge does. Where both want the processor it stands back,
so that nobody waits for an answer because of what other answers left to be done.
"""

import os

from bowerbird.app.engines import BEHIND
from bowerbird.app.process import Process, beside, run
from bowerbird.app.reading import reading


async def work(process: Process) -> None:
    """Handle events and sweep until told to stop."""
    os.nice(BEHIND)  # its hands, children, stand back with it
    async with reading(process) as here:
        behind = here.house.behind(here.engines.log, here.engines.keys, process.world)
        async with beside(process.stop, [*behind, *here.telling(process.world)]):
            process.line.ready()
            await process.stop.wait()


if __name__ == "__main__":
    run(work)
