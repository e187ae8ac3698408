"""Whether pictures are the same photograph: how many of their points (ORB) agree on one movement (RANSAC)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np

from bowerbird.adapters.vision.decode import Array, decode
from bowerbird.ports.pictures import PictureRefused

FEATURES: Final = 500
_SIDE_MAX: Final = 736
_SIDE_MIN: Final = 32
"""A point is looked at with so many pixels around it."""
_RATIO: Final = 0.8
"""A point's nearest counts where it is so much nearer than the second."""
_REACH_PIXELS: Final = 5.0
_LEAST: Final = 3
"""Two points can always be moved onto two others."""
_SEED: Final = 1


class Points(NamedTuple):
    """Points of a picture: where, float32 (points, 2), and what is around each, uint8 (points, 32)."""

    places: Array
    looks: Array


_NONE: Final = Points(np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8))


def points(pixels: Array) -> Points:
    """Return up to `FEATURES` points of a picture."""
    grey = _small(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    if min(grey.shape) < _SIDE_MIN:
        return _NONE
    found, looks = cv2.ORB.create(nfeatures=FEATURES).detectAndCompute(grey, None)
    return Points(_places(found), looks) if found else _NONE


def agreeing(one: Points, other: Points) -> int:
    """Return how many points of the other are where those of one would be, moved, turned and scaled as one."""
    if min(len(one.looks), len(other.looks)) < _LEAST:
        return 0
    good = _matches(one, other)
    if len(good) < _LEAST:
        return 0
    here = one.places[[match.queryIdx for match in good]]
    there = other.places[[match.trainIdx for match in good]]
    cv2.setRNGSeed(_SEED)
    _, agree = cv2.estimateAffinePartial2D(here, there, ransacReprojThreshold=_REACH_PIXELS)
    return int(np.count_nonzero(agree))


def _matches(one: Points, other: Points) -> list[cv2.DMatch]:
    """Return pairs of points that look alike, each point in one pair at most.

    Else what has few points, a galaxy or a silhouette, is the same as anything: a movement that shrinks all onto those
    few is always found.
    """
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(one.looks, other.looks, k=2)
    nearest: dict[int, cv2.DMatch] = {}
    for near, next_ in pairs:
        rival = nearest.get(near.trainIdx)
        if near.distance < _RATIO * next_.distance and (rival is None or near.distance < rival.distance):
            nearest[near.trainIdx] = near
    return list(nearest.values())


def same(one: bytes, others: list[bytes]) -> list[int]:
    """Return for each of the others how many points agree, mirrored or not. Raises PictureRefused for `one`."""
    pixels = decode(one)
    sides = points(pixels), points(cv2.flip(pixels, 1))
    return [max(agreeing(side, other) for side in sides) for other in map(_points_of, others)]


def _points_of(data: bytes) -> Points:
    try:
        return points(decode(data))
    except PictureRefused:
        return _NONE


def _places(found: Sequence[cv2.KeyPoint]) -> Array:
    return np.array([each.pt for each in found], np.float32)


def _small(grey: Array) -> Array:
    share = _SIDE_MAX / max(grey.shape)
    if share >= 1:
        return grey
    size = [max(1, round(side * share)) for side in grey.shape[::-1]]
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
