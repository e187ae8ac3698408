"""The asking side of pictures: it never decodes, and no picture can do more to it than to be refused."""

import sys
from typing import Final, TypeVar

import msgspec
from msgspec import msgpack
from typing_extensions import override

from bowerbird.adapters.pillow.limits import RENDER, SHRINK, Outcome, PictureLimits
from bowerbird.base.hand import Hand, HandBusy, HandDied, HandTimedOut
from bowerbird.ports.pictures import PictureRefused, Pictures, PicturesBusy, Rendered, Rendition

_TRIES: Final = 2

Made = TypeVar("Made")


def argv(limits: PictureLimits) -> list[str]:
    """Return the command of a hand that renders pictures within the limits."""
    return [sys.executable, "-I", "-m", "bowerbird.adapters.pillow.hand", msgspec.json.encode(limits).decode()]


class PillowPictures(Pictures):
    """Pictures rendered by hands that run `argv` with the same limits."""

    def __init__(self, hand: Hand, limits: PictureLimits) -> None:
        self._hand = hand
        self._limits = limits

    @override
    async def render(self, data: bytes) -> Rendered:
        return _made((await self._outcome(RENDER, data)).rendered)

    @override
    async def shrink(self, data: bytes) -> Rendition:
        return _made((await self._outcome(SHRINK, data)).shrunk)

    async def _outcome(self, kind: bytes, data: bytes) -> Outcome:
        if not data:
            raise PictureRefused("empty", "no bytes at all")
        if len(data) > self._limits.bytes_max:
            raise PictureRefused("too-large", f"{len(data)} bytes, of at most {self._limits.bytes_max}")
        outcome = msgpack.decode(await self._ask(kind + data), type=Outcome)
        if outcome.refused is not None:
            raise PictureRefused(outcome.refused.reason, outcome.refused.detail)
        return outcome

    async def _ask(self, request: bytes) -> bytes:
        """Ask twice before a picture is held to be the cause of a hand's death: the first may have died of age."""
        for _ in range(_TRIES):
            try:
                return await self._hand.ask(request, self._limits.timeout_ms)
            except HandBusy as error:
                raise PicturesBusy(str(error)) from error
            except HandTimedOut as error:
                raise PictureRefused("too-slow", f"not decoded within {self._limits.timeout_ms} ms") from error
            except HandDied:
                continue
        raise PictureRefused("not-a-picture", "the decoder broke down over it")


def _made(what: Made | None) -> Made:
    if what is None:
        raise PictureRefused("not-a-picture", "the decoder answered with nothing")
    return what
