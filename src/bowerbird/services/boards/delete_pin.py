"""Putting a pin into the trash of its board's owner, and taking it out again."""

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Exists
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import Taken, settled
from bowerbird.services.boards.sight import reach


async def delete_pin(kit: Kit, caller: Caller, pin: Id, version: int | None) -> None:
    """Hide a pin from everybody at once; one that is in the trash already stays as it is."""
    caller.writer()

    async def attempt() -> None:
        shown = await _to_throw(kit, caller, pin)
        old, access = shown.pin, shown.access
        if old.trashed:
            return
        model.same_version(version, old.version)
        now_us = kit.world.now_us()
        new = replace(old, trashed=1, deleted_at=now_us, live_link=None, updated_at=now_us, version=old.version + 1)
        await kit.store.set_pin(caller, ["pin_deleted"], old, new, [access])

    await settled(attempt)


async def restore_pin(kit: Kit, caller: Caller, pin: Id) -> Shown:
    """Return the pin as it was; NotFound when the trash has kept it long enough, Exists when its link is back."""
    caller.writer()

    async def attempt() -> Shown:
        shown = await _to_throw(kit, caller, pin)
        old, access = shown.pin, shown.access
        if old.deleted_at is None:
            return shown
        now_us = kit.world.now_us()
        if old.deleted_at + kit.kept_us <= now_us:
            raise model.no_pin()
        new = replace(old, trashed=0, deleted_at=None, live_link=old.link, updated_at=now_us, version=old.version + 1)
        await kit.store.set_pin(caller, ["pin_restored"], old, new, [access])
        return replace(shown, pin=new)

    try:
        return await settled(attempt)
    except Taken as taken:
        raise Exists("the board has this link again") from taken


async def _to_throw(kit: Kit, caller: Caller, pin: Id) -> Shown:
    """Return a pin of a board that the caller may edit; what is in the trash, others do not hear of. Forbidden."""
    shown = await reach(kit, caller, pin)
    if shown.pin.trashed and not model.may_edit(shown.access):
        raise model.no_pin()
    model.must_edit(shown.access)
    return shown
