"""Ideas for somebody: what a walk from their saves finds, and, while these are few, what others save."""

from collections.abc import Iterator
from typing import Final

from bowerbird.contracts.caller import Caller
from bowerbird.contracts.recommend import IDEAS_MAX, Because, Ideas
from bowerbird.services.recommend.asker import Asker, Start, asker_of, saved_by
from bowerbird.services.recommend.choose import LEADS_MAX, choose
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.model import Lead, in_turns, mark_of, partly_by_lot
from bowerbird.services.recommend.popular import popular
from bowerbird.services.recommend.store import Leaning

_HALF: Final = 0.5


async def ideas(kit: Kit, caller: Caller, after: bytes | None, limit: int) -> Ideas:
    """Return the next ideas: five reads and a walk; who keeps little, or exhausts what is like it, up to five more."""
    mark = mark_of(after, kit.world.chance())
    asker = await asker_of(kit, caller)
    start = await saved_by(kit, asker)
    near = await _near(kit, asker, start, mark.start)
    known = min(1.0, len(start.weights) / kit.settings.little_below)
    leads = iter(near)
    if known < 1 or len(near) < IDEAS_MAX:
        met = {lead.thing for lead in near}
        common = (lead for lead in await _common(kit, asker, mark.start) if lead.thing not in met)
        leads = in_turns(near, common, _HALF + _HALF * known)
    return await choose(kit, asker, leads, mark, limit)


async def _near(kit: Kit, asker: Asker, start: Start, seed: int) -> list[Lead]:
    """Return what a walk finds, each with the pin that did most to lead there."""
    if not start.weights:
        return []
    found = await kit.store.walk(
        start.weights, start.own, asker.leaning, seed=seed, steps_max=kit.settings.steps_max, things_max=LEADS_MAX
    )
    return [Lead(one.id, Because("saved", pin=start.pins[one.because[0]])) for one in found.things if one.because]


async def _common(kit: Kit, asker: Asker, seed: int) -> Iterator[Lead]:
    """Return what many save, some of it by lot, in turns with what of that fits chosen topics."""
    leaning = asker.leaning
    anything = partly_by_lot(await popular(kit, Leaning(shunned=leaning.shunned)), seed)
    leads = (Lead(thing, Because("popular")) for thing in anything)
    if not leaning.liked:
        return leads
    fitting = (Lead(thing, Because("topic")) for thing in await popular(kit, leaning))
    return in_turns(fitting, leads, _HALF)
