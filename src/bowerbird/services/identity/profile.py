"""Edit one's profile."""

from functools import partial

from msgspec import UNSET
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import ProfileChange, User
from bowerbird.contracts.problems import NotFound, Refused, Stale
from bowerbird.services.identity import model
from bowerbird.services.identity.kit import Kit, settle


async def change_profile(kit: Kit, caller: Caller, change: ProfileChange) -> User:
    """As the contract's `change_profile`."""
    user = caller.writer()
    wanted = replace(
        change,
        name=UNSET if change.name is UNSET else model.line(change.name, "name", 1, 60),
        about=UNSET if change.about is UNSET else model.lines(change.about, "about", 500),
    )
    picture = await _picture(kit, caller, change)
    return await settle(partial(_change, kit, caller, user, wanted, picture))


async def _picture(kit: Kit, caller: Caller, change: ProfileChange) -> tuple[Id | None, str]:
    """Return the media and its name for a completed upload. NotFound, Refused (field picture)."""
    if change.picture is UNSET or change.picture is None:
        return None, ""
    try:
        picture = await kit.media.uploaded(caller, change.picture)
    except (NotFound, Refused) as error:
        raise type(error)(error.detail, field="picture") from error
    return picture.id, picture.name


async def _change(kit: Kit, caller: Caller, id_: Id, change: ProfileChange, picture: tuple[Id | None, str]) -> User:
    old = await kit.store.user(id_)
    if old is None or old.deleted_at is not None:
        raise NotFound("there is no such person")
    if change.version is not None and change.version != old.version:
        raise Stale("the profile was changed since then")
    kept = (old.picture, old.picture_name) if change.picture is UNSET else picture
    new = replace(
        old,
        name=old.name if change.name is UNSET else change.name,
        about=old.about if change.about is UNSET else change.about,
        picture=kept[0],
        picture_name=kept[1],
    )
    if new == old:
        return old
    new = replace(new, version=old.version + 1, updated_at=kit.world.now_us())
    await kit.store.change_user(caller, old, new)
    return new
