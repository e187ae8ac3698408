"""Whatever people do, and however late, often and mixed up its events arrive: graph and saves are what the records say.

The group may die at any call of an engine. What it had noted is lost then, and told again from where it had committed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from bowerbird.base.ids import Id, kind_of
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import system
from bowerbird.contracts.events import Event
from bowerbird.contracts.problems import Unavailable
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.tastes import Save
from bowerbird.runtime.consumers import Group, Handler
from bowerbird.services.boards.store import BOARD, PIN
from bowerbird.services.recommend.consumer import Consumer
from bowerbird.services.recommend.topics import UNKNOWN, topic_of
from bowerbird.services.recommend.update import SEEN_MAX
from tests.services.recommend.circle import Circle
from tests.support.feed_game import STEPS, Game, Step
from tests.support.house import House, open_house

DAY_US: Final = 86_400_000_000
SERVED: Final = {"boards", "details", "media", "vision", "recommend"}
NOT_HERE: Final = {"follow", "unfollow", "block", "unblock", "stay_away"}
MINE: Final = ("hear",) * 10 + ("commit",) * 3 + ("die",) * 4 + ("night",)
PLAY = st.lists(
    st.tuples(st.sampled_from([*(step for step in STEPS if step not in NOT_HERE), *MINE]), *[st.integers(0, 11)] * 3),
    min_size=10,
    max_size=60,
)
WRITES: Final = {"change", "put", "publish", "forget"}


class Fate:
    """After how many more writes both engines are gone; None: never."""

    def __init__(self) -> None:
        self.left: int | None = None

    def wrap(self, engine: Any) -> Any:  # noqa: ANN401 - any engine
        """Return the engine, as mortal as this if it is one of the two."""
        return _Mortal(engine, self) if {"walk", "saw"} & set(dir(engine)) else engine


class _Mortal:
    def __init__(self, engine: object, fate: Fate) -> None:
        self._engine = engine
        self._fate = fate

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the engine has
        if name in WRITES and self._fate.left is not None:
            self._fate.left -= 1
            if self._fate.left < 0:
                raise EngineUnavailable("gone")
        return getattr(self._engine, name)


class Crowd(Game):
    """A town whose pictures are of dogs, some of them, and its group that may die."""

    def __init__(self, house: House, chance: Random, fate: Fate) -> None:
        self._consumer = Consumer(house.services.recommend_kit)
        others = [group for group in house.wired.groups if group.name != "recommend"]
        house.wired.groups[:] = [*others, Group(name="recommend", handlers=self._handlers(), checkpoint=self._write)]
        super().__init__(house, chance, SERVED)
        self.circle = Circle(house)
        self._fate = fate
        self._committed = 0

    def _handlers(self) -> dict[str, Handler]:
        """Return handlers that hand events to whoever lives."""

        async def handle(event: Event[Any]) -> None:
            await self._consumer.handlers()[event.envelope.type](event)

        return dict.fromkeys(self._consumer.handlers(), handle)

    async def _write(self, offsets: list[Offset]) -> None:
        await self._consumer.checkpoint(offsets)

    @override
    async def move_in(self) -> Id:
        person = await super().move_in()
        kind = (b"dog/", b"cat/", b"")[len(self.town.people) % 3]
        self._uploads[person] = await self.house.photo(person, kind + person)
        return person

    @override
    async def check_nothing_forbidden(self, late: set[Id] | None = None) -> None:
        """Feeds are looked at elsewhere."""

    async def night(self, _person: Id, first: int, _second: int) -> None:
        """Let days pass."""
        self.house.world.pass_s(first * 86_400)

    async def hear(self, _person: Id, _first: int, _second: int) -> None:
        """Let the group hear of everything, and write it."""
        await self.office.settle("recommend")
        self._committed = len(self.office.delivered)

    async def commit(self, _person: Id, _first: int, _second: int) -> None:
        """Let the group write what it noted."""
        await self.office.finish()
        await self._write([])
        self._committed = len(self.office.delivered)

    async def die(self, _person: Id, first: int, _second: int) -> None:
        """Let the group die while it writes, and another take up its work."""
        await self.office.finish()
        self._fate.left = first
        with suppress(Unavailable):
            await self._write([])
        self._fate.left = None
        self._consumer = Consumer(self.house.services.recommend_kit)
        again = [letter for letter in self.office.delivered[self._committed :] if letter.group == "recommend"]
        self.office.waiting += again

    def ids(self, kind: int) -> list[Id]:
        """Return all things of a kind that events told of."""
        return sorted({one.envelope.entity for one in self.office.delivered if kind_of(one.envelope.entity) == kind})

    async def check(self) -> None:
        """Find that what is held is what the records say."""
        pins = self.ids(kinds.PIN)
        saves = await self._saves(pins)
        held = [await self.house.engines.tastes.saves(pins[at : at + 500]) for at in range(0, len(pins), 500)]
        assert {save.pin: save for some in held for save in some if save is not None} == saves
        assert self.circle.edges() == _edges(saves.values())
        assert self.circle.topics() == await self._topics(saves.values())

    async def forget(self) -> None:
        """Empty both engines."""
        await self.house.engines.walks.clear()
        pins = self.ids(kinds.PIN)
        for at in range(0, len(pins), 500):
            await self.house.engines.tastes.put([], pins[at : at + 500])
        assert self.circle.edges() == {}

    async def _saves(self, pins: Sequence[Id]) -> dict[Id, Save]:
        """Return the saves that the records tell of."""
        records, found = self.house.engines.records, dict[Id, Save]()
        rows = [pin for pin in await records.get(PIN, [(id_,) for id_ in pins]) if pin is not None and not pin.trashed]
        boards = await records.get(BOARD, [(pin.board,) for pin in rows])
        for pin, board in zip(rows, boards, strict=True):
            if board is not None and not board.trashed:
                thing = await self.circle.thing(pin.id)
                saver = pin.saved_by if pin.saved_by in self.town.people else None
                public = board.visibility == "public"
                found[pin.id] = Save(pin.id, thing, saver, board.id, pin.created_at, public)
        return found

    async def _topics(self, saves: Iterable[Save]) -> dict[Id, int]:
        """Return what things are about that everybody may see."""
        holders: defaultdict[Id, list[Save]] = defaultdict(list)
        for save in sorted(saves, key=lambda one: (one.at, one.pin), reverse=True):
            if save.public:
                holders[save.thing].append(save)
        found: dict[Id, int] = {}
        for thing, held in holders.items():
            labels = await self.house.services.vision.labels(system(), [save.pin for save in held[:SEEN_MAX]])
            topics = [topic for seen in labels if (topic := topic_of(seen)) != UNKNOWN]
            found |= {thing: topics[0]} if topics else {}
        return found


def _edges(saves: Iterable[Save]) -> dict[tuple[Id, Id], int]:
    found: dict[tuple[Id, Id], int] = {}
    for save in saves:
        if save.public:
            place = (save.thing, save.board)
            found[place] = max(found.get(place, 0), save.at // DAY_US)
    return found


@settings(max_examples=60)
@given(steps=PLAY, seed=st.integers(0, 1 << 30))
def test_what_is_held_is_what_the_records_say(steps: list[Step], seed: int) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Path(folder), steps, seed))


async def _play(folder: Path, steps: list[Step], seed: int) -> None:
    fate, chance = Fate(), Random(seed)
    async with open_house(folder, wrap=fate.wrap, seed=seed) as house:
        crowd = Crowd(house, chance, fate)
        await crowd.open(4, 2)
        for step in steps:
            await crowd.step(step)
        await crowd.office.quiesce()
        await crowd.check()
        await crowd.forget()
        await crowd.office.again("recommend")
        await crowd.check()
        await crowd.office.finish()
