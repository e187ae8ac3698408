"""The end of a pin's way to another shard, whoever brings it about.

A pin that moves far is first put on its new board, where it waits unseen; then its old row is made to forward, which
requires that the row still is what was put there: that one change decides. Afterwards the pin is let in. Whoever finds
a pin that waits asks the old row, and may end the wait: a move that is not decided by then is called off.
"""

from typing import Final

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.caller import Caller, system
from bowerbird.services.boards import model
from bowerbird.services.boards.kit import Kit
from bowerbird.services.boards.outcomes import settled

_LOOKS_MAX: Final = 20
_LOOK_S: Final = 0.05


async def arrive_in_time(kit: Kit, caller: Caller, pin: Id) -> Pin | None:
    """As `arrive`, but whoever moves the pin is given a second to decide, which takes a few milliseconds."""
    for _ in range(_LOOKS_MAX):
        there = (await kit.store.pins([pin]))[0]
        if there is None or not model.waits(there):
            return there
        old = None if there.moved_from is None else (await kit.store.pins([there.moved_from]))[0]
        if old is None or old.trashed:
            break
        await kit.world.sleep(_LOOK_S)
    return await arrive(kit, caller, pin)


async def arrive(kit: Kit, caller: Caller, pin: Id) -> Pin | None:
    """Return a pin that waits no longer: let in when its old row forwards to it, and taken away (None) otherwise."""

    async def attempt() -> Pin | None:
        there = (await kit.store.pins([pin]))[0]
        if there is None or not model.waits(there):
            return there
        old = None if there.moved_from is None else (await kit.store.pins([there.moved_from]))[0]
        if old is not None and old.moved_to == there.id:
            new = model.arrived(there, kit.world.now_us())
            await kit.store.set_pin(caller, model.saved_events(new), there, new)
            return new
        house = system(caller.trace)
        if old is not None and not old.trashed:
            # Whoever is about to make it forward meets another version, and does not.
            await kit.store.set_pin(house, ["pin_changed"], old, replace(old, version=old.version + 1))
        await kit.store.purge_pins(house, [there])
        return None

    return await settled(attempt)
