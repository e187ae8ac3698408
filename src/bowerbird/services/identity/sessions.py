"""A person's open sessions, and closing one."""

from functools import partial

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Session
from bowerbird.contracts.problems import NotFound
from bowerbird.services.identity import model
from bowerbird.services.identity.kit import Kit, settle


async def sessions(kit: Kit, caller: Caller) -> list[Session]:
    """As the contract's `sessions`."""
    now_us = kit.world.now_us()
    rows = await kit.store.sessions(caller.signed_in())
    return [row for row in rows if row.expires_at > now_us][: model.SESSIONS_MAX]


async def revoke(kit: Kit, caller: Caller, session: Id) -> None:
    """As the contract's `revoke`."""
    user = caller.writer()
    row = await kit.store.session(user, session)
    if row is None:
        raise NotFound("there is no such session")
    await settle(partial(kit.store.close_sessions, caller, user, [row]))
