"""Pages that are remembered: whatever happens, they are those that would be made anew, and they stay within bounds."""

from collections.abc import AsyncGenerator
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from bowerbird.base import ground
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import NOBODY, READ, Caller
from bowerbird.edge.api.inputs import PageQuery
from bowerbird.edge.api.pages import Page, Pages, key_of
from bowerbird.edge.http.route import Reply, Request
from tests.support.feed_game import STEPS, Game
from tests.support.feed_reader import FeedReader
from tests.support.house import House, open_house

PEOPLE = 4
ROUNDS = 120


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def test_a_town_sees_the_same_with_memory_and_without(house: House) -> None:
    """Everybody's feed and all boards, before and after everything that people do and every event that is handled."""
    chance = Random(4)
    game = Game(house, chance)
    await game.open(PEOPLE, 2)
    kept, fresh = FeedReader(house), FeedReader(house, pages_bytes_max=0)
    for _ in range(ROUNDS):
        await game.step((chance.choice(STEPS), chance.randint(0, 9), chance.randint(0, 11), chance.randint(0, 11)))
        for viewer in game.town.people:
            limit = chance.choice((3, 30))
            assert await kept.feed(viewer, limit) == await fresh.feed(viewer, limit)
            for board in game.town.boards:
                assert await kept.board(viewer, board, limit) == await fresh.board(viewer, board, limit)


class Fact:
    """Something that is so until it is not."""

    def __init__(self) -> None:
        self.true = True

    def holds(self) -> bool:
        return self.true


class Maker:
    """Makes numbered pages that rest on a fact."""

    def __init__(self, fact: Fact, size: int = 10) -> None:
        self.fact = fact
        self.size = size
        self.made = 0

    async def __call__(self) -> Page:
        under = ground.collected()
        assert under is not None
        under.support(self, lambda: self.fact)
        self.made += 1
        return Page(Reply(b"%d" % self.made * self.size), ())


async def test_a_page_is_made_once_while_what_it_rests_on_holds() -> None:
    pages, make = Pages(1 << 20), Maker(Fact())
    first = await pages.of(("a",), make)
    assert await pages.of(("a",), make) is first
    await pages.of(("b",), make)
    assert make.made == 2
    make.fact.true = False
    assert await pages.of(("a",), make) is not first


async def test_a_page_whose_ground_fell_while_it_was_made_is_not_remembered() -> None:
    pages, make = Pages(1 << 20), Maker(Fact())
    make.fact.true = False
    await pages.of(("a",), make)
    make.fact.true = True
    await pages.of(("a",), make)
    assert make.made == 2


async def test_a_page_that_rests_on_nothing_known_is_made_each_time() -> None:
    pages, made = Pages(1 << 20), 0

    async def make() -> Page:
        nonlocal made
        made += 1
        return Page(Reply(b""), ())

    for _ in range(3):
        await pages.of(("a",), make)
    assert made == 3


async def test_a_page_of_which_a_part_cannot_be_told_is_made_each_time() -> None:
    pages, make = Pages(1 << 20), Maker(Fact())

    async def making() -> Page:
        ground.unsupported()
        return await make()

    await pages.of(("a",), making)
    await pages.of(("a",), making)
    assert make.made == 2


async def test_pages_take_no_more_than_they_may_and_the_least_used_leave() -> None:
    pages, make = Pages(1_000_000), Maker(Fact(), size=100_000)
    for number in range(30):
        await pages.of((number,), make)
        await pages.of((0,), make)
    assert make.made == 30
    await pages.of((29,), make)
    assert make.made == 30
    await pages.of((5,), make)
    assert make.made == 31


async def test_what_begins_inside_and_goes_on_after_adds_nothing_to_a_ground_that_was_collected() -> None:
    with ground.collecting() as collected:
        inside = ground.collected
        assert inside() is collected
    assert inside() is None
    assert not collected.holds()


def test_all_that_was_asked_is_in_the_key() -> None:
    one = Request[None, PageQuery](
        caller=Caller(person=Id(bytes(16)), scopes=READ),
        path="/v1/feed",
        places={},
        query=PageQuery(),
        body=None,
        address="",
        client="",
        version=None,
    )
    others = [
        (replace(one, path="/v1/boards/x/pins"), 1),
        (replace(one, caller=Caller(person=Id(bytes(15) + b"1"), scopes=READ)), 1),
        (replace(one, caller=Caller(person=Id(bytes(16)), scopes=READ | 2)), 1),
        (replace(one, caller=NOBODY), 1),
        (replace(one, query=PageQuery(limit=7)), 1),
        (replace(one, query=PageQuery(cursor="x")), 1),
        (one, 2),
    ]
    assert len({key_of(one, 1), *(key_of(*other) for other in others)}) == 1 + len(others)
