"""What is promised, over registers: who may see what, who must, and what a feed holds.

`may` asks whether some outcome of what is under way or in doubt allows it, `must` whether every outcome demands it.
Both are about a read that began and ended at two moments.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.sim.registers import Register, Value

OWNER = "owner"


@dataclass(frozen=True)
class Span:
    """The two moments of a read, in microseconds of the machine."""

    began_us: int
    ended_us: int

    def of(self, register: Register[Value]) -> set[Value]:
        """Return what a register may hold."""
        return register.possible(self.began_us, self.ended_us)


@dataclass(frozen=True)
class Photo:
    """A picture that was uploaded: the upload's id, and the picture's bytes as text."""

    upload: str
    data: str


@dataclass(eq=False)
class Person:
    """Somebody, by the number that scripts use. `gone`: the account is deleted."""

    number: int
    id: str
    handle: str
    token: str
    photos: list[Photo]
    gone: Register[bool] = field(default_factory=lambda: Register(value=False))


@dataclass(eq=False)
class Board:
    """A board; `name` is its own alone, `id` "" while nobody has heard it. `about`: its description."""

    name: str
    owner: Person
    made: Register[bool]
    public: Register[bool]
    id: str = ""
    trashed: Register[bool] = field(default_factory=lambda: Register(value=False))
    about: Register[str] = field(default_factory=lambda: Register(""))
    roles: dict[int, Register[str]] = field(default_factory=dict[int, Register[str]])

    def role(self, person: Person) -> Register[str]:
        """Return somebody's role on it, "" for none."""
        return self.roles.setdefault(person.number, Register(""))


@dataclass(eq=False)
class Pin:
    """A pin; `title` is its own and its copies'. `ids`: its present one and those that lead to it, as they were heard.

    `link`: the address it shows, "" for none. `unnamed`: requests that may have given it an id not heard yet.
    `present` and `published_us`: its id and when it was published, 0 for not, as found when all was at rest last.
    `picture`: its bytes as text, "" where they are not known.
    """

    title: str
    saver: Person
    made: Register[bool]
    board: Register[Board]
    link: str = ""
    ids: list[str] = field(default_factory=list[str])
    trashed: Register[bool] = field(default_factory=lambda: Register(value=False))
    note: Register[str] = field(default_factory=lambda: Register(""))
    unnamed: int = 0
    present: str = ""
    published_us: int = 0
    picture: str = ""


class Model:
    """Everything there is, as those who made it know."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self.boards: list[Board] = []
        self.pins: list[Pin] = []
        self._follows: dict[tuple[int, int], Register[bool]] = {}
        self._blocks: dict[tuple[int, int], Register[bool]] = {}

    def follows(self, one: Person, other: Person) -> Register[bool]:
        """Return whether one follows the other."""
        return self._follows.setdefault((one.number, other.number), Register(value=False))

    def blocks(self, one: Person, other: Person) -> Register[bool]:
        """Return whether one blocks the other."""
        return self._blocks.setdefault((one.number, other.number), Register(value=False))

    def board_of(self, id_: str) -> Board | None:
        """Return the board of an id."""
        return next((board for board in self.boards if id_ == board.id), None)

    def pin_of(self, id_: str) -> Pin | None:
        """Return the pin of an id."""
        return next((pin for pin in self.pins if id_ in pin.ids), None)

    def parted(self, viewer: Person | None, other: Person, span: Span) -> set[bool]:
        """Return whether a block, either way, may stand between two."""
        if viewer is None or viewer is other:
            return {False}
        ways = span.of(self.blocks(viewer, other)), span.of(self.blocks(other, viewer))
        return {one or two for one in ways[0] for two in ways[1]}

    def apart(self, viewer: Person, other: Person, span: Span) -> set[bool]:
        """Return whether somebody may be out of another's reach: blocked, either way, or gone."""
        return {parted or gone for parted in self.parted(viewer, other, span) for gone in span.of(other.gone)}

    def living(self, span: Span) -> list[Person]:
        """Return those who are certainly there."""
        return [person for person in self.people if span.of(person.gone) == {False}]

    def rights(self, viewer: Person | None, board: Board, span: Span) -> set[str]:
        """Return why somebody may see a board: "owner", "editor", "viewer" or "public"; "" where not."""
        here = {
            there and not trashed and not gone
            for there in span.of(board.made)
            for trashed in span.of(board.trashed)
            for gone in span.of(board.owner.gone)
        }
        parted = self.parted(viewer, board.owner, span)
        found = {""} if False in here or True in parted else set[str]()
        if True not in here or False not in parted:
            return found or {""}
        if viewer is board.owner:
            return found | {OWNER}
        roles = {""} if viewer is None else span.of(board.role(viewer))
        outside = {"public" if public else "" for public in span.of(board.public)}
        return found | {role for role in roles if role} | (outside if "" in roles else set())

    def sees(self, viewer: Person | None, pin: Pin, board: Board, span: Span) -> set[bool]:
        """Return whether somebody may find a pin on that very board."""
        there = {
            made and on is board and not gone
            for made in span.of(pin.made)
            for on in span.of(pin.board)
            for gone in span.of(pin.trashed)
        }
        if True not in there:
            return {False}
        allowed = self._allowed(viewer, pin, board, span)
        return {one and two for one in there for two in allowed}

    def sees_somewhere(self, viewer: Person | None, pin: Pin, span: Span) -> set[bool]:
        """Return whether somebody may find a pin, wherever it is."""
        there = {made and not gone for made in span.of(pin.made) for gone in span.of(pin.trashed)}
        allowed = {seen for board in span.of(pin.board) for seen in self._allowed(viewer, pin, board, span)}
        return {one and two for one in there for two in allowed}

    def reaches(self, viewer: Person | None, pin: Pin, board: Board, span: Span) -> set[bool]:
        """Return whether somebody may find a pin that is on a board, in the trash or not."""
        return self._allowed(viewer, pin, board, span)

    def edits(self, person: Person, board: Board, span: Span) -> set[bool]:
        """Return whether somebody may change what is on a board."""
        return {right in {OWNER, "editor"} for right in self.rights(person, board, span)}

    def feeds(self, viewer: Person, pin: Pin, span: Span) -> set[bool]:
        """Return whether a pin, once published, may be in somebody's feed."""
        if viewer is pin.saver or span.of(pin.saver.gone) == {True}:
            return {False}
        return {
            found
            for board in span.of(pin.board)
            for seen in self.sees(viewer, pin, board, span)
            for found in ({False} if not seen else self._reasons(viewer, pin, board, span))
        }

    def _reasons(self, viewer: Person, pin: Pin, board: Board, span: Span) -> Iterable[bool]:
        """Return whether somebody who sees a pin may have reason to have it in the feed."""
        follows = span.of(self.follows(viewer, pin.saver))
        parted = self.parted(viewer, pin.saver, span)
        rights = self.rights(viewer, board, span)
        return {
            not apart and not gone and (right in {"editor", "viewer"} or (follow and right != "" and public))
            for apart in parted
            for gone in span.of(pin.saver.gone)
            for right in rights
            for follow in follows
            for public in span.of(board.public)
        }

    def _allowed(self, viewer: Person | None, pin: Pin, board: Board, span: Span) -> set[bool]:
        """Return whether somebody may see a pin that is on a board."""
        parted = self.parted(viewer, pin.saver, span)
        if True in span.of(pin.saver.gone):
            parted |= {False}  # nobody is blocked by who is gone
        return {
            right == OWNER or (right != "" and not apart)
            for right in self.rights(viewer, board, span)
            for apart in parted
        }
