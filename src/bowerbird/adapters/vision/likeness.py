"""The asking side of likeness: it decodes nothing, and loads none of what does."""

import sys

from msgspec import msgpack
from typing_extensions import override

from bowerbird.adapters.vision.asking import ask, check
from bowerbird.adapters.vision.limits import Matched, Pair
from bowerbird.base.hand import Hand
from bowerbird.ports.likeness import OTHERS_MAX, Likeness
from bowerbird.ports.pictures import PictureRefused


def argv() -> list[str]:
    """Return the command of a hand that matches pictures."""
    return [sys.executable, "-I", "-m", "bowerbird.adapters.vision.alike_hand"]


class OpenCvLikeness(Likeness):
    """Pictures matched by hands that run `argv`."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    @override
    async def same(self, one: bytes, others: list[bytes]) -> list[int]:
        if not 1 <= len(others) <= OTHERS_MAX:
            raise PictureRefused("too-large", f"{len(others)} others, of 1 to {OTHERS_MAX}")
        check([one, *others])
        matched = msgpack.decode(await ask(self._hand, msgpack.encode(Pair(one, others))), type=Matched)
        if matched.refused is not None:
            raise PictureRefused(matched.refused.reason, matched.refused.detail)
        return matched.points
