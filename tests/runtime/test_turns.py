"""Turns: everything is done once and in order, and nobody waits for more than a piece of each of the others."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bowerbird.runtime.turns import Piece, Turns

EACH_MAX = 2
PIECES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=80)


def pieces(of: list[tuple[int, int]]) -> list[Piece[int]]:
    return [Piece(bytes([who]), bytes([lane]), number) for number, (who, lane) in enumerate(of)]


@given(PIECES, st.lists(st.integers(0, 20), max_size=300))
def test_every_piece_is_given_once_its_lane_is_free_and_its_person_has_room(
    of: list[tuple[int, int]], choices: list[int]
) -> None:
    turns, given_ = Turns[int](EACH_MAX), list[Piece[int]]()
    waiting, running = pieces(of), list[Piece[int]]()
    for choice in [*choices, *[0] * 4 * (len(of) + 1)]:
        if choice % 3 == 0 and waiting:
            turns.put(waiting.pop(0))
        elif running and choice % 3 != 1:
            turns.done(running.pop(choice % len(running)))
        elif (piece := turns.take()) is not None:
            given_.append(piece)
            running.append(piece)
        elif running:
            turns.done(running.pop())
        assert max(Counter(piece.lane for piece in running).values(), default=0) <= 1
        assert max(Counter(piece.person for piece in running).values(), default=0) <= EACH_MAX
    while running or waiting:
        if waiting:
            turns.put(waiting.pop(0))
        while (piece := turns.take()) is not None:
            given_.append(piece)
            running.append(piece)
        turns.done(running.pop())
    assert sorted(piece.work for piece in given_) == list(range(len(of)))
    for lane in {piece.lane for piece in given_}:
        numbers = [piece.work for piece in given_ if piece.lane == lane]
        assert numbers == sorted(numbers)


def test_people_are_served_in_turn_however_much_each_has() -> None:
    turns = Turns[str](1)
    for number in range(1000):
        turns.put(Piece(b"ada", b"%d" % number, f"ada {number}"))
    for who in ("ben", "cyn"):
        turns.put(Piece(who.encode(), who.encode(), who))
    served: list[str] = []
    for _ in range(5):
        piece = turns.take()
        assert piece is not None
        served.append(piece.work)
        turns.done(piece)
    assert served == ["ada 0", "ben", "cyn", "ada 1", "ada 2"]
