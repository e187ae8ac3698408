"""What many save: of late, and where that is little, at any time."""

from typing import Final

from bowerbird.base.ids import Id
from bowerbird.services.recommend.choose import LEADS_MAX
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.store import Leaning

_DAY_US: Final = 86_400_000_000


async def popular(kit: Kit, leaning: Leaning) -> list[Id]:
    """Return things of liked topics alone, those first that were saved to most boards; one read or two."""
    since_us = max(0, kit.world.now_us() - kit.settings.late_days * _DAY_US)
    things = [one.id for one in await kit.store.popular(since_us, LEADS_MAX, leaning)]
    if len(things) < LEADS_MAX:
        things += [one.id for one in await kit.store.popular(0, LEADS_MAX, leaning)]
    return list(dict.fromkeys(things))[:LEADS_MAX]
