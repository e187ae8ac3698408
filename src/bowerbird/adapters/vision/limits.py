"""What a picture may cost its hands, and how their two sides speak."""

from typing import Final

from msgspec import Struct

from bowerbird.ports.embedder import Box, Embedded
from bowerbird.ports.pictures import Refusal

HAND_BYTES_MAX: Final = 768 << 20
"""Address space of a hand; most of it is libraries and never touched."""

PIXELS_MAX: Final = 17_000_000
"""Pixels of a picture: a little more than the largest rendition has."""

BYTES_MAX: Final = 16 << 20
TIMEOUT_MS: Final = 10_000


class Refused(Struct, frozen=True, array_like=True):
    """Why a picture is not looked at, for programs and for people."""

    reason: Refusal
    detail: str


class Look(Struct, frozen=True, array_like=True):
    """What the embedding hand is asked."""

    data: bytes
    boxes: list[Box]


class Seen(Struct, frozen=True, array_like=True):
    """What it answers: what it saw, or why the picture is refused, or else why there is no model."""

    embedded: Embedded | None = None
    refused: Refused | None = None
    no_model: str = ""


class Pair(Struct, frozen=True, array_like=True):
    """What the matching hand is asked."""

    one: bytes
    others: list[bytes]


class Matched(Struct, frozen=True, array_like=True):
    """What it answers: points for each of the others, or why `one` is refused."""

    points: list[int] = []
    refused: Refused | None = None
