"""Proving one's own password once more, and changing it."""

from functools import partial

from msgspec.structs import replace

from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Credential, Session, User
from bowerbird.contracts.problems import Unauthenticated
from bowerbird.services.identity import model, throttle
from bowerbird.services.identity.kit import Kit, settle


async def change_password(kit: Kit, caller: Caller, current: str, new: str) -> None:
    """As the contract's `change_password`."""
    caller.writer()
    wanted = model.password(new, "new")
    await throttle.proving(kit, caller, caller.writer())
    await settle(partial(_change, kit, caller, current, wanted))
    # Whoever signed in with the old password meanwhile is there by now, and nobody else comes.
    await settle(partial(_close_others, kit, caller))


async def _close_others(kit: Kit, caller: Caller) -> None:
    others = await _others(kit, caller)
    if others:
        await kit.store.close_sessions(caller, caller.writer(), others)


async def _others(kit: Kit, caller: Caller) -> list[Session]:
    return [row for row in await kit.store.sessions(caller.writer()) if row.id != caller.session]


async def _change(kit: Kit, caller: Caller, current: str, wanted: str) -> None:
    _, old = await proven(kit, caller, current, "current")
    password_hash = await kit.hasher.hash(wanted)
    now_us = kit.world.now_us()
    new = replace(old, password_hash=password_hash, version=old.version + 1, updated_at=now_us)
    await kit.store.change_credential(caller, old, new, await _others(kit, caller))


async def proven(kit: Kit, caller: Caller, password: str, field: str) -> tuple[User, Credential]:
    """Return the caller and how they sign in, if that is their password. Unauthenticated (with the field)."""
    id_ = caller.writer()
    user = await kit.store.user(id_)
    credential = await kit.store.credential(id_)
    right = await kit.hasher.matches(credential.password_hash if credential else None, model.typed(password))
    if not right or user is None or credential is None or user.deleted_at is not None:
        raise Unauthenticated("this is not your password", field=field)
    return user, credential
