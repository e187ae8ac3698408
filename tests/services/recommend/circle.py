"""A house with people who save pictures and links, and what is recommended to them."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from random import Random
from typing import Final

from bowerbird.base.ids import Id, from_digest
from bowerbird.contracts.boards import BoardChange, NewPin
from bowerbird.contracts.caller import NOBODY, Caller, system
from bowerbird.contracts.events import VIEWS, Envelope, Event
from bowerbird.contracts.insight import View
from bowerbird.contracts.kinds import EVENT, THING
from bowerbird.contracts.recommend import Idea, Ideas, NewTuning, Tuning
from bowerbird.contracts.vision import Label
from bowerbird.services.recommend.model import thing_of
from bowerbird.services.recommend.topics import topic_of
from tests.ports.walks.subject import edges_of, labels_of
from tests.support.eyes import LABELS
from tests.support.house import House, by
from tests.support.post_office import PostOffice

DOGS: Final = topic_of([Label(LABELS[b"dog"].id, LABELS[b"dog"].name, LABELS[b"dog"].probability)])
"""What pictures are of that begin so."""
Ask = Callable[[bytes | None], Awaitable[Ideas]]


def caller(person: Id | None) -> Caller:
    """Return the caller that somebody, or nobody, is."""
    return NOBODY if person is None else by(person)


class Circle:
    """What a test does, and what it looks at."""

    def __init__(self, house: House, seed: int = 0) -> None:
        self.house = house
        self.office = PostOffice(house, Random(seed))
        self.boards = house.services.boards
        self.recommend = house.services.recommend

    async def people(self, count: int) -> list[Id]:
        """Return new people."""
        return [await self.house.person() for _ in range(count)]

    async def board(self, person: Id, visibility: str = "public") -> Id:
        """Make a board."""
        return (await self.boards.create(by(person), "Things", "", visibility)).id

    async def photo(self, person: Id, board: Id, picture: str) -> Id:
        """Save a photo; two of the same bytes are one thing."""
        upload = await self.house.photo(person, picture.encode())
        return (await self.boards.save_pin(by(person), board, NewPin(upload=upload))).pin.id

    async def photos(self, person: Id, board: Id, *pictures: str) -> list[Id]:
        """Save photos."""
        return [await self.photo(person, board, picture) for picture in pictures]

    async def link(self, person: Id, board: Id, name: str) -> Id:
        """Save a link."""
        url = self.house.pages.page(f"https://example.org/{name}", name.encode())
        return (await self.boards.save_pin(by(person), board, NewPin(url=url))).pin.id

    async def show(self, person: Id, board: Id, visibility: str) -> None:
        """Publish a board, or make it private."""
        await self.boards.change(by(person), board, BoardChange(visibility=visibility))

    async def move(self, person: Id, pin: Id, board: Id, *, copy: bool = False) -> Id:
        """Move or copy a pin; return what it is there."""
        [moved] = await self.boards.move_pins(by(person), [pin], board, copy=copy)
        assert moved.now is not None, moved.problem
        return moved.now

    async def thing(self, pin: Id) -> Id:
        """Return what a pin holds."""
        found = (await self.boards.pin(system(), pin)).pin
        media = [] if found.media is None else await self.house.services.media.pictures(system(), [found.media])
        thing = thing_of(found, media[0].sha256 if media and media[0] else None)
        assert thing is not None
        return thing

    @staticmethod
    async def thing_of(picture: str) -> Id:
        """Return what a photo of these bytes is."""
        return from_digest(THING, sha256(picture.encode()).digest())

    async def things_of(self, *pictures: str) -> set[Id]:
        """Return what photos are."""
        return {await self.thing_of(picture) for picture in pictures}

    async def things(self, *pins: Id) -> set[Id]:
        """Return what pins hold."""
        return {await self.thing(pin) for pin in pins}

    def edges(self) -> dict[tuple[Id, Id], int]:
        """Return what the graph holds: things on boards, and the day."""
        return edges_of(self.house.engines.walks.reading().graph())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType] - the arrays behind the port

    def topics(self) -> dict[Id, int]:
        """Return the topics of things that the graph knows."""
        return labels_of(self.house.engines.walks.reading().graph())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType] - as above

    async def settle(self) -> None:
        """Let everything be heard of."""
        await self.office.quiesce()

    async def pages(self, ask: Ask) -> list[Idea]:
        """Return all that comes, page by page, having found no thing on two of them."""
        found, mark = list[Idea](), None
        while True:
            page = await ask(mark)
            found += page.items
            if (mark := page.next) is None:
                things = [await self.thing(idea.pin) for idea in found]
                assert len(set(things)) == len(things), "a thing came twice"
                return found

    async def ideas(self, person: Id | None, limit: int = 25) -> list[Idea]:
        """Return all ideas for somebody."""
        return await self.pages(lambda mark: self.recommend.ideas(caller(person), mark, limit))

    async def for_board(self, person: Id | None, board: Id) -> list[Idea]:
        """Return all ideas for a board."""
        return await self.pages(lambda mark: self.recommend.for_board(caller(person), board, mark, 7))

    async def related(self, person: Id | None, pin: Id) -> list[Idea]:
        """Return all that is like a pin."""
        return await self.pages(lambda mark: self.recommend.related(caller(person), pin, mark, 7))

    async def wish(
        self, person: Id, wish: str, *, topic: int = 0, pin: Id | None = None, board: Id | None = None
    ) -> Tuning:
        """Make a wish."""
        new = NewTuning(wish=wish, topic=topic, pin=pin, board=board)  # pyright: ignore[reportArgumentType] - tests wish for nonsense, too
        return await self.recommend.tune(by(person), new)

    async def see(self, person: Id, pin: Id, times: int = 1) -> None:
        """Let somebody be shown a pin, so many times."""
        [sights] = [group for group in self.house.wired.groups if group.name == "sights"]
        assert sights.topic == VIEWS
        assert sights.checkpoint is not None
        for _ in range(times):
            at = self.house.world.now_us()
            view = View(kind="pin_seen", viewer=person, things=(pin,), at=at)
            id_ = self.house.world.new_id(EVENT, 0)
            await sights.handlers["pin_seen"](
                Event(Envelope(id_, "pin_seen", 1, person, 0, at, person, "", person, b""), view)
            )
        await sights.checkpoint([])


def pins_of(found: list[Idea]) -> list[Id]:
    """Return which pins are proposed."""
    return [idea.pin for idea in found]
