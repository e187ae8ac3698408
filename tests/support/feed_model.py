"""The feed as a pure function of what is: the rule that every policy is measured against, said over dicts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bowerbird.base.ids import Id, ms_of

HOUR_MS: Final = 3_600_000


@dataclass
class BoardNote:
    """A board."""

    owner: Id
    public: bool
    trashed: bool = False


@dataclass
class PinNote:
    """A pin under its present id; `saver` None: a deleted account. `at`: when it was published."""

    board: Id
    saver: Id | None
    at: int | None
    trashed: bool = False


@dataclass
class Town:
    """Everything there is. `follows`: (who, whom). `blocks`: (who, whom). `roles`: by (board, person)."""

    people: list[Id] = field(default_factory=list[Id])
    boards: dict[Id, BoardNote] = field(default_factory=dict[Id, BoardNote])
    pins: dict[Id, PinNote] = field(default_factory=dict[Id, PinNote])
    follows: set[tuple[Id, Id]] = field(default_factory=set[tuple[Id, Id]])
    blocks: set[tuple[Id, Id]] = field(default_factory=set[tuple[Id, Id]])
    roles: dict[tuple[Id, Id], str] = field(default_factory=dict[tuple[Id, Id], str])
    burst_pins_max: int = 30

    def feed(self, viewer: Id) -> list[tuple[int, Id]]:
        """Return the places of the pins in somebody's feed, newest first."""
        found = [(pin.at or 0, id_) for id_, pin in self.pins.items() if self.holds(viewer, id_)]
        return sorted(found, reverse=True)

    def entries(self, viewer: Id) -> list[tuple[Id, int]]:
        """Return what somebody's feed shows, newest first: pins, and for how many others each stands.

        More than so many of one person on one board within an hour are one entry with the newest of them, which stands
        where the first stands that was too many.
        """
        bursts: dict[object, list[tuple[int, Id]]] = {}
        for at, id_ in reversed(self.feed(viewer)):
            bursts.setdefault((self.pins[id_].board, self.pins[id_].saver, ms_of(id_) // HOUR_MS), []).append((at, id_))
        shown: list[tuple[tuple[int, Id], Id, int]] = []
        for places in bursts.values():
            if len(places) > self.burst_pins_max:
                shown.append((places[self.burst_pins_max], places[-1][1], len(places) - 1))
            else:
                shown += [(place, place[1], 0) for place in places]
        return [(id_, more) for _, id_, more in sorted(shown, reverse=True)]

    def holds(self, viewer: Id, id_: Id) -> bool:
        """Return whether a pin is in somebody's feed."""
        pin = self.pins[id_]
        board = self.boards.get(pin.board)
        if pin.saver is None or pin.at is None or pin.trashed or board is None or board.trashed:
            return False
        if viewer == pin.saver or self.blocked(viewer, pin.saver) or self.blocked(viewer, board.owner):
            return False
        shared = (pin.board, viewer) in self.roles
        return shared or (board.public and (viewer, pin.saver) in self.follows)

    def blocked(self, one: Id, other: Id) -> bool:
        """Return whether either blocks the other."""
        return (one, other) in self.blocks or (other, one) in self.blocks

    def block(self, one: Id, other: Id) -> None:
        """Part two people: neither follows the other, or has a role on the other's boards, from now on."""
        self.blocks.add((one, other))
        self.follows -= {(one, other), (other, one)}
        self._keep_roles(lambda board, guest: {self.boards[board].owner, guest} != {one, other})

    def leave(self, person: Id) -> None:
        """Delete an account: boards and ties go, pins on others' boards stay, saved by nobody."""
        self.people.remove(person)
        self.boards = {id_: board for id_, board in self.boards.items() if board.owner != person}
        for pin in self.pins.values():
            pin.saver = None if pin.saver == person else pin.saver
        self.follows = {tie for tie in self.follows if person not in tie}
        self.blocks = {tie for tie in self.blocks if person not in tie}
        self._keep_roles(lambda board, guest: guest != person and board in self.boards)

    def edits(self, person: Id) -> list[Id]:
        """Return the boards where somebody may save and move pins."""
        return [
            id_
            for id_, board in self.boards.items()
            if not board.trashed and (board.owner == person or self.roles.get((id_, person)) == "editor")
        ]

    def _keep_roles(self, good: Callable[[Id, Id], bool]) -> None:
        self.roles = {place: role for place, role in self.roles.items() if good(*place)}
