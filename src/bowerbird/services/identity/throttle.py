"""How often passwords may be tried: per account, known or not, and per address."""

import hashlib

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Throttled
from bowerbird.contracts.safety import Budget, by_address
from bowerbird.services.identity.kit import Kit


async def registering(kit: Kit, caller: Caller, address: str) -> None:
    """Count one registration. Throttled."""
    await _spend(kit, caller, "register", by_address(address))


async def signing_in(kit: Kit, caller: Caller, claim: Id, address: str) -> None:
    """Count one attempt at whatever account has the claim, from an address. Throttled.

    An account's handle and its e-mail address are counted apart: together they would tell that they belong together.
    """
    await _spend(kit, caller, "sign_in_address", by_address(address))
    await _spend(kit, caller, "sign_in", hashlib.sha256(claim).digest())


async def proving(kit: Kit, caller: Caller, user: Id) -> None:
    """Count one attempt of somebody signed in at their own password. Throttled."""
    await _spend(kit, caller, "sign_in", user)


async def _spend(kit: Kit, caller: Caller, budget: Budget, by: bytes) -> None:
    allowance = await kit.safety.spend(caller, budget, by)
    if not allowance.allowed:
        raise Throttled("too many attempts; wait before the next", retry_after_s=allowance.reset_s)
