"""A house with some people who write and show, and what others find of it."""

from random import Random

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import NewPin
from bowerbird.contracts.caller import NOBODY
from bowerbird.contracts.events import VIEWS, Envelope, Event
from bowerbird.contracts.insight import View
from bowerbird.contracts.kinds import EVENT
from bowerbird.contracts.search import FREQUENT_MAX, FoundKind
from bowerbird.ports.log import Offset
from bowerbird.runtime.consumers import Group
from tests.support.house import House, by
from tests.support.post_office import PostOffice


class Library:
    """A house, its people's boards and pins, and what they find."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.office = PostOffice(house, Random(0))
        self.boards = house.services.boards
        self.search = house.services.search

    async def board(self, person: Id, name: str, visibility: str = "public", description: str = "") -> Id:
        """Make a board."""
        return (await self.boards.create(by(person), name, description, visibility)).id

    async def pin(self, person: Id, board: Id, title: str, note: str = "", data: bytes = b"") -> Id:
        """Save a photo, by default of its title."""
        photo = await self.house.photo(person, data or title.encode())
        return (await self.boards.save_pin(by(person), board, NewPin(upload=photo, title=title, note=note))).pin.id

    async def link(self, person: Id, board: Id, url: str, title: str) -> Id:
        """Save a link."""
        return (await self.boards.save_pin(by(person), board, NewPin(url=url, title=title))).pin.id

    async def hear(self, *types: str) -> None:
        """Let search hear of events of these types alone; others go on waiting."""
        await self.office.collect()
        later = [letter for letter in self.office.waiting if letter.envelope.type not in types]
        self.office.waiting = [letter for letter in self.office.waiting if letter not in later]
        await self.office.settle()
        self.office.waiting += later

    async def asks(self, person: Id, query: str, at: int | None = None) -> None:
        """Let the group of what is asked hear that somebody asked something, and found a thing."""
        at = self.house.world.now_us() if at is None else at
        view = View(kind="search_served", viewer=person, things=(), at=at, query=query)
        id_ = self.house.world.new_id(EVENT, 0)
        envelope = Envelope(id_, view.kind, 1, person, 0, at, person, "", person, b"")
        await self.queries.handlers[view.kind](Event(envelope, view))

    async def counted(self, *offsets: Offset) -> None:
        """Let what was asked be counted."""
        assert self.queries.checkpoint is not None
        await self.queries.checkpoint([*offsets])

    @property
    def queries(self) -> Group:
        """Return the group of what is asked."""
        [group] = [group for group in self.house.wired.groups if group.name == "queries"]
        assert group.topic == VIEWS
        return group

    async def asked(self, typed: str, limit: int = FREQUENT_MAX) -> list[str]:
        """Return what many ask and goes on from what is typed."""
        return [each.query for each in await self.search.asked(typed, limit)]

    async def finds(self, person: Id | None, query: str, kind: FoundKind = "pin") -> list[Id]:
        """Return what somebody finds, all pages."""
        found, mark = list[Id](), None
        while True:
            results = await self.search.find(NOBODY if person is None else by(person), query, kind, mark, 7)
            found += [one.id for one in results.found]
            if (mark := results.next) is None:
                return found
