"""Nothing is missing from a feed while it turns from pulled to pushed, whatever happens before any call meanwhile."""

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import pytest
from typing_extensions import override

from bowerbird.base.ids import Id
from bowerbird.services.feed import read
from tests.support.feed_pair import Pair
from tests.support.house import House, by, open_house, settings_with
from tests.support.interrupting import Interruption, interrupted

CALLS_MAX = 100
FEED = {"push_followers_max": 1, "pull_followers_min": 2, "burst_pins_max": 900}
"""Two followers are too many to be pushed to; one is few enough."""


class Scene(Pair):
    """The two, and another who follows and goes, whereby who saves is pulled and is pushed."""

    def __init__(self, house: House, interruption: Interruption) -> None:
        super().__init__(house)
        self.interruption = interruption

    @override
    async def set(self) -> None:
        await super().set()
        self.other = await self.house.person()
        await self.read()
        await self.pull()
        await self.save()
        await self.office.settle()

    async def pull(self) -> None:
        await self.house.services.graph.follow(by(self.other), self.author)
        await self.office.settle()
        assert (await self.house.engines.timelines.page("pulled", Id(bytes(16)), None, 1)).entries

    async def go(self) -> None:
        await self.house.services.graph.unfollow(by(self.other), self.author)

    async def handle(self) -> None:
        """Handle all that has happened, also while something else is being handled."""
        while await self.office.collect() or self.office.waiting:
            await self.office.deliver(len(self.office.waiting))
            await self.office.finish()

    async def save_and_handle(self) -> None:
        await self.save()
        await self.handle()

    async def kept(self) -> list[Id]:
        """Return the pins that are kept of the reader's home feed."""
        return [one.pin for one in (await self.held()).entries]


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Scene]:
    monkeypatch.setattr(read, "_PATIENCE_S", 600)
    interruption = Interruption()
    chosen = settings_with(feed=FEED)
    async with open_house(tmp_path, chosen, wrap=partial(interrupted, interruption=interruption)) as house:
        scene = Scene(house, interruption)
        await scene.set()
        yield scene


async def test_a_page_that_is_read_while_its_author_turns_holds_their_pins(scene: Scene) -> None:
    async def turn() -> None:
        await scene.go()
        await scene.handle()

    for at in range(CALLS_MAX):
        scene.interruption.arm(at, turn)
        assert await scene.read() == scene.saved
        if not scene.interruption.disarm():
            break
        assert await scene.kept() == scene.saved
        await scene.pull()
        await scene.save()  # one that is not pushed
        await scene.handle()
    else:
        raise AssertionError("a page takes too many calls")


async def test_a_pin_that_is_saved_while_its_author_turns_is_in_the_feed(scene: Scene) -> None:
    for at in range(CALLS_MAX):
        await scene.go()
        await scene.office.collect()
        scene.interruption.arm(at, scene.save_and_handle)
        await scene.handle()
        happened = scene.interruption.disarm()
        await scene.office.settle()
        assert await scene.kept() == await scene.read() == scene.saved
        if not happened:
            break
        await scene.pull()
    else:
        raise AssertionError("an event takes too many calls")


async def test_a_pin_that_is_saved_while_a_feed_is_filled_is_in_it(scene: Scene) -> None:
    await scene.go()
    await scene.house.services.graph.unfollow(by(scene.reader), scene.author)
    await scene.office.settle()
    for at in range(CALLS_MAX):
        scene.reader = await scene.house.person()
        await scene.house.services.graph.follow(by(scene.reader), scene.author)
        await scene.office.settle()
        scene.interruption.arm(at, scene.save_and_handle)
        await scene.read()
        happened = scene.interruption.disarm()
        assert await scene.kept() == await scene.read() == scene.saved
        if not happened:
            break
        await scene.house.services.graph.unfollow(by(scene.reader), scene.author)
        await scene.office.settle()
    else:
        raise AssertionError("a page takes too many calls")
