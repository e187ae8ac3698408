"""The next snapshot: everything that is saved, numbered anew, and pruned anew."""

import numpy as np

from bowerbird.adapters.csr.arrays import (
    Days,
    Flags,
    Ids,
    Keys,
    Numbers,
    Words,
    counted,
    keys_of,
    lower_of,
    turned,
    upper_of,
)
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.index import Index
from bowerbird.adapters.csr.limits import Pruning
from bowerbird.adapters.csr.pruning import kept
from bowerbird.adapters.csr.snapshot import Snapshot


def compacted(graph: Graph, pruning: Pruning) -> Snapshot:
    """Return a snapshot of a graph. It depends on what is saved alone, and not on how that came about.

    Things without board and label are left out, and boards without things.
    """
    edges, days = graph.edges()
    labels = graph.labels.of(np.arange(len(graph.things)))
    thing_ids, thing_ranks = _ranked(graph.things, _used(upper_of(edges), len(graph.things)) | (labels != 0))
    board_ids, board_ranks = _ranked(graph.boards, _used(lower_of(edges), len(graph.boards)))
    edges = keys_of(thing_ranks[upper_of(edges)], board_ranks[lower_of(edges)])
    # Most of it is in order already, which this way of sorting makes use of.
    order = np.argsort(edges, kind="stable")
    ranked_labels = np.zeros(len(thing_ids), np.uint32)
    ranked_labels[thing_ranks[thing_ranks >= 0]] = labels[thing_ranks >= 0]
    return _snapshot(thing_ids, board_ids, edges[order], days[order], ranked_labels, pruning)


def _snapshot(thing_ids: Ids, board_ids: Ids, edges: Keys, days: Days, labels: Words, pruning: Pruning) -> Snapshot:
    take = kept(edges, days, labels, len(board_ids), pruning)
    walked, mirrored = edges[take], np.sort(turned(edges[take]))
    return Snapshot(
        thing_ids=thing_ids,
        board_ids=board_ids,
        thing_starts=_starts(walked, len(thing_ids)),
        boards_of=lower_of(walked).astype(np.uint32),
        days=days[take],
        board_starts=_starts(mirrored, len(board_ids)),
        things_of=lower_of(mirrored).astype(np.uint32),
        labels=labels,
        pruned=edges[~take],
        pruned_days=days[~take],
    )


def _used(numbers: Numbers, count: int) -> Flags:
    used = np.zeros(count, np.bool_)
    used[numbers] = True
    return used


def _ranked(index: Index, used: Flags) -> tuple[Ids, Numbers]:
    """Return the ids that are used, ascending, and by old number the new one, -1 where there is none."""
    numbers = np.flatnonzero(used)
    ids = index.array(numbers)
    order = np.argsort(ids, kind="stable")
    ranks = np.full(len(used), -1, np.int64)
    ranks[numbers[order]] = np.arange(len(numbers))
    return ids[order], ranks


def _starts(keys: Keys, nodes: int) -> Words:
    """Return where the neighbours of each node begin in ordered keys, and behind the last where they end."""
    starts = np.zeros(nodes + 1, np.uint32)
    starts[1:] = np.cumsum(counted(upper_of(keys), nodes))
    return starts
