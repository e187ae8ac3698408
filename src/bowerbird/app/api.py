"""The edge's API as a process of its own, over services in others: `python -m bowerbird.app.api [ADDRESS]`.

It touches no database: it has the remotes of all services, and the blobs. ADDRESS is the path of a unix socket, or
`fd:` with the number of a listening socket that it inherits.
"""

import asyncio
import sys
from typing import Final

from msgspec.structs import replace

from bowerbird.app.calls import tell_calls
from bowerbird.app.engines import OwnBlobs
from bowerbird.app.lenient import UnawaitedInsight, lenient
from bowerbird.app.listening import listening
from bowerbird.app.peers import API, Peers, addresses
from bowerbird.app.process import Process, beside, run
from bowerbird.app.site import Ready, api_alone
from bowerbird.app.topology import SERVICES
from bowerbird.app.wiring import services_elsewhere
from bowerbird.rpc.errors import RpcError
from bowerbird.rpc.leased import Leases
from bowerbird.rpc.peer import Peer
from bowerbird.rpc.wire import PING
from bowerbird.runtime.web import Web

NEEDED: Final = ("identity", "boards", "graph", "feed")
"""Without these no page can be shown; what else is missing, is missing there alone."""

LEASES_BYTES_MAX: Final = 32 << 20
"""What facts on lease may take in one process."""

_READY_MS: Final = 2000


async def work(process: Process, address: str | None = None) -> None:
    """Serve until told to stop, then drain."""
    settings, world = process.settings, process.world
    peers = Peers((service.name for service in SERVICES), settings, process.folder, process.master, world)
    lease_ms = settings.placement.facts_lease_ms
    kept = Leases(lease_ms, LEASES_BYTES_MAX, world) if lease_ms else None
    services = services_elsewhere(
        settings, process.master, world, lambda contract: lenient(contract, peers.remote(contract, kept))
    )
    files = OwnBlobs(process.folder, settings, process.master, world)
    behind_the_page = replace(settings.http, proxies=settings.http.proxies + 1)
    site = api_alone(services, files.blobs, behind_the_page, process.master, world, _all_answer(peers))
    await peers.start()
    try:
        with listening(address or addresses(API, settings, process.folder)[0]) as descriptor:
            web = Web(site, descriptor, settings.server.connections_max, world)
            async with beside(process.stop, [tell_calls("client", way.stats, world) for way in peers.ways.values()]):
                process.line.ready()
                await web.serve(process.stop)
    finally:
        if isinstance(services.insight, UnawaitedInsight):
            await services.insight.flush()
        files.close()
        await peers.close()


def _all_answer(peers: Peers) -> Ready:
    async def ready() -> list[str]:
        answers = await asyncio.gather(*(_answers(peers.ways[name]) for name in NEEDED))
        return [f"{name} does not answer" for name, there in zip(NEEDED, answers, strict=True) if not there]

    return ready


async def _answers(way: Peer) -> bool:
    try:
        await way.call(PING, (), _READY_MS)
    except RpcError:
        return False
    return True


if __name__ == "__main__":
    run(work, *sys.argv[1:])
