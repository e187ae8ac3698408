"""Where pins belong, and what boards show, by the records."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.feed import Candidate
from bowerbird.services.feed.kit import Kit
from bowerbird.services.feed.model import Face, Spot, bundle, burst_of, face, is_bundle, spot

_PINS_MAX: Final = 500


async def standing(kit: Kit, caller: Caller, entries: Sequence[Candidate]) -> list[Spot | None]:
    """Return where each entry of a list belongs now; None for what is to be in none.

    The entry of a burst belongs where its newest pin does; and a pin, nowhere but in its burst, if that has an entry.
    """
    [*resolved] = [await kit.store.resolved([entry]) for entry in entries]
    pins = [found[0].pin if found else entry.pin for found, entry in zip(resolved, entries, strict=True)]
    places = await spots(kit, caller, pins)
    return [await _standing(kit, entry, place) for entry, place in zip(entries, places, strict=True)]


async def _standing(kit: Kit, entry: Candidate, place: Spot | None) -> Spot | None:
    if place is None:
        return None
    if is_bundle(entry):
        return await _of_bundle(kit, entry, place)
    return place if await kit.store.stands_alone(place.entry) else None


async def _of_bundle(kit: Kit, entry: Candidate, place: Spot) -> Spot | None:
    if burst_of(place.entry, kit.settings) != entry.pin:
        return None
    pins = await kit.store.pins_of_burst(entry.pin)
    return replace(place, entry=bundle(pins, kit.settings)) if len(pins) > kit.settings.burst_pins_max else None


async def spots(kit: Kit, caller: Caller, pins: Sequence[Id]) -> list[Spot | None]:
    """Return where each pin belongs now; None for those that are in no timeline."""
    found: list[Spot | None] = []
    for start in range(0, len(pins), _PINS_MAX):
        found += map(spot, await kit.boards.pins(caller, pins[start : start + _PINS_MAX]))
    return found


async def face_now(kit: Kit, caller: Caller, board: Id) -> Face:
    """Return what a board shows now."""
    [access] = await kit.boards.access(caller, [board])
    return face(None if access is None else access.board)
