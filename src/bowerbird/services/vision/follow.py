"""Bring what is known of pictures in line with the pins that show them, whatever was told of these."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from bowerbird.base.ids import Id
from bowerbird.base.telemetry import counter
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import NotFound, Unavailable
from bowerbird.contracts.vision import Labelled
from bowerbird.services.vision.kit import Kit
from bowerbird.services.vision.model import PASSED_OVER, Seen, Space, Spot, Unseen, is_known, spot_of, written

_TRIES_MAX: Final = 8

_log = structlog.get_logger()
_looked = counter("vision_pictures_total", "Pictures that were looked at, by what came of it.", "outcome")

Spots = dict[Id, Spot | None]
"""Where pins are to be found; None: nowhere."""


async def follow(kit: Kit, caller: Caller, pins: Iterable[Id]) -> None:
    """Have up to 100 pins found where they are to be found now, and seen if they were not yet. Unavailable.

    Whoever writes last has read before and reads again, and mends what was changed in between.
    """
    left, new = list(pins), set[Id]()
    for _ in range(_TRIES_MAX):
        before = await _spots(kit, caller, left)
        done = await _bring(kit, caller, before, new)
        after = await _spots(kit, caller, left)
        await kit.store.forget([pin for pin in left if pin in new and after[pin] is None])
        left = [pin for pin in left if pin not in done or before[pin] != after[pin]]
        if not left:
            return
    raise Unavailable("these pins change faster than they can be looked at", retry_after_s=1)


async def _spots(kit: Kit, caller: Caller, pins: Sequence[Id]) -> Spots:
    return {pin: spot_of(shown) for pin, shown in zip(pins, await kit.boards.pins(caller, pins), strict=True)}


async def _bring(kit: Kit, caller: Caller, spots: Spots, new: set[Id]) -> set[Id]:
    """Write where pins are found, and look at those not seen yet; return which are done. `new` gets those first seen.

    What is known moves first: for that no model is needed.
    """
    began_us = kit.world.now_us()
    there = {pin: spot for pin, spot in spots.items() if spot is not None}
    await kit.store.remove([pin for pin in spots if pin not in there])
    for (board, public), pins in _by_place(there).items():
        await kit.store.move(pins, board, public=public)
    done = set(spots)
    for look in await _looks(kit, there, began_us) if there else []:
        if not await _look_at(kit, caller, look):
            done.remove(look.pin)
        elif look.old is None:
            new.add(look.pin)
    return done


def _by_place(spots: dict[Id, Spot]) -> dict[tuple[Id, bool], list[Id]]:
    found: defaultdict[tuple[Id, bool], list[Id]] = defaultdict(list)
    for pin, spot in spots.items():
        found[spot.board, spot.public].append(pin)
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    """A picture to be looked at, for a space. `old`: what was seen in the pin before; `began_us`: before all of it."""

    pin: Id
    spot: Spot
    old: Labelled | None
    space: Space
    began_us: int

    def row(self, seen: Seen) -> Labelled:
        """Return what is to be noted: as of before the space was asked for, so that a newer one finds it due."""
        return Labelled(
            pin=self.pin,
            owner=self.spot.owner,
            media=self.spot.media,
            model=seen.version,
            labels=written(seen.labels),
            at=max(self.began_us, self.space.made_us + 1),
            version=1 if self.old is None else self.old.version + 1,
        )


async def _looks(kit: Kit, spots: dict[Id, Spot], began_us: int) -> list[_Look]:
    """Return what is to be looked at."""
    pins, space = list(spots), await kit.store.present()
    rows = dict(zip(pins, await kit.store.labelled(pins), strict=True))
    standing = await kit.store.standing(space, pins)
    return [
        _Look(pin, spot, rows[pin], space, began_us)
        for pin, spot in spots.items()
        if not is_known(rows[pin], spot, space, stands=pin in standing)
    ]


async def _look_at(kit: Kit, caller: Caller, look: _Look) -> bool:
    """Look, and write what was seen; return False if it has to be done again, for much may change while one looks."""
    seen = await _seen(kit, caller, look)
    now = await _spots(kit, caller, [look.pin])
    if now[look.pin] != look.spot or seen.version not in {look.space.version, PASSED_OVER}:
        return False
    if seen.version == PASSED_OVER or (look.old is not None and look.old.media != look.spot.media):
        # What any space has of this pin is of another picture.
        await kit.store.remove([look.pin])
    if seen.version != PASSED_OVER:
        await kit.store.put(look.pin, look.spot, seen)
    return await kit.store.note(caller, look.old, look.row(seen))


async def _seen(kit: Kit, caller: Caller, look: _Look) -> Seen:
    """Return what is seen in a picture; nothing in one that is gone or cannot be read, now or ever."""
    try:
        seen = await kit.store.see(await kit.media.shown(caller, look.spot.media))
    except (Unseen, NotFound) as error:
        _log.warning("picture_passed_over", pin=look.pin.hex(), reason=str(error.args[0]))
        _looked.labels("passed_over").inc()
        return Seen(PASSED_OVER, b"", [])
    _looked.labels("seen").inc()
    return seen
