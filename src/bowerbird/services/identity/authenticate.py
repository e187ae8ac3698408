"""Check what a request shows: a session's token or an access token, as things stand now."""

import hmac
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Session, Shown, User
from bowerbird.contracts.problems import NotFound, Unauthenticated, Unavailable
from bowerbird.services.identity import access_token, model
from bowerbird.services.identity.kit import Kit
from bowerbird.services.identity.open_session import shown
from bowerbird.services.identity.session_token import Proof
from bowerbird.services.identity.store import Raced

_REFUSED: Final = "this sign-in is no longer good; sign in again"


async def authenticate(kit: Kit, token: str) -> Shown:
    """As the contract's `authenticate`."""
    if token.startswith(access_token.PREFIX):
        return await _by_access_token(kit, token)
    now_us = kit.world.now_us()
    proof = kit.keys.verify(token, now_us)
    if proof is None:
        raise Unauthenticated(_REFUSED)
    user = await _present(kit, proof.user)
    if proof.epoch == user.epoch and now_us - proof.issued_at < kit.settings.token_good_s * model.SECOND_US:
        return Shown(user.id, proof.session, proof.scopes & model.rights(user))
    return await _by_session(kit, user, proof)


async def _present(kit: Kit, id_: Id) -> User:
    user = await kit.store.user(id_)
    if user is None or user.deleted_at is not None:
        raise Unauthenticated(_REFUSED)
    return user


async def _by_session(kit: Kit, user: User, proof: Proof) -> Shown:
    """Renew a token that is old, or older than the last revocation, as long as its session is there."""
    session = await kit.store.session(user.id, proof.session)
    now_us = kit.world.now_us()
    if session is None or session.expires_at <= now_us:
        raise Unauthenticated(_REFUSED)
    if now_us - session.seen_at >= kit.settings.token_good_s * model.SECOND_US:
        await _extend(kit, user, session, now_us)
    return Shown(user.id, session.id, model.rights(user), shown(kit, user, session))


async def _extend(kit: Kit, user: User, session: Session, now_us: int) -> None:
    """Let the session last from now; it stays good as it was when that cannot be written, or another did it."""
    expires_at = now_us + kit.settings.session_good_days * model.DAY_US
    new = replace(session, epoch=user.epoch, seen_at=now_us, expires_at=expires_at, version=session.version + 1)
    with suppress(Raced, NotFound, Unavailable):
        await kit.store.renew_session(Caller(person=user.id, session=session.id), session, new)


async def _by_access_token(kit: Kit, text: str) -> Shown:
    named = access_token.read(text)
    if named is None:
        raise Unauthenticated(_REFUSED)
    token = await kit.store.token(*named)
    if token is None or not hmac.compare_digest(token.secret_hash, access_token.digest(text)):
        raise Unauthenticated(_REFUSED)
    user = await _present(kit, token.user)
    if token.expires_at is not None and token.expires_at <= kit.world.now_us():
        raise Unauthenticated(_REFUSED)
    return Shown(user.id, None, token.scopes & model.rights(user))
