"""Find what is like what is known, without looking at anything."""

from collections.abc import Sequence
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Invalid
from bowerbird.contracts.vision import Alike
from bowerbird.services.vision.kit import Kit
from bowerbird.services.vision.model import most, nearest
from bowerbird.services.vision.scope import everything

_ASKED_MAX: Final = 20


async def like(kit: Kit, caller: Caller, pins: Sequence[Id], limit: int) -> list[Alike]:
    """Return pins like those of some that the caller may see and that were seen, best first. Invalid."""
    if len(pins) > _ASKED_MAX:
        raise Invalid(f"at most {_ASKED_MAX} at once")
    there = [shown.pin.id for shown in await kit.boards.pins(caller, pins) if shown is not None]
    spaces = await kit.store.spaces()
    asked = await kit.store.asked(spaces[0], there) if spaces and there else []
    if not asked:
        return []
    scope, wanted = await everything(kit, caller), most(limit) + len(there)
    found = await kit.store.nearest(spaces[0], b"".join(asked), scope, wanted, kit.settings.similar_min)
    return nearest(found, there, limit)
