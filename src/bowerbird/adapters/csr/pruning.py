"""Which edges walks do not take: those of boards about everything, and of things on many boards the least fitting.

As in Pixie: what is left is smaller, and walks in it keep to the subject.
"""

import numpy as np

from bowerbird.adapters.csr.arrays import (
    Days,
    Flags,
    Keys,
    Numbers,
    Weights,
    Words,
    counted,
    keys_of,
    lower_of,
    summed,
    upper_of,
)
from bowerbird.adapters.csr.limits import Pruning

_TOPIC = np.uint32(0xFFFF)


def kept(edges: Keys, days: Days, labels: Words, boards: int, pruning: Pruning) -> Flags:
    """Return which edges walks take. `edges`: keys (thing, board), ascending; `labels`: by thing; `boards`: a count."""
    thing, board = upper_of(edges), lower_of(edges)
    topic = (labels & _TOPIC)[thing].astype(np.int64)
    share, entropy, known = _subjects(board, topic, boards)
    diverse = (entropy > pruning.entropy_bits_max) & (known >= pruning.known_min)
    left = _but_the_last(thing, ~diverse[board], len(labels))
    return left & ~_least_fitting(thing, share, days, left, pruning, len(labels))


def _subjects(board: Numbers, topic: Numbers, boards: int) -> tuple[Weights, Weights, Numbers]:
    """Return by edge what part of its board is of its topic; by board the entropy, and of how many things it is known.

    Things without a topic are no part of it: their edges' share is 0.
    """
    told = np.flatnonzero(topic)
    known = counted(board[told], boards)
    pairs, pair, counts = np.unique(keys_of(board[told], topic[told]), return_inverse=True, return_counts=True)
    of_board = upper_of(pairs)
    shares = counts / known[of_board]
    entropy = summed(of_board, -shares * np.log2(shares), boards)
    share = np.zeros(len(board))
    share[told] = shares[pair]
    return share, entropy, known


def _but_the_last(thing: Numbers, left: Flags, things: int) -> Flags:
    """Return the edges that are left, and all those of things of which none is."""
    alone = counted(thing[left], things) == 0
    return left | alone[thing]


def _least_fitting(thing: Numbers, share: Weights, days: Days, left: Flags, pruning: Pruning, things: int) -> Flags:
    """Return the edges that things on many boards lose."""
    degrees = counted(thing[left], things)
    keeps = np.maximum(np.ceil(degrees**pruning.exponent), pruning.degree_min)
    some = np.flatnonzero(left & (degrees > keeps)[thing])
    order = some[np.lexsort((-days[some].astype(np.int64), -share[some], thing[some]))]
    ranks = np.arange(len(order)) - np.searchsorted(thing[order], thing[order])
    lost = np.zeros(len(thing), np.bool_)
    lost[order[ranks >= keeps[thing[order]]]] = True
    return lost
