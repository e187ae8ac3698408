"""Where pins belong, by the records."""

from collections.abc import Sequence
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.services.feed.kit import Kit
from bowerbird.services.feed.model import Spot, spot

_PINS_MAX: Final = 500


async def spots(kit: Kit, caller: Caller, pins: Sequence[Id]) -> list[Spot | None]:
    """Return where each pin belongs now; None for those that are in no timeline."""
    found: list[Spot | None] = []
    for start in range(0, len(pins), _PINS_MAX):
        found += map(spot, await kit.boards.pins(caller, pins[start : start + _PINS_MAX]))
    return found
