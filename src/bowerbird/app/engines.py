"""The engines of one machine behind the ports: core holds the writers, every other process reads for itself.

What core serves over its socket is the ports themselves, so that a unit, and not a service call, crosses it.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from bowerbird.base.shards import ShardMap
from bowerbird.ports.blobs import Blobs
from bowerbird.ports.counters import Counters
from bowerbird.ports.fetch import Fetch
from bowerbird.ports.graph import Graph
from bowerbird.ports.keys import Keys
from bowerbird.ports.leases import Leases
from bowerbird.ports.log import Log
from bowerbird.ports.pictures import Pictures
from bowerbird.ports.records import Conflict, EngineUnavailable, Misuse, Records
from bowerbird.ports.timelines import Timelines
from bowerbird.rpc.errors import Errors

SHARDS: Final = ShardMap()

ERRORS: Final = Errors({"conflict": Conflict, "misuse": Misuse, "unavailable": EngineUnavailable, "value": ValueError})
"""What engines may answer over the socket."""


class Engines(Struct, frozen=True, kw_only=True):
    """Every port, and what ends them, last opened first."""

    records: Records
    keys: Keys
    log: Log
    timelines: Timelines
    graph: Graph
    blobs: Blobs
    counters: Counters
    leases: Leases
    fetch: Fetch
    pictures: Pictures
    closers: list[Callable[[], Awaitable[None]]]

    async def close(self) -> None:
        """End all engines."""
        for close in reversed(self.closers):
            await close()
