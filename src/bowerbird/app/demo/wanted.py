"""What is to be there in the end: every picture with its board and texts, in the order in which it goes in.

The order mixes: each board's pictures are spread over the whole, and neighbours differ in author, board and look, so
that whatever part of it a feed shows is varied.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from bowerbird.app.demo import drawn
from bowerbird.app.demo.content import Board, Content, Person

_AHEAD: Final = 40
"""So many of those whose turn is near are compared."""
_BEHIND: Final = 8
"""So many neighbours count."""
_IMPATIENCE: Final = 0.1
"""What being a place ahead of its turn costs a picture, and being behind gains it."""
_GOLDEN: Final = 0.618
"""The golden ratio: its multiples are evenly spread over boards."""
_DRAWN_EACH: Final = 2
"""Drawn pictures a board, where photos are not to be had."""


class Wanted(Struct, frozen=True, kw_only=True):
    """A picture on a board. `look` is the same for pictures that look alike; `drawing` numbers a drawn one."""

    owner: str
    board: Board
    title: str
    alt: str
    note: str
    look: str
    photo: str = ""
    drawing: int = 0


def photos(content: Content) -> list[Wanted]:
    """Return all photos."""
    boards = {board.key: (person, board) for person in content.people for board in person.boards}
    found: list[Wanted] = []
    for source in content.sources:
        for photo in source.photos:
            person, board = boards[photo.board]
            found.append(
                Wanted(
                    owner=person.handle,
                    board=board,
                    title=photo.title,
                    alt=photo.alt,
                    note=source.note_on(photo),
                    look=f"{source.name}/{photo.path.split('/')[0]}",
                    photo=source.id_of(photo),
                )
            )
    return mixed(found)


def drawings(content: Content) -> list[Wanted]:
    """Return pictures to be drawn, some for every board."""
    return mixed(
        [
            Wanted(
                owner=person.handle,
                board=board,
                title=f"{board.name}, drawn no. {number}",
                alt=drawn.ALTS[board.motif],
                note="Picture: drawn by Bowerbird, CC0 1.0.",
                look=board.motif,
                drawing=number,
            )
            for person in content.people
            for board in person.boards
            for number in range(1, _DRAWN_EACH + 1)
        ]
    )


def savers(content: Content) -> list[tuple[Person, Board]]:
    """Return whoever saves pins of others, with the board."""
    return [(person, board) for person in content.people for board in person.boards if board.saves]


def mixed(found: Sequence[Wanted]) -> list[Wanted]:
    """Return them spread and varied, always the same way; the end, where feeds begin, is chosen first."""
    left = list(enumerate(_spread(found)))
    order: list[Wanted] = []
    while left:
        ahead = left[:_AHEAD]
        turn = len(order)
        costs = [_likeness(one, order) + _IMPATIENCE * (place - turn) for place, one in ahead]
        order.append(left.pop(costs.index(min(costs)))[1])
    return order[::-1]


def _spread(found: Sequence[Wanted]) -> list[Wanted]:
    """Return them so that each board's are shuffled and evenly spread."""
    by_board: dict[str, list[Wanted]] = {}
    for each in found:
        by_board.setdefault(each.board.key, []).append(each)
    placed: list[tuple[float, int, Wanted]] = []
    for turn, some in enumerate(by_board.values()):
        phase = (turn + 1) * _GOLDEN % 1
        shuffled = sorted(some, key=lambda each: hashlib.sha256(each.title.encode()).digest())
        placed += [((place + phase) / len(some), turn, each) for place, each in enumerate(shuffled)]
    return [each for _, _, each in sorted(placed, key=lambda one: one[:2])]


def _likeness(one: Wanted, order: Sequence[Wanted]) -> float:
    """Return how much a picture repeats those right before it."""
    repeated = 0.0
    for distance, before in enumerate(reversed(order[-_BEHIND:]), 1):
        same = 4 * (one.board.key == before.board.key) + 2 * (one.owner == before.owner) + (one.look == before.look)
        repeated += same / distance
    return repeated
