"""Vision's pure rules: what spaces are called, how labels stand in a row, and where a pin is to be found."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Shown
from bowerbird.contracts.vision import Alike, Label, Labelled

FOUND_MAX: Final = 100
PASSED_OVER: Final = ""
"""The model of a picture that no model could read."""

_SPACE: Final = re.compile(r"(\d{16})\.(.+)")
_labels: Final = msgspec.json.Decoder(list[Label])


class Space(Struct, frozen=True):
    """Where vectors of one version of the model lie, and when it was made (microseconds): the oldest one answers."""

    made_us: int
    version: str

    @property
    def name(self) -> str:
        """Return what the engine calls it; the names have the order of the times."""
        return f"{self.made_us:016}.{self.version}"


class Spot(Struct, frozen=True):
    """Where a pin's picture is to be found: on a board, by everybody or not."""

    board: Id
    owner: Id
    media: Id
    public: bool


class Scope(Struct, frozen=True):
    """Among what is looked: what is public, if at all, and what is on some boards."""

    public: bool
    boards: tuple[Id, ...] = ()


class Seen(Struct, frozen=True):
    """What a model of a version made of a picture: vectors, one behind another, and labels of all of it."""

    version: str
    views: bytes
    labels: list[Label]


class Unseen(Exception):  # noqa: N818 - an expected answer
    """A picture that cannot be read."""


def read_spaces(names: Iterable[str]) -> list[Space]:
    """Return the spaces of these names, the oldest first; what is called otherwise is none of them."""
    found = [match for name in names if (match := _SPACE.fullmatch(name))]
    return [Space(int(match[1]), match[2]) for match in sorted(found, key=lambda match: match[0])]


def written(labels: list[Label]) -> str:
    """Return labels as a row has them."""
    return msgspec.json.encode(labels).decode()


def read(labels: str) -> list[Label]:
    """Return the labels of a row."""
    return _labels.decode(labels)


def spot_of(shown: Shown | None) -> Spot | None:
    """Return where a pin that is shown so is to be found; None: nowhere."""
    if shown is None or shown.pin.trashed or shown.access.board.trashed or shown.pin.media is None:
        return None
    board = shown.access.board
    return Spot(board.id, board.owner, shown.pin.media, board.visibility == "public")


def is_known(row: Labelled | None, spot: Spot, space: Space, *, stands: bool) -> bool:
    """Return whether a pin's present picture was looked at for a space. `stands`: the space has one of the pin."""
    if row is None or row.media != spot.media or row.at <= space.made_us:
        return False
    return stands or row.model == PASSED_OVER


def most(limit: int) -> int:
    """Return how many pins may be found."""
    return max(1, min(limit, FOUND_MAX))


def nearest(found: Iterable[Alike], without: Iterable[Id], limit: int) -> list[Alike]:
    """Return the best of what was found, each pin once, without some."""
    left = set(without)
    best: dict[Id, Alike] = {}
    for one in sorted(found, key=lambda one: (-one.cosine, one.pin)):
        if one.pin not in left:
            best.setdefault(one.pin, one)
    return list(best.values())[: most(limit)]
