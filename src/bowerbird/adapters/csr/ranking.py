"""From how often things were met to the best of them, and what led there."""

from itertools import pairwise

import numpy as np

from bowerbird.adapters.csr.arrays import Flags, Numbers, Weights, lower_of, places_in, upper_of
from bowerbird.adapters.csr.limits import Habits
from bowerbird.adapters.csr.side import Side
from bowerbird.adapters.csr.walking import Visits
from bowerbird.ports.walks import REASONS_MAX

Ranked = tuple[Numbers, Weights, list[list[int]]]
"""Nodes, best first, their scores, and for each the places in the query that led there, those that did most first."""


def ranked_things(visits: Visits, limit: int, query: Numbers, side: Side, habits: Habits) -> Ranked:
    """Return up to `limit` things but those of the query, which ascend.

    What is on many boards is met often whatever one begins with: its score is divided by its degree to the power of
    `rarity`.
    """
    nodes, scores = _scores(visits, boosted=habits.boosted)
    others = places_in(query, nodes) < 0
    nodes, scores = nodes[others], scores[others]
    best = best_of(nodes, scores * side.degrees(nodes).astype(np.float64) ** -habits.rarity, limit)
    return *best, _reasons(visits, best[0])


def ranked_boards(visits: Visits, limit: int, habits: Habits) -> Ranked:
    """Return up to `limit` boards."""
    best = best_of(*_scores(visits, boosted=habits.boosted), limit)
    return *best, _reasons(visits, best[0])


def best_of(nodes: Numbers, scores: Weights, limit: int) -> tuple[Numbers, Weights]:
    """Return the nodes with the highest scores, highest first, and of equal ones in the nodes' order."""
    if 0 < limit < len(nodes):
        worst = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        some = np.flatnonzero(scores >= worst)
        nodes, scores = nodes[some], scores[some]
    order = np.lexsort((nodes, -scores))[:limit]
    return nodes[order], scores[order]


def _scores(visits: Visits, *, boosted: bool) -> tuple[Numbers, Weights]:
    """Return each node that was met, ascending, and its score.

    `boosted`: the multi-hit booster, (sum of the roots of the visits from each query thing) squared, prefers what was
    met from several to what was met as often from one. Without it visits are added up.
    """
    nodes = lower_of(visits.keys)
    order = np.argsort(nodes, kind="stable")
    nodes, counts = nodes[order], visits.counts[order].astype(np.float64)
    firsts = _firsts(nodes)
    if not len(nodes):
        return nodes, counts
    if not boosted:
        return nodes[firsts], np.add.reduceat(counts, np.flatnonzero(firsts))
    return nodes[firsts], np.add.reduceat(np.sqrt(counts), np.flatnonzero(firsts)) ** 2


def _reasons(visits: Visits, nodes: Numbers) -> list[list[int]]:
    order = np.argsort(nodes)
    place = places_in(nodes[order], lower_of(visits.keys))
    there = np.flatnonzero(place >= 0)
    row, origin = order[place[there]], upper_of(visits.keys[there])
    by_row = np.lexsort((origin, -visits.counts[there], row))
    row, origin = row[by_row], origin[by_row]
    begins = np.searchsorted(row, np.arange(len(nodes) + 1))
    places: list[int] = origin.tolist()
    return [places[begin : min(begin + REASONS_MAX, end)] for begin, end in pairwise(begins.tolist())]


def _firsts(ordered: Numbers) -> Flags:
    """Return which of ordered values are another than the one before."""
    firsts = np.ones(len(ordered), np.bool_)
    firsts[1:] = ordered[1:] != ordered[:-1]
    return firsts
