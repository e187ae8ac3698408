"""From how often things were met to the best of them, and what led there."""

from itertools import pairwise

import numpy as np

from bowerbird.adapters.csr.arrays import Numbers, Weights, places_in, ranges
from bowerbird.adapters.csr.limits import Habits
from bowerbird.adapters.csr.side import Side
from bowerbird.adapters.csr.walking import Crowds
from bowerbird.ports.walks import REASONS_MAX

Ranked = tuple[Numbers, Weights, list[list[int]]]
"""Nodes, best first, their scores, and for each the places in the query that led there, those that did most first."""


def ranked_things(met: Crowds, limit: int, query: Numbers, side: Side, habits: Habits) -> Ranked:
    """Return up to `limit` things but those of the query.

    What is on many boards is met often whatever one begins with: its score is divided by its degree to the power of
    `rarity`.
    """
    nodes, scores = _scores(met, boosted=habits.boosted)
    asked = places_in(nodes, query)
    scores[asked[asked >= 0]] = 0
    scores *= side.degrees(nodes).astype(np.float32) ** np.float32(-habits.rarity)
    there = np.flatnonzero(scores)
    return _with_reasons(met, *best_of(nodes[there], scores[there], limit))


def ranked_boards(met: Crowds, limit: int, habits: Habits) -> Ranked:
    """Return up to `limit` boards."""
    return _with_reasons(met, *best_of(*_scores(met, boosted=habits.boosted), limit))


def best_of(nodes: Numbers, scores: Weights, limit: int) -> tuple[Numbers, Weights]:
    """Return the nodes with the highest scores, highest first, and of equal ones in the nodes' order."""
    if 0 < limit < len(nodes):
        worst = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        some = np.flatnonzero(scores >= worst)
        nodes, scores = nodes[some], scores[some]
    order = np.lexsort((nodes, -scores))[:limit]
    return nodes[order], scores[order]


def _scores(met: Crowds, *, boosted: bool) -> tuple[Numbers, Weights]:
    """Return each node that was met, ascending, and its score.

    `boosted`: the multi-hit booster, (sum of the roots of the visits from each query thing) squared, prefers what was
    met from several to what was met as often from one. Without it visits are added up.
    """
    counts = met.counts.astype(np.float64)
    if not len(counts):
        return met.nodes, counts
    firsts = np.flatnonzero(np.concatenate([[True], met.nodes[1:] != met.nodes[:-1]]))
    if not boosted:
        return met.nodes[firsts], np.add.reduceat(counts, firsts)
    return met.nodes[firsts], np.add.reduceat(np.sqrt(counts), firsts) ** 2


def _with_reasons(met: Crowds, nodes: Numbers, scores: Weights) -> Ranked:
    begins = np.searchsorted(met.nodes, nodes)
    lengths = np.searchsorted(met.nodes, nodes, "right") - begins
    places = ranges(begins, lengths)
    row = np.repeat(np.arange(len(nodes)), lengths)
    order = places[np.lexsort((met.origins[places], -met.counts[places], row))]
    origins: list[int] = met.origins[order].tolist()
    ends = np.cumsum(lengths).tolist()
    reasons = [origins[begin : min(begin + REASONS_MAX, end)] for begin, end in pairwise([0, *ends])]
    return nodes, scores, reasons
