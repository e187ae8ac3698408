"""From what leads somewhere to a page of ideas: what is kept or hidden goes, what was often shown sinks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import system
from bowerbird.contracts.paging import LIMIT_MAX, Mark
from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.recommend import Because, Idea, Ideas
from bowerbird.services.recommend.asker import Asker
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.model import Lead, sunk
from bowerbird.services.recommend.topics import UNKNOWN, topic_of

LEADS_MAX: Final = 400
"""Things that one page is chosen from: all that may come, and some that fall away."""


async def choose(kit: Kit, asker: Asker, leads: Iterable[Lead], mark: Mark, limit: int) -> Ideas:
    """Return the next page of what leads propose, best first; each thing once, in one pin.

    Three reads, of nobody's one: what is kept, what was shown, and who holds it. One more where the topic counts.
    """
    first: dict[Id, Lead] = {}
    for lead in leads:
        if lead.thing not in asker.wishes.hidden and lead.pin not in asker.wishes.hidden:
            first.setdefault(lead.thing, lead)
    things, shown = await _new(kit, asker, mark.unseen(first)[:LEADS_MAX])
    found = await _in_pins(kit, asker, [first[thing] for thing in things])
    shunned = await _shunned(kit, asker, found)
    order = sunk([thing for thing in things if thing in found], shown, shunned)
    page = order[: min(max(1, limit), LIMIT_MAX, mark.room)]
    items = [Idea(found[thing], first[thing].because) for thing in page]
    return Ideas(await _with_topics(kit, asker, items), mark.after(page, more=len(order) > len(page)))


async def _new(kit: Kit, asker: Asker, things: list[Id]) -> tuple[list[Id], dict[Id, int]]:
    """Return those of the things that are not kept, and how often each was shown."""
    if asker.person is None:
        return things, {}
    kept = await kit.store.kept(asker.person, things)
    return [thing for thing in things if thing not in kept], await kit.store.shown(asker.person, things)


async def _in_pins(kit: Kit, asker: Asker, leads: Sequence[Lead]) -> dict[Id, Id]:
    """Return in which pin to show each thing: the newest of another that everybody may see."""
    found = {lead.thing: lead.pin for lead in leads if lead.pin is not None}
    others = [lead.thing for lead in leads if lead.pin is None]
    for thing, saves in zip(others, await kit.store.holding(others), strict=True):
        pins = [save.pin for save in saves if save.person is None or save.person != asker.person]
        if pins := [pin for pin in pins if pin not in asker.wishes.hidden]:
            found[thing] = pins[0]
    return found


async def _shunned(kit: Kit, asker: Asker, found: Mapping[Id, Id]) -> frozenset[Id]:
    """Return the things whose topic somebody wants less of."""
    if not asker.wishes.shunned:
        return frozenset()
    topics = await _topics(kit, found.values())
    return frozenset(thing for thing, pin in found.items() if topics.get(pin) in asker.wishes.shunned)


async def _with_topics(kit: Kit, asker: Asker, items: list[Idea]) -> list[Idea]:
    """Return ideas, those that come for a topic naming which; what fits none that was chosen comes as what it is."""
    topics = await _topics(kit, [item.pin for item in items if item.because.why == "topic"])

    def named(item: Idea) -> Idea:
        topic = topics.get(item.pin, UNKNOWN)
        chosen = topic in asker.wishes.interests
        return replace(item, because=Because("topic", topic=topic) if chosen else Because("popular"))

    return [named(item) if item.because.why == "topic" else item for item in items]


async def _topics(kit: Kit, pins: Collection[Id]) -> dict[Id, int]:
    """Return what pins are about, as far as that can be known now."""
    labels = []
    with suppress(Unavailable):
        labels = await kit.vision.labels(system(), list(pins)) if pins else []
    return {pin: topic_of(seen) for pin, seen in zip(pins, labels, strict=False)}
