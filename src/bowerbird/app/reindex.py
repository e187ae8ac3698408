"""The operation behind `bowerbird index rebuild`: empty the text index, and let its group read the log anew."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bowerbird.app.visit import Visit
from bowerbird.contracts.events import CHANGES
from bowerbird.runtime.consumers import Consumer

Show = Callable[[str, int, int], None]

GROUP: Final = "search"
_PAUSE_S: Final = 0.2


async def reindex(here: Visit, show: Show) -> int:
    """Do it, with the processes that run, or alone; return how many events were read.

    Until it is done searches find what was written so far.
    """
    total = sum(offset.number + 1 for offset in await here.engines.log.end(CHANGES))
    await here.engines.log.seek(GROUP, CHANGES, 0)
    await here.engines.textindex.clear()
    reading = None if here.running else asyncio.create_task(_read(here))
    try:
        while (waiting := await _waiting(here)) and not (reading and reading.done()):
            show("Reading the log", max(0, total - waiting), total)
            await here.world.sleep(_PAUSE_S)
    finally:
        if reading is not None:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
    return total


async def _read(here: Visit) -> None:
    """Read as the group, where nobody else does."""
    [group] = [group for group in here.house.groups if group.name == GROUP]
    await Consumer(group, here.engines.log, here.engines.keys, here.world).run()


async def _waiting(here: Visit) -> int:
    return sum(lag.records for lag in await here.engines.log.lag() if lag.group == GROUP)
