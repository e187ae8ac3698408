"""A new session: its row, its token, and which old ones make room for it."""

from msgspec.structs import replace

from bowerbird.base.ids import shard_of
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Credential, Device, Session, SignedIn, User
from bowerbird.services.identity import model
from bowerbird.services.identity.kit import Kit
from bowerbird.services.identity.session_token import Proof


def begun(kit: Kit, user: User, device: Device) -> Session:
    """Return the row of a session that begins now."""
    now_us = kit.world.now_us()
    client, address = model.described(device.client, device.address)
    return Session(
        user=user.id,
        id=kit.world.new_id(kinds.SESSION, shard_of(user.id)),
        client=client,
        address=address,
        epoch=user.epoch,
        created_at=now_us,
        seen_at=now_us,
        expires_at=now_us + kit.settings.session_good_days * model.DAY_US,
    )


def shown(kit: Kit, user: User, session: Session) -> str:
    """Return a token of a session, good from now on."""
    return kit.keys.sign(Proof(user.id, session.id, user.epoch, model.rights(user), kit.world.now_us()))


async def open_session(kit: Kit, caller: Caller, user: User, credential: Credential, device: Device) -> SignedIn:
    """Open a session for somebody whose credential was checked, and close the oldest above the limit. Raced."""
    session = begun(kit, user, device)
    closed = (await kit.store.sessions(user.id))[model.SESSIONS_MAX - 1 :]
    await kit.store.open_session(replace(caller, person=user.id), session, credential, closed)
    return SignedIn(user, session, shown(kit, user, session))
