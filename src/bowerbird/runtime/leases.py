"""Work that one process does at a time: it runs wherever a name is held, and ends before another can hold it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from bowerbird.base.world import World
from bowerbird.ports.leases import Lease, Leases
from bowerbird.ports.records import EngineUnavailable

TTL_MS: Final = 5000
RENEW_S: Final = 1.0
"""How often the name is asked for again by who has it."""
ASK_S: Final = 0.5
"""How often others ask."""
ANSWER_S: Final = 1.0
"""How long one asks."""
MARGIN_S: Final = 2.5
"""How long before the name may be another's the work has ended, at the latest."""

_log = structlog.get_logger()


class Held:
    """One process's part: `holder` is a name that no other living process has; its successor may have it at once."""

    def __init__(self, leases: Leases, name: str, holder: str, world: World) -> None:
        self._leases = leases
        self._name = name
        self._holder = holder
        self._world = world
        self._until_s = 0.0

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work whenever the name is held, until it ends by itself; what it raises is raised."""
        ended = False
        while not ended:
            lease = await self._ask()
            if lease is None:
                await self._world.sleep(ASK_S)
                continue
            _log.info("work_taken_up", work=self._name)
            ended = await self._work_while_held(lease, work)

    async def _work_while_held(self, lease: Lease, work: Callable[[], Awaitable[None]]) -> bool:
        """Return whether the work ended by itself, and not because the name was lost."""
        working = asyncio.ensure_future(work())
        keeping = asyncio.create_task(self._keep(lease), name=f"keep {self._name}")
        try:
            await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
            return working.done()
        finally:
            working.cancel()
            keeping.cancel()
            await asyncio.wait({working, keeping})
            await self._let_go(lease)

    async def _keep(self, lease: Lease) -> None:
        """Return when the name is another's, or nobody says in time that it is not."""
        while self._world.monotonic_s() < self._until_s - MARGIN_S:
            await self._world.sleep(RENEW_S)
            renewed = await self._ask()
            if renewed is not None and renewed.fence != lease.fence:
                break
        _log.warning("work_given_up", work=self._name)

    async def _ask(self) -> Lease | None:
        """Return the name's lease if it is held now; None also where nobody answers."""
        asked_s = self._world.monotonic_s()
        try:
            async with asyncio.timeout(ANSWER_S):
                lease = await self._leases.acquire(self._name, self._holder, TTL_MS)
        except (EngineUnavailable, TimeoutError):
            return None
        self._until_s = asked_s + TTL_MS / 1000 if lease is not None else 0.0
        return lease

    async def _let_go(self, lease: Lease) -> None:
        try:
            await self._leases.release(lease)
        except EngineUnavailable:
            _log.warning("work_not_let_go", work=self._name)
