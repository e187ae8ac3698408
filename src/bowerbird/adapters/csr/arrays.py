"""What the arrays of the graph are made of, and the few things that are done to sorted ones."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.bytes_]
"""Of 16 bytes each. numpy compares them as bytes; that it leaves out zeros at the end changes no comparison."""

Numbers = NDArray[np.int64]
"""Of nodes, or of places in an array; -1 where there is none."""

Keys = NDArray[np.uint64]
"""Two numbers in one, the first in the upper half, so that they sort by the first and then by the second."""

Words = NDArray[np.uint32]
Days = NDArray[np.uint16]
Flags = NDArray[np.bool_]
Weights = NDArray[np.float64]

HALF: Final = np.uint64(32)
LOWER: Final = np.uint64(0xFFFF_FFFF)
NO_NUMBERS: Final[Numbers] = np.empty(0, np.int64)
NO_KEYS: Final[Keys] = np.empty(0, np.uint64)


def keys_of(upper: Numbers, lower: Numbers | Words) -> Keys:
    """Return pairs of numbers as keys."""
    return upper.astype(np.uint64) << HALF | lower.astype(np.uint64)


def upper_of(keys: Keys) -> Numbers:
    """Return the first number of each key."""
    return (keys >> HALF).astype(np.int64)


def lower_of(keys: Keys) -> Numbers:
    """Return the second number of each key."""
    return (keys & LOWER).astype(np.int64)


def turned(keys: Keys) -> Keys:
    """Return keys with their halves exchanged."""
    return keys << HALF | keys >> HALF


def places_in(ordered: NDArray[np.generic], wanted: NDArray[np.generic]) -> Numbers:
    """Return where each value stands in an ordered array, -1 where it does not."""
    if not len(ordered):
        return np.full(len(wanted), -1, np.int64)
    places = np.searchsorted(ordered, wanted)
    there = ordered.take(places, mode="clip") == wanted
    return np.where(there, places, -1)


def distinct(numbers: Numbers) -> Numbers:
    """Return numbers once each, ascending; numpy's own `unique` hashes them, which takes ten times as long."""
    ordered = np.sort(numbers)
    firsts = np.ones(len(ordered), np.bool_)
    firsts[1:] = ordered[1:] != ordered[:-1]
    return ordered[firsts]


def counted(numbers: Numbers, count: int) -> Numbers:
    """Return how often each number below `count` is among the numbers."""
    return np.bincount(numbers, minlength=count).astype(np.int64, copy=False)


def summed(numbers: Numbers, weights: Weights, count: int) -> Weights:
    """Return for each number below `count` the sum of the weights that stand beside it."""
    found: NDArray[np.generic] = np.bincount(numbers, weights, minlength=count)
    return found.astype(np.float64, copy=False)


def ranges(begins: Numbers, lengths: Numbers) -> Numbers:
    """Return the numbers of several ranges, one range after the other."""
    total = int(lengths.sum())
    ends = np.cumsum(lengths)
    return np.arange(total) + np.repeat(begins - (ends - lengths), lengths)
