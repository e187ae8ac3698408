"""Pictures: the only decoders; they run apart, expendable, without network or files."""

from typing import Literal, Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent, slow

WIDTHS = (236, 474, 736)
"""Renditions' widths in pixels; a picture is never made larger than it is."""

Refusal = Literal["empty", "not-a-picture", "unsupported", "truncated", "too-many-pixels", "too-large", "too-slow"]


class PictureRefused(Exception):  # noqa: N818 - an expected answer
    """The bytes are no picture that is accepted."""

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason: Refusal = reason
        self.detail = detail


class PicturesBusy(Exception):  # noqa: N818 - the state of the hands
    """More pictures are waiting than the queue holds; try later."""


class Rendition(Struct, frozen=True, array_like=True):
    """One size of a picture: `name` is "236", "474", "736" or "full" (the cleaned original)."""

    name: str
    width: int
    height: int
    mime: str
    data: bytes


class Rendered(Struct, frozen=True, array_like=True):
    """A decoded picture: size after orientation, hashes, colour, and every rendition, free of metadata.

    `sha256` is of the bytes as given; `phash` a perceptual hash (PDQ, 32 bytes); `color` is "#rrggbb"; `thumbhash`
    base64 without padding.
    """

    width: int
    height: int
    sha256: bytes
    phash: bytes
    color: str
    thumbhash: str
    renditions: list[Rendition]


class Pictures(Protocol):
    """A hostile picture costs one hand at most, never the process that asks."""

    @idempotent
    @slow
    async def render(self, data: bytes) -> Rendered:
        """Decode by content (JPEG, PNG, GIF's first frame, WebP) and make all sizes; PictureRefused, PicturesBusy."""
        ...

    @idempotent
    @slow
    async def shrink(self, data: bytes) -> Rendition:
        """Make the widest of WIDTHS alone, as `render` would, of a picture that is looked at and not kept.

        One that is more than three times as high as wide may come out narrower. PictureRefused, PicturesBusy.
        """
        ...
