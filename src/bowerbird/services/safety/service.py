"""The class that meets the contract: one meter a budget."""

import hashlib
from typing import Final, get_args

from typing_extensions import override

from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.safety import Allowance, Budget, Safety
from bowerbird.services.safety.meter import Meter
from bowerbird.services.safety.settings import SafetySettings
from bowerbird.services.safety.store import Store

BY_SHARES: Final[frozenset[Budget]] = frozenset({"read", "write"})
"""What happens on every request, and is therefore counted by shares."""

_BY_BYTES: Final = 32
"""Whom something is counted for is remembered whole up to this length, and by its digest beyond."""


class SafetyService(Safety):
    """Counts what everybody does."""

    def __init__(self, store: Store, world: World, settings: SafetySettings) -> None:
        budgets: tuple[Budget, ...] = get_args(Budget)
        self._keys_max = settings.local_keys_max
        self._meters = {
            budget: Meter(store, world, budget, settings.of(budget), exact=budget not in BY_SHARES)
            for budget in budgets
        }

    @override
    async def spend(self, caller: Caller, budget: Budget, by: bytes) -> Allowance:
        short = by if len(by) <= _BY_BYTES else hashlib.sha256(by).digest()
        return await self._meters[budget].spend(short, self._keys_max)
