"""What walks do not take: boards about everything, and of things on many boards the least fitting."""

from collections.abc import Mapping, Sequence
from typing import Final

from bowerbird.adapters.csr.changes import changed
from bowerbird.adapters.csr.compaction import compacted
from bowerbird.adapters.csr.frames import encode, frames
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.limits import Pruning
from bowerbird.adapters.csr.snapshot import Snapshot
from bowerbird.ports.walks import Change, Saved
from tests.ports.walks.scene import DAY_US, TODAY, board, described, number, thing
from tests.ports.walks.subject import UNPRUNED, audit, edges_of

DIVERSE: Final = Pruning(entropy_bits_max=1.5, known_min=4, exponent=1.0)
DEGREES: Final = Pruning(entropy_bits_max=float("inf"), exponent=0.5, degree_min=2)


def pruned(
    boards: Sequence[Sequence[int]], topics: Mapping[int, int], pruning: Pruning, days: Sequence[int] = ()
) -> set[tuple[int, int]]:
    """Return the edges (thing, board) that walks do not take, having asserted that all are still known."""
    said: list[Change] = []
    for on, things in enumerate(boards):
        at = TODAY + days[on] * DAY_US if days else TODAY
        said += [Saved(thing(one), board(on), at) for one in things]
    said += [described(one, topic) for one, topic in topics.items()]
    graph = changed(Graph.of(Snapshot.empty()), records(said))
    everything = edges_of(graph)
    graph = Graph.of(compacted(graph, pruning))
    audit(graph)
    assert edges_of(graph) == everything
    whole = compacted(graph, UNPRUNED)
    kept = edges_of(Graph.of(compacted(changed(graph, b""), pruning)))
    assert kept == everything
    assert len(whole.boards_of) == len(everything)
    keys = graph.snapshot.pruned
    things = graph.things.ids((keys >> 32).astype("i8"))
    on_boards = graph.boards.ids((keys & 0xFFFF_FFFF).astype("i8"))
    return {(number(one), number(on)) for one, on in zip(things, on_boards, strict=True)}


def test_a_board_about_everything_is_taken_out() -> None:
    topics = {one: one for one in range(1, 5)} | dict.fromkeys(range(11, 15), 1)
    boards = [[1, 2, 3, 4], [11, 12, 13, 14], [1, 11], [2, 12], [3, 13], [4, 14]]
    assert pruned(boards, topics, DIVERSE) == {(one, 0) for one in range(1, 5)}


def test_a_board_of_which_little_is_known_stays() -> None:
    topics = {one: one for one in range(1, 4)}
    boards = [[1, 2, 3, 4], [1, 11], [2, 12], [3, 13], [4, 14]]
    assert pruned(boards, topics, DIVERSE) == set()


def test_no_thing_loses_its_last_board() -> None:
    topics = {one: one for one in range(1, 6)}
    boards = [[1, 2, 3, 4, 5], [1, 11], [2, 11]]
    assert pruned(boards, topics, DIVERSE) == {(1, 0), (2, 0)}


def test_a_thing_on_many_boards_keeps_those_of_its_topic() -> None:
    # Thing 1 (topic 1) is on nine boards and keeps three; two things of each board tell what that is about.
    boards = [[1, 100 + 2 * on, 101 + 2 * on] for on in range(9)]
    topics = {1: 1} | {100 + place: 1 if place // 2 in {2, 5, 7} else 9 for place in range(18)}
    assert pruned(boards, topics, DEGREES) == {(1, on) for on in (0, 1, 3, 4, 6, 8)}


def test_where_topics_say_nothing_the_last_saves_stay() -> None:
    boards = [[1, 100 + on] for on in range(9)]
    days = [5, 1, 8, 2, 7, 3, 9, 4, 6]
    assert pruned(boards, {}, DEGREES, days) == {(1, on) for on in range(9) if days[on] < 7}


def test_a_thing_on_few_boards_loses_none() -> None:
    boards = [[1, 100 + on] for on in range(2)]
    assert pruned(boards, {}, DEGREES) == set()


def test_what_is_pruned_stays_so_when_it_is_said_again_and_not_when_it_is_said_anew() -> None:
    boards = [[1, 100 + on] for on in range(9)]
    said: list[Change] = [Saved(thing(one), board(on), TODAY) for on, things in enumerate(boards) for one in things]
    graph = Graph.of(compacted(changed(Graph.of(Snapshot.empty()), records(said)), DEGREES))
    assert (graph.walked, graph.pruned) == (12, 6)
    again = changed(graph, records(said))
    assert (again.walked, again.pruned) == (12, 6)
    later: list[Change] = [Saved(thing(1), board(on), TODAY + DAY_US) for on in range(9)]
    anew = changed(graph, records(later))
    assert (anew.walked, anew.pruned) == (18, 0)
    audit(anew)


def records(changes: Sequence[Change]) -> bytes:
    """Return changes as the files hold them."""
    return b"".join(frame.records for frame in frames(encode(changes, [])))
