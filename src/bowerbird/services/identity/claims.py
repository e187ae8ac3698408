"""Names that are one person's alone: claimed on lease, confirmed once the person is there, swept when abandoned.

A lease cannot end while its person may still come: before the sweep lets go of a name it rules the person out, with a
row on the person's shard that the late creation meets.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.identity import User
from bowerbird.contracts.problems import Exists, Unavailable
from bowerbird.services.identity import model
from bowerbird.services.identity.model import Claim
from bowerbird.services.identity.store import Raced, Store

LEASE_S: Final = 60
_SWEPT_MAX: Final = 100


async def lease(store: Store, world: World, user: Id, handle: str, email: str) -> tuple[Claim, Claim]:
    """Claim both names of a person to come, or neither, and return the claims. Exists (field handle or email)."""
    until = world.now_us() + LEASE_S * model.SECOND_US
    by_handle = Claim(id=model.claim_id("handle", handle), user=user, expires_at=until)
    by_email = Claim(id=model.claim_id("email", email), user=user, expires_at=until)
    if not await store.take_claim(by_handle):
        raise Exists("somebody has this handle", field="handle")
    if not await store.take_claim(by_email):
        with suppress(Unavailable):
            await store.free_claim(by_handle.id, user)
        raise Exists("there is an account with this e-mail address", field="email")
    return by_handle, by_email


async def confirm(store: Store, claims: Sequence[Claim]) -> None:
    """Make claims of people who are there last, once these are on the list of everybody."""
    for claim in claims:
        await store.list_user(claim.user)
        await store.confirm_claim(claim)


async def sweep_claims(store: Store, world: World) -> int:
    """Confirm or let go of claims whose lease is over; return how many."""
    claims = await store.overdue_claims(_SWEPT_MAX)
    for claim in claims:
        await _resolve(store, world, claim)
    return len(claims)


async def _resolve(store: Store, world: World, claim: Claim) -> None:
    user = await store.user(claim.user)
    if user is None:
        try:
            await store.rule_out(model.absent(claim.user, world.now_us()))
        except Raced:
            user = await store.user(claim.user)
    credential = await store.credential(claim.user)
    if user is not None and credential is not None and _is_of(claim, user, credential.email):
        await confirm(store, [claim])
    else:
        await store.free_claim(claim.id, claim.user)


def _is_of(claim: Claim, user: User, email: str) -> bool:
    names = {model.claim_id("handle", user.handle), model.claim_id("email", email)}
    return user.deleted_at is None and claim.id in names
