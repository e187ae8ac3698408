"""PDQ: a perceptual hash of 256 bits that barely changes when a picture is compressed, resized or recoloured.

After the description that its authors published with ThreatExchange ("The TMK+PDQF video-hashing algorithm and the
PDQ image-hashing algorithm", Meta, 2019): luma, two passes of a box filter each way, 64 x 64 samples, the 16 x 16
lowest coefficients of a cosine transform without the constant one, each compared with their median. Filter, sampling
and transform are linear, so they are one matrix a side.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIDE_MAX = 512
"""Larger pictures are brought to this size first, as the authors do."""

_SAMPLES: Final = 64
_COEFFICIENTS: Final = 16
_MEDIAN: Final = _COEFFICIENTS * _COEFFICIENTS // 2 - 1


def pdq(luma: Floats) -> bytes:
    """Return the hash, 32 bytes, of brightness given as rows of at most SIDE_MAX x SIDE_MAX values.

    Two hashes are compared by the number of bits in which they differ: 31 or fewer of 256 is the authors' "same".
    """
    high, wide = luma.shape
    spectrum = (_transform(high) @ luma @ _transform(wide).T).ravel()
    median = np.partition(spectrum, _MEDIAN)[_MEDIAN]
    return np.packbits((spectrum > median)[::-1]).tobytes()


@lru_cache(maxsize=64)
def _transform(length: int) -> Floats:
    """Return the matrix, 16 x `length`, that smooths, samples and transforms along one side."""
    box = _box(length)
    sampled = ((np.arange(_SAMPLES) + 0.5) * length / _SAMPLES).astype(int)
    smooth = box[sampled] @ box
    wave = np.arange(1, _COEFFICIENTS + 1)[:, None] * (2 * np.arange(_SAMPLES) + 1)[None, :]
    return np.sqrt(2 / _SAMPLES) * np.cos(np.pi / 2 / _SAMPLES * wave) @ smooth


def _box(length: int) -> Floats:
    """Return the matrix of one pass of the filter: each value becomes the mean of those in a window around it."""
    window = (length + 2 * _SAMPLES - 1) // (2 * _SAMPLES)
    ahead = (window + 2) // 2 - 1
    behind = window - ahead - 1
    distance = np.arange(length)[None, :] - np.arange(length)[:, None]
    inside = ((distance >= -behind) & (distance <= ahead)).astype(np.float64)
    return inside / inside.sum(axis=1, keepdims=True)
