"""What the demo's people save on public boards, with every save from somebody else held out in turn.

A pin that stands on its first board alone can be found by nobody's walk: those are not held out. There are no labels.
"""

import numpy as np
from msgspec import Struct

from bench.recommend.community import Numbers
from bowerbird.app.demo.content import load


class Turn(Struct, frozen=True):
    """The saves, rows (thing, board), without one of them; who saved it asks with all else of theirs, and wants it."""

    saves: Numbers
    query: list[int]
    wanted: int


class Demo(Struct, frozen=True):
    """How many things there are, and the turns."""

    things: int
    saves: int
    turns: list[Turn]


def demo() -> Demo:
    """Return the demo as things on boards."""
    content = load()
    boards = [(person.handle, board) for person in content.people for board in person.boards]
    public = {board.key: number for number, (_, board) in enumerate(boards) if board.visibility == "public"}
    photos = [photo for source in content.sources for photo in source.photos]
    things = {photo.title: number for number, photo in enumerate(photos)}
    first = [(things[photo.title], public[photo.board]) for photo in photos if photo.board in public]
    again = [
        (things[title], number)
        for number, (_, board) in enumerate(boards)
        if board.visibility == "public"
        for title in board.saves
        if title in things
    ]
    saves = list(dict.fromkeys([*first, *again]))
    owners = [handle for handle, _ in boards]
    turns: list[Turn] = []
    for held in dict.fromkeys(again):
        left = [one for one in saves if one != held]
        query = sorted({thing for thing, board in left if owners[board] == owners[held[1]]})
        if query and held[0] not in query:
            turns.append(Turn(np.array(left), query, held[0]))
    return Demo(len(things), len(saves), turns)
