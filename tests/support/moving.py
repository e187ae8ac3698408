"""A pin on its way between shards while others do things to it: what must come out, whatever came between."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.boards import NewPin, Pin, PinChange
from bowerbird.contracts.events import CHANGES, read_envelope
from bowerbird.ports.log import Offset
from bowerbird.services.boards.store import BOARD, PIN
from tests.support.house import House, by
from tests.support.post_office import PostOffice

Act = Callable[["Trip"], Awaitable[None]]


class Travellers:
    """Three people on three shards. `ada` owns `source` and `attic`; of the others' boards she is an editor."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.office = PostOffice(house, Random(1), {"boards", "details"})
        self.people: list[Id] = []
        self.boards: list[Id] = []
        self.pages = 0

    async def settle_in(self) -> None:
        """Bring people and boards about."""
        while len(self.people) < 3:
            person = await self.house.person()
            if shard_of(person) not in map(shard_of, self.people):
                self.people.append(person)
        ada, ben, cid = self.people
        boards = self.house.services.boards
        for owner in (ada, ben, cid, ada):
            self.boards.append((await boards.create(by(owner), "Bread", "", "private")).id)
        for board in self.boards[1:3]:
            await boards.share(by(self.people[self.boards.index(board)]), board, ada, "editor")
        for board in (self.boards[0], self.boards[3]):
            await boards.share(by(ada), board, ben, "editor")
        await boards.share(by(cid), self.boards[2], ben, "editor")

    async def trip(self) -> "Trip":
        """Return a new pin that is about to move from `source` to `target`."""
        self.pages += 1
        url = self.house.pages.page(f"https://example.org/{self.pages}")
        ada = self.people[0]
        pin = (await self.house.services.boards.save_pin(by(ada), self.boards[0], NewPin(url=url, title="Old"))).pin
        await self.office.settle()
        return Trip(self, pin, url)

    async def events_since(self, offsets: list[Offset]) -> list[str]:
        """Return the types of what the log holds behind a place."""
        stored = await self.house.engines.log.read(CHANGES, offsets, 500)
        return [read_envelope(one.record.data).type for one in stored]


class Trip:
    """One pin, and what was acknowledged of what was done to it meanwhile. Everybody here may edit every board."""

    def __init__(self, travellers: Travellers, pin: Pin, url: str) -> None:
        self.travellers = travellers
        self.pin = pin
        self.url = url
        self.note = ""
        self.deleted = False
        self.saved: Id | None = None
        self._boards = travellers.house.services.boards
        self.ada, self.ben, self.cid = travellers.people
        self.source, self.target, self.elsewhere, self.attic = travellers.boards

    async def move(self, board: Id | None = None, person: Id | None = None) -> str:
        """Move the pin, by its first id, and return the problem."""
        [moved] = await self._boards.move_pins(by(person or self.ada), [self.pin.id], board or self.target, copy=False)
        return moved.problem

    async def edit(self) -> None:
        """Write a note, by the pin's first id."""
        await self._boards.change_pin(by(self.ben), self.pin.id, PinChange(note="new"))
        self.note = "new"

    async def delete(self) -> None:
        """Delete the pin, by its first id."""
        await self._boards.delete_pin(by(self.ben), self.pin.id)
        self.deleted = True

    async def delete_and_restore(self) -> None:
        """Delete the pin, and take it back."""
        await self._boards.delete_pin(by(self.ben), self.pin.id)
        await self._boards.restore_pin(by(self.ben), self.pin.id)

    async def move_elsewhere(self) -> None:
        """Move the pin to a board on a third shard."""
        assert await self.move(self.elsewhere, self.ben) == ""

    async def move_along(self) -> None:
        """Move the pin where it goes anyway."""
        assert await self.move(self.target, self.ben) == ""

    async def move_nearby(self) -> None:
        """Move the pin to another board of the shard where it is."""
        assert await self.move(self.attic, self.ben) == ""

    async def save_there(self) -> None:
        """Save the same page on the board where the pin goes."""
        saved = await self._boards.save_pin(by(self.ben), self.target, NewPin(url=self.url))
        if saved.created:
            self.saved = saved.pin.id

    async def hear(self) -> None:
        """Handle every event that there is."""
        office = self.travellers.office
        await office.collect()
        await office.deliver(len(office.waiting))
        await office.finish()

    async def present(self) -> list[Pin]:
        """Return the pin's live rows, whatever their ids, but for one that was saved apart."""
        found: list[Pin] = []
        for board in self.travellers.boards:
            rows = await self.travellers.house.engines.records.scan(PIN, "board", (board, 0), limit=500)
            found += [row for row in rows if row.link == self.pin.link and row.id != self.saved]
        return found

    async def check(self) -> None:
        """Find one pin that holds all that was acknowledged, or none where it was deleted; boards count right."""
        rows = await self.present()
        assert len(rows) == (0 if self.deleted else 1)
        for row in rows:
            assert (row.title, row.note, row.url) == ("Old", self.note, self.url)
        await self._check_counts()
        if not self.deleted:
            now = (await self._boards.pin(by(self.ben), self.pin.id)).pin
            assert [now] == await self.present()
        await self._check_counts()

    async def check_nothing_waits(self) -> None:
        """Find no row that is neither there, nor in the trash, nor forwards."""
        for board in self.travellers.boards:
            rows = await self.travellers.house.engines.records.scan(PIN, "board", (board, 1), limit=500)
            assert [row for row in rows if row.deleted_at is None and row.moved_to is None] == []

    async def _check_counts(self) -> None:
        records = self.travellers.house.engines.records
        for board in await records.get(BOARD, [(id_,) for id_ in self.travellers.boards]):
            assert board is not None
            assert board.pins == len(await records.scan(PIN, "board", (board.id, 0), limit=500))


ACTS: Final[dict[str, Act]] = {
    "edit": Trip.edit,
    "delete": Trip.delete,
    "delete and restore": Trip.delete_and_restore,
    "move elsewhere": Trip.move_elsewhere,
    "move along": Trip.move_along,
    "move nearby": Trip.move_nearby,
    "save there": Trip.save_there,
    "hear": Trip.hear,
}
