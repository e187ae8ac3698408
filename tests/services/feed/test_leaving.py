"""What is left in timelines when an account is deleted: nothing that leads to what is no more."""

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from random import Random

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import NewPin
from bowerbird.contracts.feed import Candidate
from bowerbird.services.feed.settings import FeedSettings
from bowerbird.services.feed.store import POSTS, Store
from tests.support.house import PASSWORD, House, by, open_house
from tests.support.interrupting import Interruption, interrupted
from tests.support.post_office import PostOffice


@pytest.fixture
async def house(tmp_path: Path, present: None) -> AsyncGenerator[House]:
    del present
    async with open_house(tmp_path) as opened:
        yield opened


async def _pins(house: House, kind: str, owner: Id) -> list[Id]:
    return [entry.pin for entry in (await house.engines.timelines.page(kind, owner, None, 100)).entries]


async def test_pins_of_others_on_the_boards_of_whoever_leaves_go_from_every_timeline(house: House) -> None:
    owner, editor, follower, guest = [await house.person() for _ in range(4)]
    office, services = PostOffice(house, Random(0)), house.services
    boards = [(await services.boards.create(by(owner), "Bread", "", "public")).id for _ in range(2)]
    kept = (await services.boards.create(by(editor), "Bread", "", "public")).id
    await services.graph.follow(by(follower), editor)
    for board in boards:
        await services.boards.share(by(owner), board, editor, "editor")
        await services.boards.share(by(owner), board, guest, "viewer")
    photo = await house.photo(editor)
    pins = [(await services.boards.save_pin(by(editor), board, NewPin(upload=photo))).pin.id for board in boards]
    stays = (await services.boards.save_pin(by(editor), kept, NewPin(upload=photo))).pin.id
    for reader in (follower, guest):
        await services.feed.home(by(reader), None, 25)
    await office.quiesce()
    assert set(await _pins(house, "home", follower)) == {*pins, stays}
    assert set(await _pins(house, "home", guest)) == set(pins)
    await services.boards.delete(by(owner), boards[1])
    await services.identity.delete_account(by(owner), PASSWORD)
    await office.quiesce()
    house.world.pass_s(3600)
    await office.quiesce()
    assert await _pins(house, "posts", editor) == [stays]
    assert await _pins(house, "home", follower) == [stays]
    assert await _pins(house, "home", guest) == []
    for board in boards:
        assert await _pins(house, "board", board) == []
        assert await _pins(house, "face", board) == []


async def test_posts_show_no_more_than_pins_at_any_moment_while_they_are_closed(tmp_path: Path, present: None) -> None:
    del present
    interruption, shown = Interruption(), list[list[Candidate]]()
    async with open_house(tmp_path, wrap=partial(interrupted, interruption=interruption)) as house:
        person, store = await house.person(), Store(house.engines.timelines, house.world, FeedSettings())

        async def look() -> None:
            shown.append(await store.merged(POSTS, [person], None, 25))
            shown.append(await store.page(POSTS, person, None, 25))

        at = 0
        while True:
            interruption.arm(at, look)
            await store.close(POSTS, person)
            if not interruption.disarm():
                break
            at += 1
    assert len(shown) == 2 * 3
    assert not any(shown)
