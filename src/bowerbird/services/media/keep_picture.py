"""Keeping pictures: the same bytes are one picture of an owner, whatever way they come."""

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.media import Picture
from bowerbird.contracts.problems import NotFound
from bowerbird.services.media.kit import Kit
from bowerbird.services.media.model import digest


async def keep(kit: Kit, caller: Caller, owner: Id, data: bytes) -> Picture:
    """Return the owner's picture of these bytes, made unless there is one. Refused, Unavailable."""
    same = await kit.store.same(owner, digest(data))
    return same or await kit.store.make(caller, owner, await kit.store.render(data))


async def adopt(kit: Kit, caller: Caller, media: Id, owner: Id) -> Picture:
    """Return the same picture as the owner's own, copied unless there is one. NotFound."""
    picture = await kit.store.held(media)
    if picture is None:
        raise NotFound("there is no such picture")
    if picture.owner == owner:
        return picture
    return await kit.store.same(owner, picture.sha256) or await kit.store.copy(caller, picture, owner)
