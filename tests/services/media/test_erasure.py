"""With an account goes all that it had, in every state, and nothing that is heard late brings any of it back."""

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.kinds import MEDIA, UPLOAD
from bowerbird.contracts.media import Picture
from bowerbird.contracts.problems import NotFound
from bowerbird.services.media import model
from bowerbird.services.media.sweep import STRAY_AFTER_S
from tests.support.media_house import SETTINGS, House, a_user, by, on_shard_of, open_house, refused


@dataclass
class Belongings:
    """What somebody has: something in every state."""

    person: Id
    begun: Id
    shown: Picture
    face: Picture
    pins: list[Id]


async def belongings(house: House, person: Id, friend: Id) -> Belongings:
    """Give somebody something in every state."""
    shown, face, was_shown = [await house.picture(person) for _ in range(3)]
    adopted = await house.media.adopt(by(person), (await house.picture(friend)).id, person)
    pins = [on_shard_of(house, person) for _ in range(4)]
    for pin, media in zip(pins, (shown, shown, was_shown, adopted), strict=True):
        await house.show(pin, media.id, 1)
    await house.show(pins[2], None, 2)
    await house.hear("user_changed", a_user(person, face.id, 2))
    await house.media.complete(by(person), await house.sent(person, house.shot()))
    await refused(house.media.complete(by(person), await house.sent(person, b"no picture")))
    await house.sent(person, house.shot())
    target = await house.media.begin(by(person), "image/png", 10)
    stray = model.rendition_key(person, on_shard_of(house, person, MEDIA), "full")
    await house.blobs.put(stray, b"x", "image/jpeg")
    return Belongings(person, target.id, shown, face, pins)


async def test_everything_goes_and_others_keep_theirs(house: House) -> None:
    ada, eve, friend = await house.person(), await house.person(), await house.person(shard=9)
    await belongings(house, eve, friend)
    before = (house.uploads(), house.pictures(), house.uses(), set(await house.all_blobs()))
    adas = await belongings(house, ada, friend)
    kept = {row.id for row in before[1]} | {row.id for row in house.pictures() if row.owner == friend}
    assert {upload.state for upload in house.uploads() if upload.owner == ada} == {"begun", "done", "refused"}
    await house.said()

    await house.erase(ada)
    assert await house.types() == []
    assert house.uploads() == before[0]
    assert {row.id for row in house.pictures()} == kept
    assert {user: use for user, use in house.uses().items() if use.media is not None} == {
        user: use for user, use in before[2].items() if use.media is not None
    }
    assert not any(ada.hex() in key for key in await house.all_blobs())
    assert before[3] <= set(await house.all_blobs())
    assert type(await refused(house.media.complete(by(ada), adas.begun))) is NotFound
    await house.check()


async def test_erasing_again_changes_nothing(house: House) -> None:
    ada, friend = await house.person(), await house.person(shard=9)
    await belongings(house, ada, friend)
    await house.erase(ada)
    rows, blobs = house.all_rows(), await house.all_blobs()
    await house.erase(ada)
    assert (house.all_rows(), await house.all_blobs()) == (rows, blobs)


async def test_late_news_brings_nothing_back(house: House) -> None:
    ada, friend = await house.person(), await house.person(shard=9)
    adas = await belongings(house, ada, friend)
    await house.erase(ada)
    kept = {row.id for row in house.pictures()}
    for pin in (*adas.pins, on_shard_of(house, ada)):
        for type_ in ("pin_saved", "pin_changed", "pin_published"):
            for version in (5, 1, 7):
                await house.show(pin, adas.shown.id, version, type_)
    await house.hear("user_changed", a_user(ada, adas.face.id, 9))
    await house.hear("user_changed", a_user(ada, adas.shown.id, 1))
    assert {row.id for row in house.pictures()} == kept
    assert {use.media for use in house.uses().values()} == {None}
    assert not any(ada.hex() in key for key in await house.all_blobs())

    house.world.pass_s(SETTINGS.unused_kept_s + 1)
    await house.sweep()
    assert house.uses() == {}
    assert house.uploads() == []


async def test_what_is_sent_after_the_erasure_is_swept(house: House) -> None:
    ada, friend = await house.person(), await house.person(shard=9)
    adas = await belongings(house, ada, friend)
    await house.erase(ada)
    late = {
        model.upload_key(adas.begun),
        model.upload_key(on_shard_of(house, ada, UPLOAD)),
        model.rendition_key(ada, adas.shown.id, "full"),
    }
    for key in late:
        await house.blobs.put(key, b"x", "image/jpeg")
    house.world.pass_s(STRAY_AFTER_S + 1)
    await house.sweep_strays()
    assert await house.strays() == set()
    assert not late & set(await house.all_blobs())


async def test_much_goes_too(tmp_path: Path) -> None:
    async with open_house(tmp_path, replace(SETTINGS, uploads_begun_max=400)) as house:
        ada = await house.person()
        shown = await house.picture(ada)
        for _ in range(205):
            await house.sent(ada, b"x")
            await house.show(on_shard_of(house, ada), shown.id, 1)
        for _ in range(105):
            await house.picture(ada)
        await house.erase(ada)
        assert (house.uploads(), house.pictures(), house.uses()) == ([], [], {})
        assert await house.all_blobs() == {}
