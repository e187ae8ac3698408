"""Sign in with a handle or an e-mail address and a password; whoever is unknown costs as much as whoever is known."""

from contextlib import suppress
from functools import partial

import structlog
from msgspec.structs import replace

from bowerbird.base.ids import Id, to_text
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Credential, Device, SignedIn
from bowerbird.contracts.problems import NotFound, Unauthenticated, Unavailable
from bowerbird.services.identity import model, throttle
from bowerbird.services.identity.kit import Kit, settle
from bowerbird.services.identity.open_session import open_session
from bowerbird.services.identity.store import Raced

_log = structlog.get_logger()


async def sign_in(kit: Kit, caller: Caller, login: str, password: str, device: Device) -> SignedIn:
    """As the contract's `sign_in`."""
    claim = model.login_claim(login)
    await throttle.signing_in(kit, caller, claim, device.address)
    return await settle(partial(_attempt, kit, caller, claim, model.typed(password), device))


async def _attempt(kit: Kit, caller: Caller, claim: Id, password: str, device: Device) -> SignedIn:
    found = await kit.store.claim(claim)
    id_ = found.user if found else model.nobody(claim)
    user = await kit.store.user(id_)
    credential = await kit.store.credential(id_)
    right = await kit.hasher.matches(credential.password_hash if credential else None, password)
    if not right or user is None or credential is None or user.deleted_at is not None:
        _log.warning("sign_in_refused", address=device.address)
        raise Unauthenticated("the name or the password is wrong")
    signed_in = await open_session(kit, caller, user, credential, device)
    _log.info("signed_in", user=to_text(user.id), address=device.address)
    if kit.hasher.outdated(credential.password_hash):
        await _hash_again(kit, caller, credential, password)
    return signed_in


async def _hash_again(kit: Kit, caller: Caller, old: Credential, password: str) -> None:
    """Bring a hash to the present cost while the password is at hand; another sign-in will do it if this cannot."""
    with suppress(Raced, NotFound, Unavailable):
        password_hash = await kit.hasher.hash(password)
        now_us = kit.world.now_us()
        new = replace(old, password_hash=password_hash, version=old.version + 1, updated_at=now_us)
        await kit.store.change_credential(caller, old, new, [])
        _log.info("password_hashed_again", user=to_text(old.user))
