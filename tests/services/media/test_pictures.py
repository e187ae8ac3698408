"""Pictures: one for the same bytes of one owner, whatever way they come, and never shared between owners."""

import asyncio
import hashlib

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.caller import system
from bowerbird.contracts.problems import NotFound, Refused
from bowerbird.services.media import model
from tests.support.hostile_pictures import encoded, scene
from tests.support.media_house import SETTINGS, House, by, on_shard_of, refused, told
from tests.support.pictures import jpeg

SIZES = {"236": (236, 157), "474": (474, 316), "736": (736, 491), "full": (900, 600)}


async def test_a_picture_comes_in_every_size(house: House) -> None:
    ada = await house.person()
    data = jpeg(1, 900, 600)
    made = await house.media.ingest(system(), ada, data)
    assert (made.sha256, made.width, made.height) == (hashlib.sha256(data).digest(), 900, 600)
    for name, size in SIZES.items():
        served = await house.media.served(by(None), made.id, name)
        assert served == model.served(made, name)
        stored = b"".join([piece async for piece in house.blobs.read(served.key)])
        assert len(stored) == served.length
        assert stored != data
        width, height = size
        assert f'"{name}":[{width},{height},' in made.renditions
    assert set(await house.all_blobs()) == {model.rendition_key(ada, made.id, name) for name in SIZES}


@pytest.mark.parametrize("name", ["", "237", "full/", "../full", "Full"])
async def test_no_other_size_is_served(house: House, name: str) -> None:
    made = await house.picture(await house.person())
    missing = told(await refused(house.media.served(by(None), Id(bytes(16)), "full")))
    assert told(await refused(house.media.served(by(None), made.id, name))) == missing
    assert missing[0] is NotFound


async def test_the_same_bytes_are_one_picture_of_an_owner(house: House) -> None:
    ada, data = await house.person(), house.shot()
    made = await house.picture(ada, data)
    again = await house.media.ingest(system(), ada, data)
    completed = await house.media.complete(by(ada), await house.sent(ada, data))
    assert {made.id, again.id, completed.id} == {row.id for row in house.pictures()}
    assert (await house.types()).count("picture_made") == 1
    assert await house.strays() == set()


async def test_what_looks_the_same_is_not_the_same(house: House) -> None:
    ada = await house.person()
    picture = scene(40, 30)
    made = [await house.picture(ada, encoded(picture, "PNG", compress_level=level)) for level in (1, 9)]
    assert made[0].id != made[1].id


async def test_the_same_bytes_of_two_people_are_two_pictures(house: House) -> None:
    ada, nearby, eve, data = await house.person(), await house.person(), await house.person(shard=9), house.shot()
    made = [await house.picture(person, data) for person in (ada, nearby, eve)]
    assert [picture.owner for picture in made] == [ada, nearby, eve]
    assert len({picture.id for picture in made}) == len({picture.name for picture in made}) == 3
    assert len(await house.all_blobs()) == 3 * len(model.rendition_keys(made[0]))
    await house.check()


@pytest.mark.parametrize("times", [2, 12])
async def test_the_same_bytes_at_the_same_time_are_one_picture(house: House, times: int) -> None:
    ada, data = await house.person(), house.shot()
    made = await asyncio.gather(*(house.media.ingest(system(), ada, data) for _ in range(times)))
    assert {picture.id for picture in made} == {row.id for row in house.pictures()}
    assert len(house.pictures()) == 1
    assert await house.types() == ["picture_made"]
    assert await house.strays() == set()
    await house.check()


async def test_what_is_no_picture_is_refused(house: House) -> None:
    ada = await house.person()
    for data, reason in ((b"", "the file is empty"), (b"<html>", "the file is not a picture")):
        problem = await refused(house.media.ingest(system(), ada, data))
        assert (type(problem), problem.detail) == (Refused, reason)
    assert house.pictures() == []
    assert await house.all_blobs() == {}


async def test_ones_own_picture_is_adopted_as_it_is(house: House) -> None:
    ada = await house.person()
    made = await house.picture(ada)
    rows = len(house.pictures())
    assert (await house.media.adopt(by(ada), made.id, ada)).id == made.id
    assert len(house.pictures()) == rows
    assert await house.types() == ["picture_made"]


@pytest.mark.parametrize("shard", [7, 9])
async def test_anothers_picture_is_adopted_as_a_copy(house: House, shard: int) -> None:
    ada, eve = await house.person(), await house.person(shard=shard)
    made = await house.picture(ada)
    await house.said()
    copied = await house.media.adopt(by(eve), made.id, eve)
    assert (copied.owner, shard_of(copied.id)) == (eve, shard)
    assert copied.name != made.name
    fields = ("sha256", "phash", "width", "height", "color", "thumbhash", "renditions")
    assert [getattr(copied, name) for name in fields] == [getattr(made, name) for name in fields]
    [event] = await house.said()
    assert (event.envelope.type, event.body) == ("picture_made", copied)
    assert (await house.media.adopt(by(eve), made.id, eve)).id == copied.id
    assert (await house.picture(eve, jpeg(house.shots, 48, 32))).id == copied.id
    assert len(house.pictures()) == 2
    await house.check()


async def test_an_adopted_picture_outlives_the_other(house: House) -> None:
    ada, eve = await house.person(), await house.person(shard=9)
    made = await house.picture(ada)
    copied = await house.media.adopt(by(eve), made.id, eve)
    await house.erase(ada)
    assert [row.id for row in house.pictures()] == [copied.id]
    assert set(await house.all_blobs()) == set(model.rendition_keys(copied))
    await house.check()


async def test_a_copy_begins_without_uses(house: House) -> None:
    ada, eve = await house.person(), await house.person(shard=9)
    made = await house.picture(ada)
    await house.show(on_shard_of(house, ada), made.id, 1)
    copied = await house.media.adopt(by(eve), made.id, eve)
    assert copied.uses == 0
    assert copied.unused_at is not None
    await house.check()


@pytest.mark.parametrize("times", [2, 12])
async def test_adopting_at_the_same_time_is_one_copy(house: House, times: int) -> None:
    ada, eve = await house.person(), await house.person(shard=9)
    made = await house.picture(ada)
    copies = await asyncio.gather(*(house.media.adopt(by(eve), made.id, eve) for _ in range(times)))
    assert len({picture.id for picture in copies}) == 1
    assert len(house.pictures()) == 2
    assert await house.strays() == set()
    await house.check()


async def test_what_is_not_there_is_not_adopted(house: House) -> None:
    ada, eve = await house.person(), await house.person(shard=9)
    made = await house.picture(ada)
    house.world.pass_s(SETTINGS.unused_kept_s + 1)
    await house.sweep("unused")
    for missing in (made.id, Id(bytes(16))):
        for owner in (ada, eve):
            assert type(await refused(house.media.adopt(by(owner), missing, owner))) is NotFound
    assert house.pictures() == []
    assert await house.all_blobs() == {}


async def test_a_picture_without_its_bytes_is_not_adopted(house: House) -> None:
    ada, eve = await house.person(), await house.person(shard=9)
    made = await house.picture(ada, jpeg(1, 900, 600))
    await house.blobs.delete(model.rendition_keys(made)[-1:])
    assert type(await refused(house.media.adopt(by(eve), made.id, eve))) is NotFound
    assert [row.id for row in house.pictures()] == [made.id]
    assert await house.strays() == set()


async def test_nothing_is_made_for_somebody_erased(house: House) -> None:
    ada, eve, data = await house.person(), await house.person(), house.shot()
    theirs = await house.picture(eve)
    await house.keys.destroy(ada)
    asked = (
        house.media.ingest(system(), ada, data),
        house.media.adopt(system(), theirs.id, ada),
        house.media.begin(by(ada), "image/png", 1),
    )
    for asking in asked:
        assert type(await refused(asking)) is NotFound
    assert [row.id for row in house.pictures()] == [theirs.id]
    assert house.uploads() == []
    assert await house.strays() == set()


async def test_pictures_come_in_the_order_of_their_ids(house: House) -> None:
    ada, eve = await house.person(), await house.person(shard=9)
    first, second = await house.picture(ada), await house.picture(eve)
    wanted = [second.id, Id(bytes(16)), first.id, second.id]
    assert await house.media.pictures(system(), wanted) == [second, None, first, second]
    assert await house.media.pictures(system(), []) == []


async def test_asking_for_the_same_again_keeps_what_nothing_shows(house: House) -> None:
    ada, data = await house.person(), house.shot()
    made = await house.picture(ada, data)
    asking = (
        lambda: house.picture(ada, data),
        lambda: house.media.adopt(by(ada), made.id, ada),
    )
    for ask in asking:
        house.world.pass_s(SETTINGS.unused_kept_s - 10)
        assert await house.sweep("unused") == 0
        assert replace(await ask(), unused_at=None) == replace(made, unused_at=None)
    house.world.pass_s(SETTINGS.unused_kept_s - 10)
    assert await house.sweep("unused") == 0
    house.world.pass_s(20)
    assert await house.sweep("unused") == 1
    assert house.pictures() == []
