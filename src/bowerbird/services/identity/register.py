"""Make a person: hash, claim both names, create in one unit, confirm."""

from contextlib import suppress

import structlog
from msgspec.structs import replace

from bowerbird.base.ids import SHARDS, to_text
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Credential, Device, Registration, Session, SignedIn, User
from bowerbird.contracts.problems import Forbidden, Invalid, Unavailable
from bowerbird.services.identity import claims, model, throttle
from bowerbird.services.identity.kit import Kit
from bowerbird.services.identity.open_session import begun, shown
from bowerbird.services.identity.store import Raced

_log = structlog.get_logger()


async def register(kit: Kit, caller: Caller, new: Registration, device: Device) -> SignedIn:
    """As the contract's `register`."""
    if not kit.settings.registration_open:
        raise Forbidden("registration is closed here")
    given = model.registration(new)
    await throttle.registering(kit, caller, device.address)
    user = _person(kit, given, "person")
    session = begun(kit, user, device)
    await _create(kit, replace(caller, person=user.id), user, given, session)
    return SignedIn(user, session, shown(kit, user, session))


async def make_person(kit: Kit, caller: Caller, new: Registration, role: str) -> User:
    """As the contract's `make_person`."""
    if not caller.system:
        raise Forbidden("only the house makes people")
    if role not in model.ROLES:
        raise Invalid("a role is person or admin", field="role")
    given = model.registration(new)
    user = _person(kit, given, role)
    await _create(kit, caller, user, given, None)
    return user


def _person(kit: Kit, given: Registration, role: str) -> User:
    shard = int.from_bytes(kit.world.random_bytes(2), "big") % SHARDS
    id_, now_us = kit.world.new_id(kinds.USER, shard), kit.world.now_us()
    return User(id=id_, handle=given.handle, name=given.name, role=role, created_at=now_us, updated_at=now_us)


async def _create(kit: Kit, caller: Caller, user: User, given: Registration, session: Session | None) -> None:
    password_hash = await kit.hasher.hash(given.password)
    credential = Credential(user=user.id, email=given.email, password_hash=password_hash, updated_at=kit.world.now_us())
    leased = await claims.lease(kit.store, kit.world, user.id, given.handle, given.email)
    try:
        await kit.store.create_person(caller, user, credential, session)
    except Raced as error:
        raise Unavailable("registering took too long; try again", retry_after_s=1) from error
    # The person is there: what is left undone now, the sweep does.
    with suppress(Unavailable):
        await claims.confirm(kit.store, leased)
    _log.info("person_registered", user=to_text(user.id), role=user.role)
