"""The core process: the one writer of every database, and the relay."""

from collections.abc import Coroutine, Iterator
from typing import Any

from bowerbird.app.calls import tell_calls
from bowerbird.app.engines import Core, open_core
from bowerbird.app.process import Process, beside, run
from bowerbird.app.queues import watch
from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.contracts.events import CHANGES
from bowerbird.ports import once
from bowerbird.rpc.server import Server
from bowerbird.runtime import sweeps
from bowerbird.runtime.relay import Relay
from bowerbird.runtime.sweeps import Sweep


async def work(process: Process) -> None:
    """Open the engines, serve them to the other processes, and keep everything moving until told to stop."""
    core = open_core(process.folder, process.settings, process.master, process.world)
    server = Server(core.served(), Network(), process.world, core.errors)
    try:
        await server.listen(str(process.folder.socket))
        async with beside(process.stop, _loops(core, server, process.world)):
            process.line.ready()
            await process.stop.wait()
            await server.close()
    finally:
        await core.engines.close()


def _loops(core: Core, server: Server, world: World) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield everything that runs as long as the process does."""
    yield Relay(core.outbox, core.engines.log, world, CHANGES).run()
    yield sweeps.run(forgetting(core, world), world)
    yield watch(core.engines.queues, core.engines.log, world)
    yield tell_calls("server", server.stats, world)


def forgetting(core: Core, world: World) -> Sweep:
    """Return the sweep that forgets idempotency keys, which are the records' own and no service's."""
    return Sweep("idempotency_keys", lambda: once.forget(core.engines.records, world.now_us()))


if __name__ == "__main__":
    run(work)
