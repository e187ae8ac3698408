"""What keeps a page wide: of one photograph one pin, and of one saver few."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias, TypeVar

from msgspec import Struct

from bowerbird.base import pdq
from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Shown

OF_ONE_SAVER_MAX: Final = 3
"""Pins of one saver on a page."""


class Pictured(Struct, frozen=True, gc=False):
    """A pin that may be on a page, and its picture's perceptual hash (empty: it has no picture)."""

    shown: Shown
    phash: bytes


One = TypeVar("One", bound=Pictured)
Obstacle: TypeAlias = Callable[[Pictured, Sequence[Pictured]], bool]


def different(further: Iterable[One], page: Sequence[Pictured]) -> list[One]:
    """Return, in order, those whose photograph is neither on the page nor among those before them."""
    return _fitting(further, page, is_there)


def different_of(found: Sequence[One], person: Id | None) -> list[One]:
    """Return, in order, one of each photograph: that which a person saved, where they did."""
    own = different([one for one in found if _is_of(one, person)], [])
    others = different([one for one in found if not _is_of(one, person)], own)
    kept = {one.shown.pin.id for one in (*own, *others)}
    return [one for one in found if one.shown.pin.id in kept]


def _is_of(one: Pictured, person: Id | None) -> bool:
    return person is not None and one.shown.pin.saved_by == person


def wide(further: Iterable[One], page: Sequence[Pictured]) -> list[One]:
    """Return, in order, those of whose photograph there is none yet, and of whose saver there are not enough."""
    return _fitting(further, page, is_there, is_crowded)


def _fitting(further: Iterable[One], page: Sequence[Pictured], *obstacles: Obstacle) -> list[One]:
    kept: list[One] = []
    for one in further:
        before = [*page, *kept]
        if not any(obstacle(one, before) for obstacle in obstacles):
            kept.append(one)
    return kept


def is_there(one: Pictured, page: Sequence[Pictured]) -> bool:
    """Say whether the same photograph is on a page."""
    return any(pdq.same(one.phash, other.phash) for other in page)


def is_crowded(one: Pictured, page: Sequence[Pictured]) -> bool:
    """Say whether a page has enough of who saved a pin; those whose account is no more are nobody in particular."""
    saver = one.shown.pin.saved_by
    return saver is not None and sum(other.shown.pin.saved_by == saver for other in page) >= OF_ONE_SAVER_MAX
