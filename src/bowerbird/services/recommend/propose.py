"""People to follow, and boards to look at: those who keep what the caller likes, and those that hold it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.recommend import Proposed
from bowerbird.services.recommend.asker import Asker, Start, asker_of, saved_by
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.model import faded
from bowerbird.services.recommend.popular import popular
from bowerbird.services.recommend.store import Found, Leaning, Save

_PROPOSED_MAX: Final = 50
_CANDIDATES_MAX: Final = 200
_THINGS_MAX: Final = 300
_HOLDERS_MAX: Final = 20
_LED_MAX: Final = 3

_FOUND: Final = 0.5
_COMMON: Final = 0.001
"""What is liked probably, and by many, beside what is kept."""


class Liked(Struct, frozen=True):
    """A thing that somebody likes, how much, and the pins of theirs that tell; none where only others do."""

    thing: Id
    worth: float
    led: Sequence[Id] = ()


async def people(kit: Kit, caller: Caller, limit: int) -> list[Proposed]:
    """Return whom to follow: four reads and a walk, and two more where little is known."""
    asker = await asker_of(kit, caller)
    start = await saved_by(kit, asker)
    found = await _walked(kit, asker, start)
    led = await _held(kit, await _liked(kit, asker, start, found), lambda save: save.person)
    candidates = [one for one in led if one != asker.person][:_CANDIDATES_MAX]
    ties = await kit.graph.relations(asker.person, candidates)
    new = [one for one, tie in zip(candidates, ties, strict=True) if not (tie.follows or tie.blocked)]
    return [Proposed(one, led[one]) for one in new[: _most(limit)]]


async def boards(kit: Kit, caller: Caller, limit: int) -> list[Proposed]:
    """Return boards to look at: four reads and a walk, and two more where little is known."""
    asker = await asker_of(kit, caller)
    start = await saved_by(kit, asker)
    found = await _walked(kit, asker, start)
    led = {one.id: _pins(start, one.because) for one in found.boards}
    for board, pins in (await _held(kit, await _liked(kit, asker, start, found), lambda save: save.board)).items():
        led.setdefault(board, pins)
    candidates = list(led)[: 2 * _CANDIDATES_MAX]
    accesses = await kit.boards.access(caller, candidates)
    others = [access.board.id for access in accesses if access is not None and access.rights == "public"]
    return [Proposed(one, led[one]) for one in others[: _most(limit)]]


def _most(limit: int) -> int:
    return max(1, min(limit, _PROPOSED_MAX))


async def _walked(kit: Kit, asker: Asker, start: Start) -> Found:
    if not start.weights:
        return Found([], [], 0)
    return await kit.store.walk(
        start.weights,
        start.own,
        asker.leaning,
        seed=0,
        steps_max=kit.settings.steps_max,
        things_max=_THINGS_MAX,
        boards_max=_CANDIDATES_MAX,
    )


async def _liked(kit: Kit, asker: Asker, start: Start, found: Found) -> list[Liked]:
    """Return what somebody keeps, what a walk from there finds, and, where that is little, what many save."""
    liked = [Liked(thing, worth, [start.pins[thing]]) for thing, worth in start.weights.items()]
    liked += [Liked(one.id, _FOUND * faded(place), _pins(start, one.because)) for place, one in enumerate(found.things)]
    if len(liked) < _THINGS_MAX:
        common = await popular(kit, Leaning(asker.wishes.interests, asker.wishes.shunned))
        liked += [Liked(thing, _COMMON * faded(place)) for place, thing in enumerate(common)]
    return [one for one in liked if one.thing not in asker.wishes.hidden][:_THINGS_MAX]


def _pins(start: Start, things: Iterable[Id]) -> list[Id]:
    return [start.pins[thing] for thing in things if thing in start.pins][:_LED_MAX]


async def _held(kit: Kit, liked: Sequence[Liked], whose: Callable[[Save], Id | None]) -> dict[Id, list[Id]]:
    """Return who, or which boards, hold what is liked, those first that hold what is worth most, and what led there."""
    worth: defaultdict[Id, float] = defaultdict(float)
    led: defaultdict[Id, dict[Id, None]] = defaultdict(dict)
    for one, saves in zip(liked, await kit.store.holding([one.thing for one in liked], _HOLDERS_MAX), strict=True):
        for holder in {holder for save in saves if (holder := whose(save)) is not None}:
            worth[holder] += one.worth
            led[holder].update(dict.fromkeys(one.led))
    order = sorted(worth, key=lambda holder: (-worth[holder], holder))
    return {holder: list(led[holder])[:_LED_MAX] for holder in order}
