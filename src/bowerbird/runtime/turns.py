"""Turns: who is served next when one person has left thousands of things to do and another a single one.

Work stands in lanes, of which one piece is done at a time, in order; lanes belong to people, who are served in turn. So
whoever comes with one thing waits for one piece of anybody else's, however many these have.
"""

from collections import deque
from typing import Generic, TypeVar

from msgspec import Struct

Work = TypeVar("Work")


class Piece(Struct, Generic[Work], frozen=True, eq=False):
    """A piece of work, its lane, and whose turn it takes."""

    person: bytes
    lane: bytes
    work: Work


class _Person(Struct):
    """Somebody's lanes that could go on, and how many of theirs do."""

    ready: deque[bytes]
    running: int = 0


class Turns(Generic[Work]):
    """`each_max`: how many pieces of one person are under way side by side, so that there is room for others."""

    def __init__(self, each_max: int) -> None:
        self._each_max = each_max
        self._lanes: dict[bytes, deque[Piece[Work]]] = {}
        self._people: dict[bytes, _Person] = {}
        self._ring: deque[bytes] = deque()

    def put(self, piece: Piece[Work]) -> None:
        """Add a piece behind the others of its lane."""
        lane = self._lanes.get(piece.lane)
        if lane is not None:
            lane.append(piece)
            return
        self._lanes[piece.lane] = deque([piece])
        self._line_up(piece)

    def take(self) -> Piece[Work] | None:
        """Return the next piece, which holds up its lane until it is `done`; None when nothing can go on."""
        if not self._ring:
            return None
        name = self._ring.popleft()
        person = self._people[name]
        lane = person.ready.popleft()
        person.running += 1
        if self._may_go_on(person):
            self._ring.append(name)
        return self._lanes[lane][0]

    def done(self, piece: Piece[Work]) -> None:
        """Let the piece's lane go on, and others of its person."""
        person = self._people[piece.person]
        was_waiting = not self._may_go_on(person)
        person.running -= 1
        lane = self._lanes[piece.lane]
        lane.popleft()
        if was_waiting and self._may_go_on(person):
            self._ring.append(piece.person)
        if lane:
            self._line_up(lane[0])
        else:
            del self._lanes[piece.lane]
        if not person.running and not person.ready:
            del self._people[piece.person]

    def _line_up(self, piece: Piece[Work]) -> None:
        """Let a lane go on when it is the turn of whose piece stands first in it."""
        person = self._people.setdefault(piece.person, _Person(deque()))
        could = self._may_go_on(person)
        person.ready.append(piece.lane)
        if not could and self._may_go_on(person):
            self._ring.append(piece.person)

    def _may_go_on(self, person: _Person) -> bool:
        return bool(person.ready) and person.running < self._each_max
