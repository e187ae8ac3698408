"""How both asking sides ask a hand: what becomes of it is told as the port tells it."""

from collections.abc import Sequence
from typing import Final

from bowerbird.adapters.vision.limits import BYTES_MAX, TIMEOUT_MS
from bowerbird.base.hand import Hand, HandBusy, HandDied, HandTimedOut
from bowerbird.ports.pictures import PictureRefused, PicturesBusy

_TRIES: Final = 2


async def ask(hand: Hand, request: bytes) -> bytes:
    """Ask twice before a picture is held to be the cause of a hand's death: the first may have died of age.

    Raises PictureRefused and PicturesBusy.
    """
    for _ in range(_TRIES):
        try:
            return await hand.ask(request, TIMEOUT_MS)
        except HandBusy as error:
            raise PicturesBusy(str(error)) from error
        except HandTimedOut as error:
            raise PictureRefused("too-slow", f"not looked at within {TIMEOUT_MS} ms") from error
        except HandDied:
            continue
    raise PictureRefused("not-a-picture", "the hand broke down over it")


def check(pictures: Sequence[bytes]) -> None:
    """Refuse what is too long, or nothing. PictureRefused."""
    if not all(pictures):
        raise PictureRefused("empty", "no bytes at all")
    if sum(map(len, pictures)) > BYTES_MAX:
        raise PictureRefused("too-large", f"more than {BYTES_MAX} bytes")
