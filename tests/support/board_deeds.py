"""What an editor may do with a board, and what its owner does meanwhile: two by two, and what must hold of the two."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, Final

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts import events
from bowerbird.contracts.boards import Board, BoardChange, NewPin, Pin, PinChange
from bowerbird.contracts.problems import Problem
from bowerbird.services.boards.store import BOARD, PIN
from tests.support.house import House, by
from tests.support.post_office import PostOffice

Deed = Callable[["Table"], Awaitable[object]]


class Table:
    """A board of `ada`'s with a link, a photo and a deleted link; `eve` edits it, and all other boards here.

    `near`: another board of ada's. `far`: a board of eve's own, on another shard. `outside`: somebody's public board.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.boards = house.services.boards
        self.office = PostOffice(house, Random(1), {"boards", "details"})
        self.people: list[Id] = []
        self.number = 0
        self.done: list[str] = []

    async def meet(self) -> None:
        """Bring the people about."""
        while len(self.people) < 3:
            person = await self.house.person()
            if shard_of(person) not in map(shard_of, self.people):
                self.people.append(person)
        self.ada, self.eve, self.cid = self.people
        self.photo = await self.house.photo(self.eve)
        self.outside = await self.boards.create(by(self.cid), "Bread", "", "public")
        self.others = await self._save(self.cid, self.outside, "others")

    async def lay(self) -> None:
        """Bring fresh boards and pins about."""
        self.number += 1
        self.done = []
        self.board, self.near = [await self.boards.create(by(self.ada), "Bread", "", "public") for _ in range(2)]
        self.far = await self.boards.create(by(self.eve), "Bread", "", "private")
        for board in (self.board, self.near):
            await self.boards.share(by(self.ada), board.id, self.eve, "editor")
        await self.boards.share(by(self.eve), self.far.id, self.ada, "editor")
        self.link = await self._save(self.ada, self.board, "link")
        self.deleted = await self._save(self.ada, self.board, "deleted")
        await self.boards.delete_pin(by(self.ada), self.deleted.id)
        await self.office.settle()
        self.read_upto = await self.house.engines.log.end(events.CHANGES)

    def url(self, name: str) -> str:
        """Return an address of this round."""
        return self.house.pages.page(f"https://example.org/{name}/{self.number}")

    async def _save(self, person: Id, board: Board, name: str) -> Pin:
        return (await self.boards.save_pin(by(person), board.id, NewPin(url=self.url(name)))).pin

    async def attempt(self, deed: Deed) -> bool:
        """Return whether a deed was acknowledged."""
        try:
            await deed(self)
        except Problem:
            return False
        return True

    async def move(self, person: Id, pin: Id, board: Board, *, copy: bool = False) -> None:
        """Move or copy one pin; a problem is raised."""
        [moved] = await self.boards.move_pins(by(person), [pin], board.id, copy=copy)
        if moved.problem:
            raise Problem(moved.problem)

    async def history(self) -> list[events.Event[Any]]:
        """Return what happened since the table was laid, in the order of the commits."""
        await self.office.collect()
        found: list[events.Event[Any]] = []
        for stored in await self.house.engines.log.read(events.CHANGES, self.read_upto, 500):
            envelope = events.read_envelope(stored.record.data)
            [key] = await self.house.engines.keys.get([envelope.owner])
            assert key is not None
            found.append(events.Event(envelope, events.read_body(envelope, key)))
        return found

    async def check(self) -> None:
        """Find that boards count their pins, hold a link once, and that nobody did what they might no more."""
        for board in (self.board, self.near, self.far):
            [row] = await self.house.engines.records.get(BOARD, [(board.id,)])
            assert row is not None
            live = await self.house.engines.records.scan(PIN, "board", (board.id, 0), limit=500)
            assert row.pins == len(live)
            links = [pin.link for pin in live if pin.link is not None]
            assert len(set(links)) == len(links)
        may, there = {self.board.id: True, self.near.id: True}, {self.board.id: True, self.near.id: True}
        for event in await self.history():
            body, type_ = event.body, event.envelope.type
            if type_ == "share_changed" and body.person == self.eve:
                may[body.board] = body.role == "editor"
            elif type_.startswith("board_"):
                there[body.id] = not body.trashed
            elif type_.startswith("pin_") and body.board in may and event.envelope.actor is not None:
                assert there[body.board], f"{type_} on a board in the trash"
                assert event.envelope.actor != self.eve or may[body.board], f"{type_} by somebody who may not"

    async def present(self, pin: Id) -> Pin | None:
        """Return a pin as it is now, wherever."""
        shown = await self.boards.pins(by(self.ada), [pin])
        if shown[0] is not None:
            return shown[0].pin
        try:
            return (await self.boards.pin(by(self.ada), pin)).pin
        except Problem:
            return None


FIRST: Final[dict[str, Deed]] = {
    "save a link": lambda t: t.boards.save_pin(by(t.eve), t.board.id, NewPin(url=t.url("new"))),
    "save a link that is there": lambda t: t.boards.save_pin(by(t.eve), t.board.id, NewPin(url=t.url("link"))),
    "save a photo": lambda t: t.boards.save_pin(by(t.eve), t.board.id, NewPin(upload=t.photo)),
    "save a pin": lambda t: t.boards.save_pin(by(t.eve), t.board.id, NewPin(pin=t.others.id)),
    "edit": lambda t: t.boards.change_pin(by(t.eve), t.link.id, PinChange(title="first")),
    "delete": lambda t: t.boards.delete_pin(by(t.eve), t.link.id),
    "restore": lambda t: t.boards.restore_pin(by(t.eve), t.deleted.id),
    "move near": lambda t: t.move(t.eve, t.link.id, t.near),
    "move far": lambda t: t.move(t.eve, t.link.id, t.far),
    "copy near": lambda t: t.move(t.eve, t.link.id, t.near, copy=True),
    "copy far": lambda t: t.move(t.eve, t.link.id, t.far, copy=True),
    "leave": lambda t: t.boards.unshare(by(t.eve), t.board.id, t.eve),
    "share": lambda t: t.boards.share(by(t.ada), t.board.id, t.cid, "editor"),
    "rename": lambda t: t.boards.change(by(t.ada), t.board.id, BoardChange(name="first")),
}

SECOND: Final[dict[str, Deed]] = {
    "demote": lambda t: t.boards.share(by(t.ada), t.board.id, t.eve, "viewer"),
    "unshare": lambda t: t.boards.unshare(by(t.ada), t.board.id, t.eve),
    "unshare near": lambda t: t.boards.unshare(by(t.ada), t.near.id, t.eve),
    "trash the board": lambda t: t.boards.delete(by(t.ada), t.board.id),
    "trash near": lambda t: t.boards.delete(by(t.ada), t.near.id),
    "privatise": lambda t: t.boards.change(by(t.ada), t.board.id, BoardChange(visibility="private")),
    "describe": lambda t: t.boards.change(by(t.ada), t.board.id, BoardChange(description="second")),
    "edit": lambda t: t.boards.change_pin(by(t.ada), t.link.id, PinChange(note="second")),
    "delete": lambda t: t.boards.delete_pin(by(t.ada), t.link.id),
    "restore": lambda t: t.boards.restore_pin(by(t.ada), t.deleted.id),
    "save the new link": lambda t: t.boards.save_pin(by(t.ada), t.board.id, NewPin(url=t.url("new"))),
    "save the deleted link": lambda t: t.boards.save_pin(by(t.ada), t.board.id, NewPin(url=t.url("deleted"))),
    "save the link near": lambda t: t.boards.save_pin(by(t.ada), t.near.id, NewPin(url=t.url("link"))),
    "save the link far": lambda t: t.boards.save_pin(by(t.ada), t.far.id, NewPin(url=t.url("link"))),
    "move near": lambda t: t.move(t.ada, t.link.id, t.near),
    "move far": lambda t: t.move(t.ada, t.link.id, t.far),
}
