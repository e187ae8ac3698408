"""Editing a pin's texts."""

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import PinChange, Shown
from bowerbird.contracts.caller import Caller
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import settled
from bowerbird.services.boards.sight import reach


async def change_pin(kit: Kit, caller: Caller, pin: Id, change: PinChange) -> Shown:
    """Return the pin after the change; without a difference nothing happens."""
    caller.writer()
    texts = model.pin_texts(change.title, change.note, change.alt)

    async def attempt() -> Shown:
        shown = await reach(kit, caller, pin)
        if shown.pin.trashed:
            raise model.no_pin()
        old, access = shown.pin, model.must_edit(shown.access)
        model.same_version(change.version, old.version)
        new = replace(old, **texts)
        if new == old:
            return shown
        new = replace(new, version=old.version + 1, updated_at=kit.world.now_us())
        await kit.store.set_pin(caller, ["pin_changed"], old, new, [access])
        return replace(shown, pin=new)

    return await settled(attempt)
