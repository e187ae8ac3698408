"""Eyes that see bytes as they are: what begins alike up to a slash looks alike, and is labelled with that."""

from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from bowerbird.ports.embedder import Box, Embedded, Embedder, Label
from bowerbird.ports.likeness import POINTS_MIN, Likeness
from bowerbird.ports.pictures import PictureRefused
from bowerbird.ports.vectors import DIMENSIONS

ALIKE: Final = 0.8
"""The cosine of two pictures whose beginnings are the same, about."""

LABELS: Final = {b"dog": Label(207, "golden retriever", 0.9), b"cat": Label(281, "tabby", 0.8)}


class Eyes(Embedder):
    """Sees pictures that are their bytes; of every box the same."""

    def __init__(self, version: str = "eyes-1") -> None:
        self.seen = 0
        self._version = version

    @override
    async def version(self) -> str:
        return self._version

    @override
    async def embed(self, data: bytes, boxes: list[Box]) -> Embedded:
        if data.startswith(b"blind"):
            raise PictureRefused("not-a-picture", "it begins with blind")
        self.seen += 1
        begins = data.partition(b"/")[0]
        both = ALIKE**0.5 * _direction(begins) + (1 - ALIKE) ** 0.5 * _direction(data)
        vector = (both / np.linalg.norm(both)).astype("<f2").tobytes()
        labels = [LABELS[begins]] if begins in LABELS else []
        return Embedded(self._version, [vector] * len(boxes), labels)


class Twins(Likeness):
    """Holds pictures to be the same photograph that differ behind a plus alone."""

    @override
    async def same(self, one: bytes, others: list[bytes]) -> list[int]:
        return [POINTS_MIN * (one.partition(b"+")[0] == other.partition(b"+")[0]) for other in others]


def _direction(of: bytes) -> NDArray[np.float64]:
    """Return a point of length one; those of any two names are nearly at right angles."""
    drawn = np.random.default_rng(list(sha256(of).digest())).standard_normal(DIMENSIONS)
    return drawn / np.linalg.norm(drawn)
