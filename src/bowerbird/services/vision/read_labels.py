"""Read what was seen in pictures."""

from collections.abc import Sequence
from typing import Final

from bowerbird.base.ids import Id
from bowerbird.contracts.problems import Invalid
from bowerbird.contracts.vision import Label
from bowerbird.services.vision.kit import Kit
from bowerbird.services.vision.model import read

_PINS_MAX: Final = 500


async def labels(kit: Kit, pins: Sequence[Id]) -> list[list[Label]]:
    """Return the labels of pins, in order; none of those that were not seen."""
    if len(pins) > _PINS_MAX:
        raise Invalid(f"at most {_PINS_MAX} at once")
    return [[] if row is None else read(row.labels) for row in await kit.store.labelled(pins)]
