"""What calls between the processes came to, told as metrics: how many there were, and what was refused."""

from dataclasses import asdict
from typing import Final

from bowerbird.base.telemetry import counter
from bowerbird.base.world import World
from bowerbird.rpc.limits import Stats

PAUSE_S: Final = 5.0

_calls = counter("rpc_total", "Calls between processes, and what was refused, by side.", "side", "what")


async def tell_calls(side: str, stats: Stats, world: World) -> None:
    """Tell, again and again until cancelled, what one side, "client" or "server", has counted since the last time."""
    told: dict[str, int] = {}
    while True:
        counted: dict[str, int] = asdict(stats)
        for what, count in counted.items():
            _calls.labels(side, what).inc(count - told.get(what, 0))
        told = counted
        await world.sleep(PAUSE_S)
