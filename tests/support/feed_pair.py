"""Somebody who saves photos to a board of theirs, and a reader who follows them."""

from random import Random

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import NewPin
from bowerbird.ports.timelines import Slice
from tests.support.house import House, by
from tests.support.post_office import PostOffice


class Pair:
    """The two in a house; `saved`: the pins, the newest first."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.office = PostOffice(house, Random(0))
        self.saved: list[Id] = []

    async def set(self) -> None:
        """Let them come; that one follows the other is not handled yet."""
        self.author, self.reader = await self.house.person(), await self.house.person()
        self.board = (await self.house.services.boards.create(by(self.author), "Bread", "", "public")).id
        self.photo = await self.house.photo(self.author)
        await self.house.services.graph.follow(by(self.reader), self.author)

    async def save(self, count: int = 1) -> None:
        """Save the photo so many times."""
        for _ in range(count):
            new = NewPin(upload=self.photo)
            self.saved.insert(0, (await self.house.services.boards.save_pin(by(self.author), self.board, new)).pin.id)

    async def read(self, limit: int = 100) -> list[Id]:
        """Return the pins of the reader's home feed."""
        stretch = await self.house.services.feed.home(by(self.reader), None, limit)
        return [candidate.pin for candidate in stretch.candidates]

    async def held(self) -> Slice:
        """Return what is kept of the reader's home feed."""
        return await self.house.engines.timelines.page("home", self.reader, None, 100)
