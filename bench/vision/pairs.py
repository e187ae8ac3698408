"""How well the same photograph is told from another: the rule of `ports.likeness`, on copies and on all pairs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from bench.vision.pictures import Picture
from bench.vision.seen import nearness
from bowerbird.adapters.pillow.pdq import SIDE_MAX, pdq
from bowerbird.adapters.vision.alike import Points, agreeing, points
from bowerbird.adapters.vision.decode import decode
from bowerbird.base import pdq as hashes
from bowerbird.ports.embedder import ASKED, VIEWS
from bowerbird.ports.likeness import COSINE_MIN, POINTS_MIN

Array = np.ndarray[Any, Any]


class Known(NamedTuple):
    """What is kept of a picture for the rule; points as it is, and mirrored."""

    hash: bytes
    points: Points
    mirrored: Points


class Tally(NamedTuple):
    """Pairs of different pictures: all, those whose vectors are near, and those held to be the same, by which half."""

    pairs: int
    near: int
    by_hash: int
    by_points: int


def known(data: bytes) -> Known:
    """Return what the rule needs of a picture."""
    pixels = decode(data)
    return Known(_hash(pixels), points(pixels), points(cv2.flip(pixels, 1)))


def same(one: Known, other: Known, cosine: float) -> bool:
    """Say whether two are the same photograph, by the rule."""
    if hashes.same(one.hash, other.hash):
        return True
    return cosine >= COSINE_MIN and _agreeing(one, other) >= POINTS_MIN


def confirmed(originals: Sequence[Known], changed: Sequence[Known], cosines: Array) -> list[bool]:
    """Return for each copy whether it is held to be the same photograph as what it was made of."""
    rows = zip(changed, originals, cosines, strict=True)
    return [same(copy, original, float(cosine)) for copy, original, cosine in rows]


def false_pairs(pictures: Sequence[Picture], originals: Sequence[Known], index: Array) -> tuple[Tally, list[str]]:
    """Hold every two pictures against each other; return the counts, and the names of those held to be the same."""
    near = nearness(index[:, [VIEWS.index(box) for box in ASKED]], index)
    near = np.maximum(near, near.T)
    close = by_hash = by_points = 0
    told: list[str] = []
    count = len(pictures)
    for here in range(count):
        for there in range(here + 1, count):
            one, other = originals[here], originals[there]
            hashed = hashes.same(one.hash, other.hash)
            candidate = bool(near[here, there] >= COSINE_MIN)
            matched = candidate and _agreeing(one, other) >= POINTS_MIN
            close, by_hash, by_points = close + candidate, by_hash + hashed, by_points + matched
            if hashed or matched:
                told.append(f"{pictures[here].name} and {pictures[there].name}")
    return Tally(count * (count - 1) // 2, close, by_hash, by_points), told


def _agreeing(one: Known, other: Known) -> int:
    return max(agreeing(one.points, other.points), agreeing(one.mirrored, other.points))


def _hash(pixels: Array) -> bytes:
    """Return the perceptual hash, made as the pixel hand makes it."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    share = min(1.0, SIDE_MAX / max(grey.shape))
    size = [max(1, round(side * share)) for side in grey.shape[::-1]]
    return pdq(cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float64))
