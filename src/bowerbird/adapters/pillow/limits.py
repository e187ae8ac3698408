"""What a picture may be and cost, and how the two sides of the hand speak."""

from typing import Final

from msgspec import Struct

from bowerbird.ports.pictures import Refusal, Rendered, Rendition

HAND_BYTES_MAX: Final = 512 << 20
"""Address space of a hand, far above what is reckoned for a picture: should that be wrong, the kernel holds it."""


class PictureLimits(Struct, frozen=True, kw_only=True):
    """Pictures beyond these are refused. `full_side_max` is the longer side of the cleaned original.

    `transparent_side_max` is that of one with transparency, which costs ten times as much to encode.
    `memory_bytes_max` is what one picture may take beside what its hand holds at rest.
    """

    bytes_max: int = 32 << 20
    pixels_max: int = 80_000_000
    side_max: int = 20_000
    full_side_max: int = 4096
    transparent_side_max: int = 2048
    memory_bytes_max: int = 208 << 20
    timeout_ms: int = 20_000


class Refused(Struct, frozen=True, array_like=True):
    """Why a picture is not accepted, for programs and for people."""

    reason: Refusal
    detail: str


RENDER: Final = b"r"
SHRINK: Final = b"s"
"""How a request to the hand begins; the picture's bytes follow, and nothing else."""


class Outcome(Struct, frozen=True, array_like=True):
    """What the hand answers: one of the three."""

    rendered: Rendered | None = None
    shrunk: Rendition | None = None
    refused: Refused | None = None
