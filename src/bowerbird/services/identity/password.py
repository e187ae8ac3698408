"""Proving one's own password once more, and changing it."""

from functools import partial

from msgspec.structs import replace

from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Credential, User
from bowerbird.contracts.problems import Unauthenticated
from bowerbird.services.identity import model, throttle
from bowerbird.services.identity.kit import Kit, settle


async def change_password(kit: Kit, caller: Caller, current: str, new: str) -> None:
    """As the contract's `change_password`."""
    caller.writer()
    wanted = model.password(new, "new")
    await throttle.proving(kit, caller, caller.writer())
    await settle(partial(_change, kit, caller, current, wanted))


async def _change(kit: Kit, caller: Caller, current: str, wanted: str) -> None:
    user, old = await proven(kit, caller, current, "current")
    password_hash = await kit.hasher.hash(wanted)
    now_us = kit.world.now_us()
    new = replace(old, password_hash=password_hash, version=old.version + 1, updated_at=now_us)
    others = [row for row in await kit.store.sessions(user.id) if row.id != caller.session]
    await kit.store.change_credential(caller, old, new, others)


async def proven(kit: Kit, caller: Caller, password: str, field: str) -> tuple[User, Credential]:
    """Return the caller and how they sign in, if that is their password. Unauthenticated (with the field)."""
    id_ = caller.writer()
    user = await kit.store.user(id_)
    credential = await kit.store.credential(id_)
    right = await kit.hasher.matches(credential.password_hash if credential else None, model.typed(password))
    if not right or user is None or credential is None or user.deleted_at is not None:
        raise Unauthenticated("this is not your password", field=field)
    return user, credential
