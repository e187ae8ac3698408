"""Where walkers go is what the odds say: held against an exact reckoning on small graphs."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pytest

from bowerbird.adapters.csr.arrays import Numbers, Weights
from bowerbird.adapters.csr.changes import changed
from bowerbird.adapters.csr.compaction import compacted
from bowerbird.adapters.csr.frames import encode, frames
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.limits import Habits
from bowerbird.adapters.csr.snapshot import Snapshot
from bowerbird.adapters.csr.walking import Walked, Walkers, share_out
from bowerbird.ports.walks import Change
from tests.ports.walks.scene import saves, thing, unsaved
from tests.ports.walks.subject import UNPRUNED

STEPS: Final = 400_000
EVER: Final = Habits(restart=0.3, enough_things=1 << 30)
BOARDS: Final = [[1, 2, 3, 4], [4, 5], [5, 6, 7, 8, 9, 10], [1, 10], [11, 12]]


def graph_of(*calls: Sequence[Change], snapshot_after: int) -> Graph:
    """Return a graph of changes, those of the first calls in its snapshot."""
    graph = Graph.of(Snapshot.empty())
    for number, call in enumerate(calls):
        graph = changed(graph, b"".join(frame.records for frame in frames(encode(call, []))))
        if number + 1 == snapshot_after:
            graph = Graph.of(compacted(graph, UNPRUNED))
    return graph


def numbers(graph: Graph, *things: int) -> Numbers:
    """Return the graph's numbers for things."""
    return graph.things.find(np.array([thing(one) for one in things], "S16"))


def walked(graph: Graph, things: Mapping[int, float], habits: Habits, steps: int = STEPS) -> Walked:
    """Walk from things by weight."""
    query = numbers(graph, *things)
    order = np.argsort(query)
    weights = np.array(list(things.values()))
    return Walkers(graph, query[order], weights[order], steps, 5, habits).walk(None, note_boards=True)


def reckoned(boards: Sequence[Sequence[int]], start: int, restart: float, count: int) -> Weights:
    """Return by thing which part of all visits of walks from one is to it."""
    saved = np.zeros((count, len(boards)))
    for number, things in enumerate(boards):
        saved[list(things), number] = 1
    to_board = saved / np.maximum(saved.sum(1, keepdims=True), 1)
    step = to_board @ (saved / np.maximum(saved.sum(0, keepdims=True), 1)).T
    here, visits = np.eye(count)[start], np.zeros(count)
    for _ in range(64):
        here = here @ step
        visits += here
        here = here * (1 - restart)
    return visits / visits.sum()


@pytest.mark.parametrize("snapshot_after", [0, 1, 2, 3])
@pytest.mark.parametrize("start", [1, 7, 11])
def test_things_are_met_as_often_as_the_odds_say(snapshot_after: int, start: int) -> None:
    # Some comes later, some goes, whether it is in the snapshot by then or not.
    away = [unsaved(12, 0), unsaved(1, 2), unsaved(5, 0), unsaved(99, 1)]
    before = saves([[*BOARDS[0], 12, 5], [4], [1, *BOARDS[2]], [1], [11]])
    graph = graph_of(before, [*saves(BOARDS)], away, snapshot_after=snapshot_after)
    visits = walked(graph, {start: 1.0}, EVER)
    expected = reckoned(BOARDS, start, EVER.restart, 13)
    met = np.zeros(13)
    met[[number_of(graph, node) for node in visits.things.nodes.tolist()]] = visits.things.counts
    assert visits.steps == pytest.approx(STEPS, rel=0.01)
    assert met.sum() == visits.steps
    # Visits of one walk hang together, so that their spread is that of fewer.
    spread = 6 * np.sqrt(expected / (STEPS * EVER.restart))
    assert np.all(np.abs(met / met.sum() - expected) <= spread)


def number_of(graph: Graph, node: int) -> int:
    """Return which thing of the scene a node is."""
    return int.from_bytes(graph.things.ids(np.array([node]))[0], "big") >> 64


def test_steps_are_divided_by_weight_and_degree() -> None:
    graph = graph_of(saves([[1, 2], [1], [1], [1], [3]]), snapshot_after=1)
    query = numbers(graph, 1, 2, 3)
    degrees = np.array([4.0, 1.0, 1.0])
    for weights in (np.ones(3), np.array([1.0, 2.0, 8.0])):
        for power in (0.0, 0.5, 1.0):
            parts = weights * degrees**power
            steps = share_out(graph, query, weights, 1000, Habits(degree_share=power))
            assert steps.tolist() == np.ceil(1000 * parts / parts.sum()).tolist()


def test_every_thing_of_a_query_gets_a_step() -> None:
    graph = graph_of(saves([[1], *([2, 3] for _ in range(50))]), snapshot_after=1)
    visits = walked(graph, {1: 1e-6, 2: 1.0}, EVER, 2_000)
    assert set(visits.things.origins.tolist()) == {0, 1}


def test_a_thing_from_which_enough_was_met_is_left() -> None:
    graph = graph_of(saves([range(1, 60), [70, 71]]), snapshot_after=1)
    habits = Habits(restart=0.5, enough_things=30, enough_visits=3)
    crowded, lonely = walked(graph, {1: 1.0}, habits), walked(graph, {70: 1.0}, habits)
    assert crowded.steps < STEPS * 0.3
    assert lonely.steps > 0.95 * STEPS
    both = walked(graph, {1: 1.0, 70: 1.0}, habits)
    assert STEPS * 0.4 < both.steps < STEPS * 0.7


def test_boards_are_noted_as_they_are_crossed() -> None:
    graph = graph_of(saves([[1, 2], [1, 3], [3, 4]]), snapshot_after=1)
    visits = walked(graph, {1: 1.0}, Habits(restart=0.99, enough_things=1 << 30))
    crossed = dict(zip(visits.boards.nodes.tolist(), (visits.boards.counts / visits.steps).tolist(), strict=True))
    assert crossed[0] == pytest.approx(0.5, abs=0.02)
    assert crossed[1] == pytest.approx(0.5, abs=0.02)
