"""Delete an account: gone at once, erased directly after, and by the sweep when that was cut off.

The deletion is one unit with its events. Only then is the key destroyed, and with it every body in the log that was
sealed for the person: consumers of `user_deleted` work from the envelope alone. The e-mail address is free at once; the
handle rests, so that nobody steps into a deleted person's links and mentions while they are fresh.
"""

from contextlib import suppress
from functools import partial
from typing import Final

import structlog

from bowerbird.base.ids import to_text
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Unavailable
from bowerbird.services.identity import model, throttle
from bowerbird.services.identity.kit import Kit, settle
from bowerbird.services.identity.model import Erasure
from bowerbird.services.identity.password import proven
from bowerbird.services.identity.settings import IdentitySettings
from bowerbird.services.identity.store import Store

_SWEPT_MAX: Final = 100

_log = structlog.get_logger()


async def delete_account(kit: Kit, caller: Caller, password: str) -> None:
    """As the contract's `delete_account`."""
    await throttle.proving(kit, caller, caller.writer())
    erasure = await settle(partial(_delete, kit, caller, password))
    _log.info("person_deleted", user=to_text(erasure.user))
    with suppress(Unavailable):
        await _finish(kit.store, kit.settings, erasure)


async def _delete(kit: Kit, caller: Caller, password: str) -> Erasure:
    user, credential = await proven(kit, caller, password, "password")
    erasure = Erasure(
        user=user.id,
        handle=model.claim_id("handle", user.handle),
        email=model.claim_id("email", credential.email),
        at=kit.world.now_us(),
    )
    sessions = await kit.store.sessions(user.id)
    await kit.store.delete_person(caller, user, credential, sessions, erasure)
    return erasure


async def sweep_erasures(store: Store, settings: IdentitySettings) -> int:
    """Finish deletions that were cut off; return how many."""
    erasures = await store.erasures(_SWEPT_MAX)
    for erasure in erasures:
        await _finish(store, settings, erasure)
    return len(erasures)


async def _finish(store: Store, settings: IdentitySettings, erasure: Erasure) -> None:
    """Do what follows a deletion; each step may happen twice."""
    await store.destroy_key(erasure.user)
    await store.forget_access(erasure.user)
    await store.free_claim(erasure.email, erasure.user)
    rest_us = settings.handle_rest_days * model.DAY_US
    await store.rest_claim(erasure.handle, erasure.user, erasure.at + rest_us)
    await store.close_erasure(erasure.user)
