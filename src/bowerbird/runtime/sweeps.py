"""Sweeps: work that comes due with time, done in bounded steps until nothing is left, then again after a pause."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from msgspec import Struct

from bowerbird.base.telemetry import counter
from bowerbird.base.world import World

STEPS_MAX: Final = 100
PAUSE_S: Final = 60.0

_log = structlog.get_logger()
_done = counter("sweep_things_total", "Things a sweep dealt with.", "sweep")


class Sweep(Struct, frozen=True):
    """`step` does a bounded piece and returns how many things it dealt with, 0 when nothing is left."""

    name: str
    step: Callable[[], Awaitable[int]]
    pause_s: float = PAUSE_S


async def run(sweep: Sweep, world: World) -> None:
    """Run a sweep until cancelled; a failed step is logged and tried again after the pause."""
    while True:
        try:
            await exhaust(sweep)
        except Exception:  # noqa: BLE001 - one sweep's fault must not end the others
            _log.exception("sweep_failed", sweep=sweep.name)
        await world.sleep(sweep.pause_s * (0.9 + 0.2 * world.chance()))


async def exhaust(sweep: Sweep) -> None:
    """Step until nothing is left, at most STEPS_MAX times, so that one sweep never holds the others up for long."""
    for _ in range(STEPS_MAX):
        count = await sweep.step()
        _done.labels(sweep.name).inc(count)
        if not count:
            return
