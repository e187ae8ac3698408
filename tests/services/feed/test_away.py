"""Who is here is pushed to; who was away sees a right page the moment they come back, and is pushed to again."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from typing_extensions import override

from bowerbird.base.ids import Id
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.timelines import Entry, Placed
from tests.support.feed_pair import Pair
from tests.support.house import by, open_house, settings_with

DAY_S = 86_400
CAP = 5


class Absent:
    """Timelines whose writer can be absent."""

    def __init__(self, engine: Any) -> None:  # noqa: ANN401 - any engine
        self._engine = engine
        self.is_absent = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the engine has
        if self.is_absent and name in {"open", "keep", "add"}:
            raise EngineUnavailable("the writer is absent, as planned")
        return getattr(self._engine, name)


class Scene(Pair):
    """The two, and all that they do handled at once."""

    @override
    async def set(self) -> None:
        await super().set()
        await self.office.settle()

    @override
    async def save(self, count: int = 1) -> None:
        await super().save(count)
        await self.office.settle()

    async def sweep(self) -> None:
        [sweep] = [sweep for sweep in self.house.wired.sweeps if sweep.name == "feed.away"]
        while await sweep.step():
            pass


Engine = TypeVar("Engine")


@asynccontextmanager
async def open_on(folder: Path, kind: Callable[[Any], Engine]) -> AsyncGenerator[tuple[Scene, Engine]]:
    """Open a scene whose timelines are of a kind, made of those that work."""
    made: list[Engine] = []

    def wrap(engine: Any) -> Any:  # noqa: ANN401 - any engine
        if hasattr(engine, "kept_before"):
            made.append(kind(engine))
            return made[0]
        return engine

    async with open_house(folder, wrap=wrap) as house:
        scene = Scene(house)
        await scene.set()
        yield scene, made[0]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    async with open_house(tmp_path, settings_with(feed={"entries_max": CAP})) as house:
        scene = Scene(house)
        await scene.set()
        yield scene


async def test_whoever_never_looked_is_not_pushed_to_and_sees_a_whole_page_at_once(scene: Scene) -> None:
    await scene.save(3)
    assert (await scene.held()).entries == []
    assert await scene.read() == scene.saved
    assert [entry.pin for entry in (await scene.held()).entries] == scene.saved, "filled behind it"
    await scene.save(1)
    assert [entry.pin for entry in (await scene.held()).entries] == scene.saved, "and pushed to from then on"


async def test_a_feed_that_is_filled_knows_that_there_is_more_than_it_keeps(scene: Scene) -> None:
    await scene.save(CAP + 3)
    assert await scene.read() == scene.saved
    held = await scene.held()
    assert [entry.pin for entry in held.entries] == scene.saved[:CAP]
    assert held.floor is not None
    assert await scene.read() == scene.saved


async def test_whoever_is_away_for_a_week_is_pushed_to_no_more_until_they_are_back(scene: Scene) -> None:
    await scene.read()
    scene.house.world.pass_s(6.5 * DAY_S)
    await scene.sweep()
    await scene.save(1)
    assert (await scene.held()).size == 1
    scene.house.world.pass_s(DAY_S)
    await scene.sweep()
    await scene.save(2)
    assert (await scene.held()).kept is None
    assert (await scene.held()).entries == []
    assert await scene.read(1) == scene.saved[:1]
    await scene.save(1)
    assert [entry.pin for entry in (await scene.held()).entries] == scene.saved


async def test_whoever_looks_every_day_is_never_away_and_writes_once_a_day(scene: Scene) -> None:
    await scene.read()
    for _ in range(20):
        first = (await scene.held()).kept
        await scene.read()
        assert (await scene.held()).kept == first, "no write a read"
        scene.house.world.pass_s(DAY_S + 1)
        await scene.read()
        await scene.sweep()
        assert (await scene.held()).kept != first
    await scene.save(1)
    assert (await scene.held()).size == 1


class Meanwhile:
    """Timelines where something happens before a feed is noted to be whole."""

    act: Callable[[], Awaitable[None]] | None = None

    def __init__(self, engine: Any) -> None:  # noqa: ANN401 - any engine
        self._engine = engine

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the engine has
        return getattr(self._engine, name)

    async def keep(self, kind: str, owner: Id, number: int) -> None:
        act, self.act = self.act, None
        if act is not None:
            await act()
        await self._engine.keep(kind, owner, number)


async def test_a_pin_that_is_posted_while_a_feed_is_filled_does_not_come_and_go(tmp_path: Path) -> None:
    async with open_on(tmp_path, Meanwhile) as (scene, timelines):
        await scene.save(2)
        timelines.act = partial(_post_unpushed, scene)
        seen = await scene.read()
        assert len(scene.saved) == 3, "it was posted meanwhile"
        assert await scene.read() == seen
        await scene.office.settle()
        assert await scene.read() == scene.saved


async def _post_unpushed(scene: Scene) -> None:
    """Do the first half of what is done when a pin is published: pulling finds it, and it is pushed to nobody yet."""
    await Pair.save(scene)
    pin = (await scene.house.services.boards.pin(by(scene.reader), scene.saved[0])).pin
    assert pin.published_at is not None
    entry = Entry(pin.published_at, pin.id, pin.board, scene.author)
    await scene.house.engines.timelines.add([Placed("posts", scene.author, entry)], None)


async def test_a_page_comes_while_nothing_can_be_written(tmp_path: Path) -> None:
    async with open_on(tmp_path, Absent) as (scene, timelines):
        await scene.save(3)
        timelines.is_absent = True
        assert await scene.read() == scene.saved
        timelines.is_absent = False
        assert await scene.read() == scene.saved
        assert (await scene.held()).kept is not None
