"""People to follow, and boards to look at: those who keep what the caller likes, and those that hold it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct, field

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
_WITNESSES_MAX: Final = 2
"""Pins of each candidate's that are looked at, whether they may be seen still."""

_FOUND: Final = 0.5
_COMMON: Final = 0.001
"""What is liked probably, and by many, beside what is kept."""


class Liked(Struct, frozen=True):
    """A thing that somebody likes, how much, and the pins of theirs that tell; none where only others do."""

    thing: Id
    worth: float
    led: Sequence[Id] = ()


class Held(Struct):
    """What somebody, or a board, holds of what is liked: its worth, what led there, and some of the pins."""

    worth: float = 0.0
    led: dict[Id, None] = field(default_factory=dict[Id, None])
    pins: list[Id] = field(default_factory=list[Id])


async def people(kit: Kit, caller: Caller, limit: int) -> list[Proposed]:
    """Return whom to follow: five reads and a walk, and two more where little is known."""
    asker = await asker_of(kit, caller)
    start = await saved_by(kit, asker)
    found = await _walked(kit, asker, start)
    held = await _held(kit, await _liked(kit, asker, start, found), lambda save: save.person)
    candidates = [one for one in held if one != asker.person][:_CANDIDATES_MAX]
    ties = await kit.graph.relations(asker.person, candidates)
    new = [one for one, tie in zip(candidates, ties, strict=True) if not (tie.follows or tie.blocked)]
    standing = await _standing(kit, caller, [pin for one in new for pin in held[one].pins])
    kept = [one for one in new if standing.intersection(held[one].pins)]
    return [Proposed(one, list(held[one].led)[:_LED_MAX]) for one in kept[: _most(limit)]]


async def _standing(kit: Kit, caller: Caller, pins: Sequence[Id]) -> frozenset[Id]:
    """Return those of some pins that the caller may see now: what was public a moment ago tells nothing of anybody."""
    shown = await kit.boards.pins(caller, pins) if pins else []
    return frozenset(one.pin.id for one in shown if one is not None and not one.pin.trashed)


async def boards(kit: Kit, caller: Caller, limit: int) -> list[Proposed]:
    """Return boards to look at: four reads and a walk, and two more where little is known."""
    asker = await asker_of(kit, caller)
    start = await saved_by(kit, asker)
    found = await _walked(kit, asker, start)
    led = {one.id: _pins(start, one.because) for one in found.boards}
    for board, held in (await _held(kit, await _liked(kit, asker, start, found), lambda save: save.board)).items():
        led.setdefault(board, list(held.led)[:_LED_MAX])
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


async def _held(kit: Kit, liked: Sequence[Liked], whose: Callable[[Save], Id | None]) -> dict[Id, Held]:
    """Return who, or which boards, hold what is liked, those first that hold what is worth most."""
    found: defaultdict[Id, Held] = defaultdict(Held)
    for one, saves in zip(liked, await kit.store.holding([one.thing for one in liked], _HOLDERS_MAX), strict=True):
        pins = {holder: save.pin for save in saves if (holder := whose(save)) is not None}
        for holder, pin in pins.items():
            held = found[holder]
            held.worth += one.worth
            held.led.update(dict.fromkeys(one.led))
            if len(held.pins) < _WITNESSES_MAX:
                held.pins.append(pin)
    return dict(sorted(found.items(), key=lambda item: (-item[1].worth, item[0])))
