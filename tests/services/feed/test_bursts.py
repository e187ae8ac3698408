"""Very much that one person saves to one board at once is one entry, in every feed alike, and hardly costs anything."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from random import Random

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import BoardChange, NewPin
from bowerbird.ports.log import Offset
from bowerbird.ports.timelines import Placed
from tests.support.feed_reader import FeedReader
from tests.support.house import House, by, open_house, settings_with
from tests.support.post_office import PostOffice

MOST = 3
MANY = 60
CAP = 10


class Scene:
    """Somebody who saves very much, somebody who saves little, and who follows both; another was never here."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.office = PostOffice(house, Random(0))
        self.reader = FeedReader(house)
        self.boards: dict[Id, Id] = {}
        self._photos: dict[Id, Id] = {}

    async def set(self) -> None:
        self.heavy, self.light, self.here, self.away = [await self.house.person() for _ in range(4)]
        for person in (self.heavy, self.light):
            board = await self.house.services.boards.create(by(person), "Bread", "", "public")
            self.boards[person] = board.id
            self._photos[person] = await self.house.photo(person)
            for follower in (self.here, self.away):
                await self.house.services.graph.follow(by(follower), person)
        await self.office.settle()
        await self.reader.page(self.here, 1)

    async def save(self, person: Id, count: int) -> list[Id]:
        """Save photos; return them, the newest first."""
        new, boards = NewPin(upload=self._photos[person]), self.house.services.boards
        return [(await boards.save_pin(by(person), self.boards[person], new)).pin.id for _ in range(count)][::-1]

    async def shown(self, person: Id | None = None) -> list[tuple[Id, int]]:
        """Return a feed: its pins, each with how many others it stands for; first that both ways give the same."""
        await self.office.settle()
        pushed, pulled = [await self.reader.whole(one, 100) for one in (self.here, self.away)]
        for page in (1, 2):
            assert await self.reader.whole(self.here, page) == pushed
        assert pushed == pulled
        return pulled if person == self.away else pushed

    async def held(self) -> int:
        """Return how many entries are kept of the feed of who is here."""
        return (await self.house.engines.timelines.page("home", self.here, None, 1)).size


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    feed = {"entries_max": CAP, "burst_pins_max": MOST}
    async with open_house(tmp_path, settings_with(feed=feed)) as house:
        scene = Scene(house)
        await scene.set()
        yield scene


async def test_up_to_so_many_stand_one_by_one_and_more_are_one_entry_with_the_newest(scene: Scene) -> None:
    saved = await scene.save(scene.heavy, MOST)
    assert await scene.shown() == [(pin, 0) for pin in saved]
    for count in range(1, 4):
        saved = await scene.save(scene.heavy, 1) + saved
        assert await scene.shown() == [(saved[0], MOST + count - 1)]


async def test_an_import_moves_nothing_of_others_out_of_a_feed_and_stays_where_it_began(scene: Scene) -> None:
    before = await scene.save(scene.light, 2)
    saved = await scene.save(scene.heavy, MOST + 1)
    await scene.office.settle()
    behind = await scene.save(scene.light, 1)
    saved = await scene.save(scene.heavy, MANY) + saved
    burst = (saved[0], len(saved) - 1)
    assert await scene.shown() == [(behind[0], 0), burst, *[(pin, 0) for pin in before]]
    assert await scene.held() == 4
    assert await scene.shown(scene.away) == await scene.shown()


async def test_what_is_beyond_costs_followers_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.save(scene.heavy, MOST + 1)
    await scene.shown()
    pushed: list[int] = []
    engine = scene.house.engines.timelines
    add = engine.add

    async def counting(
        placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = (), *, only_open: bool = False
    ) -> None:
        pushed.extend(1 for one in placed if one.kind == "home")
        await add(placed, cap, applied, only_open=only_open)

    monkeypatch.setattr(engine, "add", counting)
    await scene.save(scene.heavy, MANY)
    await scene.office.settle()
    assert pushed == []


async def test_two_imports_whose_pins_change_places_come_to_rest(scene: Scene) -> None:
    """Each burst still holds pins of the other when it is arranged, since none of the moves is handled yet."""
    boards, heavy = scene.house.services.boards, by(scene.heavy)
    both = [scene.boards[scene.heavy], (await boards.create(heavy, "Rolls", "", "public")).id]
    saved: list[list[Id]] = [[], []]
    for number in range(4 * MOST):
        scene.boards[scene.heavy] = both[number % 2]
        saved[number % 2] += await scene.save(scene.heavy, 1)
    await scene.shown()
    for pins, board in zip(saved, reversed(both), strict=True):
        await boards.move_pins(heavy, pins[:MOST], board, copy=False)
    assert await scene.shown() == [(pins[-1], 2 * MOST - 1) for pins in reversed(saved)]


@pytest.mark.parametrize("visibility", ["public", "private"])
async def test_what_stood_alone_and_moves_into_a_burst_stands_there_only(scene: Scene, visibility: str) -> None:
    """It turns nothing, since it comes behind the first that was too many; whoever is here sees both boards."""
    boards, heavy = scene.house.services.boards, by(scene.heavy)
    many = await scene.save(scene.heavy, MOST + 2)
    burst = scene.boards[scene.heavy]
    scene.boards[scene.heavy] = (await boards.create(heavy, "Rolls", "", "public")).id
    for guest in (scene.here, scene.away):
        await boards.share(heavy, burst, guest, "viewer")
    await boards.change(heavy, burst, BoardChange(visibility=visibility))
    alone = await scene.save(scene.heavy, 2)
    assert await scene.shown() == [*((pin, 0) for pin in alone), (many[0], MOST + 1)]
    await boards.move_pins(heavy, alone[1:], burst, copy=False)
    assert await scene.shown() == [(alone[0], 0), (alone[1], MOST + 2)]


async def test_when_enough_is_deleted_the_rest_stand_one_by_one_again(scene: Scene) -> None:
    saved = await scene.save(scene.heavy, MOST + 2)
    assert await scene.shown() == [(saved[0], MOST + 1)]
    for gone in (saved[0], saved[-1]):
        await scene.house.services.boards.delete_pin(by(scene.heavy), gone)
    rest = [(pin, 0) for pin in saved[1:-1]]
    assert await scene.shown() == rest
    await scene.house.services.boards.restore_pin(by(scene.heavy), saved[-1])
    assert await scene.shown() == [(saved[1], MOST)]


async def test_when_its_oldest_are_deleted_an_entry_stands_where_the_rest_become_too_many(scene: Scene) -> None:
    first = await scene.save(scene.heavy, MOST + 1)
    between = await scene.save(scene.light, 1)
    last = await scene.save(scene.heavy, 2)
    assert await scene.shown() == [(between[0], 0), (last[0], MOST + 2)]
    await scene.house.services.boards.delete_pin(by(scene.heavy), first[-1])
    assert await scene.shown() == [(last[0], MOST + 1), (between[0], 0)]


async def test_what_is_saved_an_hour_later_is_another_burst(scene: Scene) -> None:
    first = await scene.save(scene.heavy, MOST + 1)
    await scene.office.settle()
    scene.house.world.pass_s(3_600)
    second = await scene.save(scene.heavy, MOST + 2)
    assert await scene.shown() == [(second[0], MOST + 1), (first[0], MOST)]


async def test_a_burst_of_a_private_board_is_nobodys(scene: Scene) -> None:
    """Not even its number."""
    await scene.save(scene.heavy, MOST + 1)
    await scene.shown()
    board = scene.boards[scene.heavy]
    await scene.house.services.boards.change(by(scene.heavy), board, BoardChange(visibility="private"))
    assert await scene.reader.whole(scene.here, 100) == [], "before any event was handled"
    assert await scene.shown() == []
    await scene.house.services.boards.change(by(scene.heavy), board, BoardChange(visibility="public"))
    assert [more for _, more in await scene.shown()] == [MOST]
