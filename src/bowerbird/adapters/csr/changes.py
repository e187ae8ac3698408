"""Laying changes over a graph, many at a time: of an edge, and of a thing, the last word holds."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bowerbird.adapters.csr.arrays import (
    Days,
    Flags,
    Keys,
    Numbers,
    distinct,
    keys_of,
    lower_of,
    places_in,
    turned,
    upper_of,
)
from bowerbird.adapters.csr.frames import DESCRIBED, DROPPED, RECORD, SAVED, UNSAVED
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.index import Index
from bowerbird.adapters.csr.side import Side

_RECORD: Final = np.dtype([("op", "u1"), ("thing", "S16"), ("board", "S16"), ("value", "<u8")])
assert _RECORD.itemsize == RECORD.size  # noqa: S101 - one layout, told twice

Records = NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Last:
    """The last word on each edge, as keys (thing, board), ascending; `days` where it `stands`."""

    keys: Keys
    stands: Flags
    days: Days


def changed(graph: Graph, data: bytes) -> Graph:
    """Return the graph with records of `frames` made in their order."""
    records = np.frombuffer(data, _RECORD)
    op = records["op"]
    things = graph.things.grown(records["thing"][(op == SAVED) | (op == DESCRIBED)])
    boards = graph.boards.grown(records["board"][op == SAVED])
    last = _last_words(graph, records, things, boards)
    graph = _with_edges(graph, last, things, boards)
    told = records[op == DESCRIBED]
    if len(told) or len(things) > len(graph.labels.anew):
        labels = graph.labels.changed(things.find(told["thing"]), told["value"].astype(np.uint32), len(things))
        graph = replace(graph, labels=labels)
    return graph


def _last_words(graph: Graph, records: Records, things: Index, boards: Index) -> _Last:
    """Reduce records to one word an edge. What a drop takes is said first, as what it takes away."""
    op = records["op"]
    at = np.flatnonzero((op == SAVED) | (op == UNSAVED))
    thing, board = things.find(records["thing"][at]), boards.find(records["board"][at])
    dropped, dropped_at = _drops(records, boards)
    place = places_in(dropped, board)
    overruled = np.zeros(len(at), np.bool_)
    overruled[place >= 0] = at[place >= 0] < dropped_at[place[place >= 0]]
    told = ~overruled & (thing >= 0) & (board >= 0)
    taken = _edges_of(graph, dropped)
    keys = np.concatenate([taken, keys_of(thing[told], board[told])])
    stands = np.concatenate([np.zeros(len(taken), np.bool_), op[at][told] == SAVED])
    days = np.concatenate([np.zeros(len(taken), np.uint16), records["value"][at][told].astype(np.uint16)])
    names, last = np.unique(keys[::-1], return_index=True)
    return _Last(names, stands[::-1][last], days[::-1][last])


def _drops(records: Records, boards: Index) -> tuple[Numbers, Numbers]:
    """Return the boards that are dropped, ascending, and which record does so last."""
    at = np.flatnonzero(records["op"] == DROPPED)
    board = boards.find(records["board"][at])
    at, board = at[board >= 0], board[board >= 0]
    names, last = np.unique(board[::-1], return_index=True)
    return names, at[::-1][last]


def _edges_of(graph: Graph, boards: Numbers) -> Keys:
    """Return all edges of boards that ascend, as keys (thing, board)."""
    board, thing = graph.by_board.of_nodes(boards)
    return np.concatenate([keys_of(thing, board), graph.pruned_of_boards(boards)])


def _with_edges(graph: Graph, last: _Last, things: Index, boards: Index) -> Graph:
    snapshot, side = graph.snapshot, graph.by_thing
    thing, board = upper_of(last.keys), lower_of(last.keys)
    walked, walked_as_said = _standing(side.find(thing, board), side.gone, snapshot.days, last)
    pruned, pruned_as_said = _standing(places_in(snapshot.pruned, last.keys), graph.gone, snapshot.pruned_days, last)
    news = ~(walked_as_said | pruned_as_said)
    leaves, came = news & (walked >= 0), news & last.stands
    old = ~np.isin(side.added, last.keys[news], assume_unique=True)
    added, days = _merged(side.added[old], graph.days[old], last.keys[came], last.days[came])
    mirrored = graph.by_board.find(board[leaves], thing[leaves])
    return replace(
        graph,
        things=things,
        boards=boards,
        by_thing=_patched(side, len(things), added, walked[leaves]),
        by_board=_patched(graph.by_board, len(boards), np.sort(turned(added)), mirrored),
        days=days,
        gone=_united(graph.gone, pruned[news & (pruned >= 0)]),
    )


def _standing(places: Numbers, gone: Numbers, days: Days, last: _Last) -> tuple[Numbers, Flags]:
    """Return where edges stand in the snapshot now (-1: nowhere), and which stand there just as they are told."""
    places = np.where(places_in(gone, places) < 0, places, -1)
    if not len(days):
        return places, np.zeros(len(places), np.bool_)
    return places, (places >= 0) & last.stands & (days.take(places, mode="clip") == last.days)


def _merged(keys: Keys, days: Days, more: Keys, more_days: Days) -> tuple[Keys, Days]:
    """Put what is new, and ascends, among what ascends."""
    places = np.searchsorted(keys, more)
    return np.insert(keys, places, more), np.insert(days, places, more_days)


def _patched(side: Side, nodes: int, added: Keys, gone: Numbers) -> Side:
    return Side.with_patch(side.starts, side.neighbours, nodes, added, _united(side.gone, gone))


def _united(numbers: Numbers, more: Numbers) -> Numbers:
    return distinct(np.concatenate([numbers, more])) if len(more) else numbers
