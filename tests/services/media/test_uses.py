"""Uses: whatever comes twice, late or in no order, a picture counts those that show it in the end."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.kinds import PIN
from bowerbird.services.media import model
from tests.support.media_house import HOUR_S, SETTINGS, House, a_pin, a_user, on_shard_of, open_house

PICTURES = 3
SHOWN = st.one_of(st.none(), st.integers(0, PICTURES - 1))


class History(Struct, frozen=True):
    """What a pin, or the person, shows version by version (a number of a picture), and how it ends."""

    shown: list[int | None]
    purged: bool = False
    moved: bool = False


class Told(Struct, frozen=True):
    """An event: the version `version` (1 is the first) of a history, or its end."""

    history: int
    version: int
    type: str


PINS = st.builds(History, st.lists(SHOWN, min_size=1, max_size=4), st.booleans(), st.booleans())
PERSON = st.builds(History, st.lists(SHOWN, max_size=3))


def events_of(number: int, history: History, *, is_person: bool) -> list[Told]:
    """Return everything that is told of a history, in order."""
    if is_person:
        return [Told(number, version, "user_changed") for version in range(1, len(history.shown) + 1)]
    found = [Told(number, 1, "pin_saved"), Told(number, 1, "pin_published")]
    found += [Told(number, version, "pin_changed") for version in range(2, len(history.shown) + 1 + history.moved)]
    if history.purged:
        # A purge tells the pin as it was last, under the same version.
        found.append(Told(number, len(history.shown) + history.moved, "pin_purged"))
    return found


def all_events(histories: Sequence[History]) -> list[Told]:
    """Return everything that is told; the first history is the person's."""
    return [
        told for number, history in enumerate(histories) for told in events_of(number, history, is_person=not number)
    ]


def shown_at_the_end(history: History) -> int | None:
    """Return which picture something shows when everything was told of it."""
    gone = history.purged or history.moved or not history.shown
    return None if gone else history.shown[-1]


class Game:
    """A person, their pins and pictures, and events of them in any order."""

    def __init__(self, house: House, person: Id, histories: Sequence[History], pictures: Sequence[Id]) -> None:
        self.house = house
        self.histories = histories
        self.pictures = pictures
        self.ids = [person, *(on_shard_of(house, person) for _ in histories[1:])]

    async def tell(self, told: Told) -> None:
        """Let media hear an event."""
        history, id_ = self.histories[told.history], self.ids[told.history]
        moved = history.moved and told.version > len(history.shown)
        number = history.shown[-1 if moved else told.version - 1]
        media = None if number is None else self.pictures[number]
        if told.type == "user_changed":
            await self.house.hear(told.type, a_user(id_, media, told.version))
        else:
            moved_to = self.house.world.new_id(PIN, 99) if moved else None
            await self.house.hear(told.type, a_pin(id_, media, told.version, moved_to))

    async def check_end(self) -> None:
        """Check that everything is as the model says when all was told."""
        await self.house.check()
        expected = [shown_at_the_end(history) for history in self.histories]
        uses = self.house.uses()
        shown = [uses[id_].media if id_ in uses else None for id_ in self.ids]
        assert shown == [None if number is None else self.pictures[number] for number in expected]
        counts = {picture.id: picture.uses for picture in self.house.pictures()}
        assert counts == {media: expected.count(number) for number, media in enumerate(self.pictures)}

    async def check_rest(self) -> None:
        """Let all that is due be swept, and check that what something shows stays, and nothing else."""
        house, expected = self.house, {shown_at_the_end(history) for history in self.histories}
        house.world.pass_s(SETTINGS.unused_kept_s + 1)
        await house.sweep()
        await house.check()
        left = {media for number, media in enumerate(self.pictures) if number in expected}
        assert {picture.id for picture in house.pictures()} == left
        assert all(picture.unused_at is None for picture in house.pictures())
        assert {use.media for use in house.uses().values()} == left
        assert await house.strays() == set()


@settings(max_examples=80)
@given(person=PERSON, pins=st.lists(PINS, min_size=1, max_size=4), data=st.data())
def test_any_order_ends_as_the_model_says(person: History, pins: list[History], data: st.DataObject) -> None:
    histories = [person, *pins]
    events = all_events(histories)
    again = data.draw(st.lists(st.sampled_from(events), max_size=10))
    order = data.draw(st.permutations([*events, *again]))
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Path(folder), histories, order, data.draw(st.integers(0, 1000))))


async def _play(folder: Path, histories: Sequence[History], order: Sequence[Told], seed: int) -> None:
    chance = Random(seed)
    async with open_house(folder) as house:
        person = await house.person()
        made = [await house.picture(person) for _ in range(PICTURES)]
        game = Game(house, person, histories, [picture.id for picture in made])
        for told in order:
            await game.tell(told)
            if chance.random() < 0.2:
                house.world.pass_s(HOUR_S / 10)
                assert await house.sweep() == 0
            await house.check()
        await game.check_end()
        await game.check_rest()


@settings(max_examples=25)
@given(person=PERSON, pins=st.lists(PINS, min_size=1, max_size=4), data=st.data())
def test_any_order_side_by_side_ends_as_the_model_says(
    person: History, pins: list[History], data: st.DataObject
) -> None:
    histories = [person, *pins]
    events = all_events(histories)
    order = data.draw(st.permutations([*events, *events]))
    with TemporaryDirectory() as folder:
        asyncio.run(_play_together(Path(folder), histories, order, data.draw(st.integers(0, 1000))))


async def _play_together(folder: Path, histories: Sequence[History], order: Sequence[Told], seed: int) -> None:
    async with open_house(folder) as house:
        house.trouble.pause(seed)
        person = await house.person()
        made = [await house.picture(person) for _ in range(PICTURES)]
        game = Game(house, person, histories, [picture.id for picture in made])
        await asyncio.gather(*map(game.tell, order))
        await game.check_end()
        await game.check_rest()


async def test_what_is_shown_stays_and_what_is_not_goes(house: House) -> None:
    ada = await house.person()
    shown, not_shown = await house.picture(ada), await house.picture(ada)
    await house.show(on_shard_of(house, ada), shown.id, 1)
    await house.said()
    house.world.pass_s(SETTINGS.unused_kept_s - 60)
    assert await house.sweep("unused") == 0
    house.world.pass_s(120)
    await house.sweep("unused")
    assert [(row.id, row.uses, row.unused_at) for row in house.pictures()] == [(shown.id, 1, None)]
    [event] = await house.said()
    assert (event.envelope.type, event.envelope.entity) == ("picture_deleted", not_shown.id)
    assert set(await house.all_blobs()) == set(model.rendition_keys(shown))


async def test_what_was_shown_is_kept_from_then_on(house: House) -> None:
    ada = await house.person()
    made, pin = await house.picture(ada), on_shard_of(house, ada)
    await house.show(pin, made.id, 1)
    house.world.pass_s(30 * SETTINGS.unused_kept_s)
    await house.sweep()
    await house.show(pin, None, 2)
    house.world.pass_s(SETTINGS.unused_kept_s - 60)
    await house.sweep()
    assert [row.id for row in house.pictures()] == [made.id]
    house.world.pass_s(120)
    await house.sweep()
    assert house.pictures() == []
    assert await house.all_blobs() == {}


async def test_two_that_show_a_picture_are_two(house: House) -> None:
    ada = await house.person()
    made = await house.picture(ada)
    pins = [on_shard_of(house, ada) for _ in range(2)]
    for pin in pins:
        await house.show(pin, made.id, 1)
    await house.show(pins[0], None, 2)
    house.world.pass_s(SETTINGS.unused_kept_s + 1)
    await house.sweep()
    row = house.picture_row(made.id)
    assert row is not None
    assert row.uses == 1


async def test_a_purged_pin_shows_nothing_though_its_last_version_comes_later(house: House) -> None:
    ada = await house.person()
    made, pin = await house.picture(ada), on_shard_of(house, ada)
    await house.hear("pin_purged", a_pin(pin, made.id, 3))
    for version in (1, 3, 2):
        await house.show(pin, made.id, version)
    assert [row.uses for row in house.pictures()] == [0]


async def test_a_picture_that_is_gone_is_shown_by_nobody(house: House) -> None:
    ada = await house.person()
    gone, made, pin = on_shard_of(house, ada), await house.picture(ada), on_shard_of(house, ada)
    await house.show(pin, gone, 1)
    assert house.uses()[pin].media is None
    await house.show(pin, made.id, 2)
    assert house.uses()[pin].media == made.id
    await house.check()


async def test_news_of_a_version_that_is_known_writes_nothing(house: House) -> None:
    ada = await house.person()
    made, pin = await house.picture(ada), on_shard_of(house, ada)
    await house.show(pin, made.id, 2)
    rows = house.all_rows()
    house.trouble.away = {"records.commit"}
    await house.show(pin, made.id, 2)
    await house.show(pin, None, 1)
    assert house.all_rows() == rows


async def test_what_shows_nothing_is_known_for_a_while(house: House) -> None:
    ada = await house.person()
    made, pin = await house.picture(ada), on_shard_of(house, ada)
    await house.show(pin, made.id, 1)
    await house.show(pin, None, 3)
    house.world.pass_s(SETTINGS.unused_kept_s - 60)
    await house.sweep("unused")
    await house.show(pin, made.id, 2)
    assert house.uses()[pin].media is None
    house.world.pass_s(120)
    await house.sweep("unused")
    assert house.uses() == {}
