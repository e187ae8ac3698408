"""Personal access tokens: listed, made and ended."""

from functools import partial
from typing import Final

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import ADMIN, READ, WRITE, Caller
from bowerbird.contracts.identity import AccessToken, NewToken
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound
from bowerbird.services.identity import access_token, model
from bowerbird.services.identity.kit import Kit, settle
from bowerbird.services.identity.store import Repeated

_SCOPES: Final = range(1, (READ | WRITE | ADMIN) + 1)


async def tokens(kit: Kit, caller: Caller) -> list[AccessToken]:
    """As the contract's `tokens`."""
    return await kit.store.tokens(caller.signed_in())


async def make_token(kit: Kit, caller: Caller, name: str, scopes: int, expires_at: int | None) -> NewToken:
    """As the contract's `make_token`; only whoever is signed in makes tokens. A repeated request gets no secret."""
    user = caller.writer()
    if caller.session is None:
        raise Forbidden("an access token cannot make another; sign in")
    _check(kit, caller, scopes, expires_at)
    id_ = kit.world.new_id(kinds.TOKEN, shard_of(user))
    text = access_token.make(kit.world, user, id_)
    token = AccessToken(
        user=user,
        id=id_,
        name=model.line(name, "name", 1, 60),
        scopes=scopes,
        secret_hash=access_token.digest(text),
        created_at=kit.world.now_us(),
        expires_at=expires_at,
    )
    if len(await kit.store.tokens(user)) >= model.TOKENS_MAX:
        raise Invalid(f"one person has at most {model.TOKENS_MAX} access tokens; end one first")
    try:
        await settle(partial(kit.store.add_token, caller, token))
    except Repeated as repeated:
        first = await kit.store.token(user, repeated.result)
        if first is None:
            raise NotFound("the access token that was made first is gone") from None
        return NewToken(first, "")
    return NewToken(token, text)


async def revoke_token(kit: Kit, caller: Caller, token: Id) -> None:
    """As the contract's `revoke_token`."""
    row = await kit.store.token(caller.writer(), token)
    if row is None:
        raise NotFound("there is no such access token")
    await kit.store.drop_token(caller, row)


def _check(kit: Kit, caller: Caller, scopes: int, expires_at: int | None) -> None:
    """Refuse scopes that are none or not the caller's, and an end that has passed. Invalid, Forbidden."""
    if scopes not in _SCOPES:
        raise Invalid("an access token has one scope at least: read, write or admin", field="scopes")
    if scopes & ~caller.scopes:
        raise Forbidden("an access token has no more rights than you have")
    if expires_at is not None and expires_at <= kit.world.now_us():
        raise Invalid("an access token ends in the future", field="expires_at")
