"""What looks like pins, as leads; and none, where nobody can see."""

from collections.abc import Sequence
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.recommend import Because
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.model import Lead

_ALIKE_MAX: Final = 100
ASKED_MAX: Final = 20
"""Pins that others are compared with at once."""


async def alike(kit: Kit, caller: Caller, pins: Sequence[Id], because: Because) -> list[Lead] | None:
    """Return what looks like pins, best first; None while that cannot be told. Two reads."""
    try:
        found = await kit.vision.like(caller, pins, _ALIKE_MAX)
    except Unavailable:
        return None
    saves = await kit.store.saves([one.pin for one in found])
    return [Lead(save.thing, because, save.pin) for save in saves if save is not None]
