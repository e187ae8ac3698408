"""Vision: what pictures look like: pins like a picture, labels of what it shows, and whether one has it already."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent, slow
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller

LABELS_MAX = 5
COPIES_MAX = 10


class Box(Struct, frozen=True, array_like=True):
    """A part of a picture: its left and upper edge, its width and height, as fractions of the picture's."""

    x: float
    y: float
    width: float
    height: float


class Label(Struct, frozen=True, array_like=True):
    """What a picture may show. `id` is the class's number in the model, `name` its English name."""

    id: int
    name: str
    probability: float


class Labelled(Struct, frozen=True):
    """What was seen in a pin's picture, on the pin's shard; the row, and the body of `pin_labelled`.

    `owner` is the board's. `model` is the version of the model that saw it, "" where none can read it; `labels` are
    JSON, a list of [id, name, probability], the most probable first.
    """

    pin: Id
    owner: Id
    media: Id
    model: str
    labels: str
    at: int
    version: int = 1


class Alike(Struct, frozen=True, array_like=True):
    """A pin whose picture is alike: the cosine of the nearest views, -1 to 1; whether the caller may see it is open."""

    pin: Id
    cosine: float


class Looked(Struct, frozen=True, array_like=True):
    """What looking at a picture found: pins like it, best first, and what it shows, the most probable first."""

    alike: list[Alike]
    labels: list[Label]


class Vision(Protocol):
    """Owns the vectors of pins' pictures, a projection that log and pictures can build again, and the labels' rows.

    A pin is found by everybody while its board is public, and else by those who may see the board. Pictures below a
    calibrated likeness are not found at all. Methods raise Unavailable while there is no model, or its hand is busy.
    """

    @idempotent
    @slow
    async def look(self, caller: Caller, pin: Id, box: Box | None, limit: int) -> Looked:
        """Look at a pin's picture, or at a box of it; return what is like it (up to 100), without the pin itself.

        NotFound (also without a picture yet), Invalid (field box).
        """
        ...

    @slow
    async def look_once(self, caller: Caller, upload: Id, box: Box | None, limit: int) -> Looked:
        """Look at one of the caller's begun uploads whose bytes have arrived; nothing of it is kept.

        NotFound, Refused (no picture, not arrived), Invalid (field box).
        """
        ...

    @idempotent
    async def like(self, caller: Caller, pins: Sequence[Id], limit: int) -> list[Alike]:
        """Return pins (up to 100) like the pictures of up to 20 others, best first, by what is known of them.

        Nothing is looked at anew: what was not seen yet is passed over.
        """
        ...

    @idempotent
    @slow
    async def copies(self, caller: Caller, media: Id) -> list[Id]:
        """Return the caller's own pins (up to COPIES_MAX) of the same photograph as a picture, likest first.

        Cropped, framed, mirrored or encoded anew, it is the same photograph. Whether the caller may see the picture is
        for whoever asks on their behalf to know, as with `Media.pictures`. NotFound.
        """
        ...

    @idempotent
    async def labels(self, caller: Caller, pins: Sequence[Id]) -> list[list[Label]]:
        """Return what was seen in the pictures of up to 500 pins, in order; for services: rights are their business."""
        ...
