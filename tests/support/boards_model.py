"""What boards promise, said over dicts: who may see and change what."""

from dataclasses import dataclass, field

from bowerbird.base.ids import Id

OK = ""


@dataclass
class BoardNote:
    """A board."""

    owner: Id
    public: bool
    trashed: bool = False


@dataclass
class PinNote:
    """A pin, under its present id."""

    board: Id
    saver: Id
    link: int
    trashed: bool = False


@dataclass
class Model:
    """Everything there is."""

    boards: dict[Id, BoardNote] = field(default_factory=dict[Id, BoardNote])
    roles: dict[tuple[Id, Id], str] = field(default_factory=dict[tuple[Id, Id], str])
    blocks: set[tuple[Id, Id]] = field(default_factory=set[tuple[Id, Id]])
    pins: dict[Id, PinNote] = field(default_factory=dict[Id, PinNote])
    forwards: dict[Id, Id] = field(default_factory=dict[Id, Id])

    def blocked(self, one: Id | None, other: Id | None) -> bool:
        """Return whether either blocks the other."""
        return (one, other) in self.blocks or (other, one) in self.blocks

    def rights(self, viewer: Id | None, board: Id) -> str | None:
        """Return why somebody sees a board."""
        note = self.boards[board]
        if note.trashed or self.blocked(viewer, note.owner):
            return None
        if viewer == note.owner:
            return "owner"
        role = self.roles.get((board, viewer)) if viewer else None
        return role or ("public" if note.public else None)

    def owner_only(self, viewer: Id, board: Id) -> str:
        """Return the problem of somebody who does what only owners may do."""
        rights = self.rights(viewer, board)
        return "not-found" if rights is None else OK if rights == "owner" else "forbidden"

    def editor_only(self, viewer: Id, board: Id) -> str:
        """Return the problem of somebody who does what owners and editors may do."""
        rights = self.rights(viewer, board)
        return "not-found" if rights is None else OK if rights in {"owner", "editor"} else "forbidden"

    def now(self, pin: Id) -> Id:
        """Return a pin's present id."""
        while pin in self.forwards:
            pin = self.forwards[pin]
        return pin

    def reaches(self, viewer: Id | None, pin: Id) -> bool:
        """Return whether somebody may know of a pin, in the trash or not."""
        note = self.pins[pin]
        rights = self.rights(viewer, note.board)
        return rights is not None and (rights == "owner" or not self.blocked(viewer, note.saver))

    def sees(self, viewer: Id | None, pin: Id) -> bool:
        """Return whether somebody sees a pin."""
        return self.reaches(viewer, pin) and not self.pins[pin].trashed

    def live(self, board: Id) -> set[Id]:
        """Return the pins on a board."""
        return {id_ for id_, note in self.pins.items() if note.board == board and not note.trashed}

    def holding(self, board: Id, link: int) -> Id | None:
        """Return the pin that shows a link on a board."""
        return next((id_ for id_ in self.live(board) if self.pins[id_].link == link), None)

    def block(self, one: Id, other: Id) -> None:
        """Part two people: neither keeps a role on the other's boards."""
        self.blocks.add((one, other))
        for board, person in list(self.roles):
            if {self.boards[board].owner, person} == {one, other}:
                del self.roles[board, person]
