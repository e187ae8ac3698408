"""Looking at all pictures again for another model, beside what comes in: the old space answers while one is filled."""

from typing import Final

from msgspec.structs import replace

from bowerbird.contracts.caller import system
from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.vision import Labelled
from bowerbird.services.vision.follow import follow
from bowerbird.services.vision.kit import Kit
from bowerbird.services.vision.model import Space

_STEP: Final = 50


async def refill(kit: Kit) -> int:
    """Look again at some of what was seen before the newest space was made; return of how many pins.

    When nothing is left, that space answers. While there is no model, or it is busy, nothing is done.
    """
    spaces = await kit.store.spaces()
    if not spaces:
        return 0
    try:
        filled = await kit.store.present()
        due = await kit.store.due(filled, _STEP)
        for row in due:
            await _look_again(kit, filled, row)
    except Unavailable:
        return 0
    if not due and spaces[0] != filled:
        await kit.store.finish(filled)
        return 1
    return len(due)


async def _look_again(kit: Kit, filled: Space, row: Labelled) -> None:
    """Look at a pin's picture again; note of one that is nowhere to be found now that there is nothing to look at."""
    await follow(kit, system(), [row.pin])
    [now] = await kit.store.labelled([row.pin])
    if now is not None and now.at <= filled.made_us:
        later = max(kit.world.now_us(), filled.made_us + 1)
        await kit.store.note(system(), now, replace(now, at=later, version=now.version + 1))
