"""Up to when a group of handlers has heard everything: what waits for it, and what it gave up on, it has not heard."""

from bowerbird.base.world import World
from bowerbird.ports.log import POLL_MAX, Log


async def heard_until(log: Log, group: str, world: World) -> int:
    """Return a time (microseconds) before which nothing was appended to the log that the group has not handled.

    0 for a group that never read, and for one that gave up on more events than can be looked at.
    """
    now_us = world.now_us()
    waiting = [lag.oldest_us for lag in await log.lag() if lag.group == group]
    parked = await log.parked(group, POLL_MAX)
    if not waiting or len(parked) == POLL_MAX:
        return 0
    return min([now_us - max(waiting), *(one.stored.record.at for one in parked)])
