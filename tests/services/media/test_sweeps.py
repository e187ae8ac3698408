"""Sweeping blobs: what no row names goes when it is old, and nothing else does."""

from bowerbird.base.ids import Id, pack, shard_of
from bowerbird.contracts.kinds import MEDIA, UPLOAD
from bowerbird.services.media import model
from bowerbird.services.media.sweep import STRAY_AFTER_S
from tests.support.media_house import SETTINGS, House, by, on_shard_of


async def test_old_blobs_without_a_row_are_swept(house: House) -> None:
    ada = await house.person()
    made, upload = await house.picture(ada), await house.sent(ada, house.shot())
    named = set(await house.all_blobs())
    strays = {
        model.upload_key(on_shard_of(house, ada, UPLOAD)),
        model.rendition_key(ada, on_shard_of(house, ada, MEDIA), "236"),
        model.rendition_key(ada, on_shard_of(house, ada, MEDIA), "full"),
    }
    await _put(house, strays)
    house.world.pass_s(STRAY_AFTER_S - 60)
    await house.sweep_strays()
    assert set(await house.all_blobs()) == named | strays
    house.world.pass_s(120)
    await house.sweep_strays()
    assert set(await house.all_blobs()) == named
    assert [row.id for row in house.pictures()] == [made.id]
    assert [row.id for row in house.uploads()] == [upload]


async def test_what_is_sent_for_an_ended_upload_is_swept(house: House) -> None:
    ada, data = await house.person(), house.shot()
    upload = await house.sent(ada, data)
    made = await house.media.complete(by(ada), upload)
    await _put(house, {model.upload_key(upload)})
    await house.sweep_strays()
    assert model.upload_key(upload) in await house.all_blobs()
    house.world.pass_s(STRAY_AFTER_S + 1)
    await house.sweep_strays()
    assert set(await house.all_blobs()) == set(model.rendition_keys(made))


async def test_what_is_sent_for_a_long_upload_is_not_swept(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    house.world.pass_s(2 * STRAY_AFTER_S)
    await house.sweep_strays()
    assert set(await house.all_blobs()) == {model.upload_key(upload)}


async def test_keys_of_another_kind_are_not_touched(house: House) -> None:
    owner = (await house.person()).hex()
    odd = {
        "uploads/notes",
        f"uploads/x{owner}",
        "pictures/readme",
        f"pictures/{owner}/readme",
        f"pictures/{owner}/x/full",
    }
    await _put(house, odd)
    house.world.pass_s(30 * STRAY_AFTER_S)
    await house.sweep_strays()
    assert set(await house.all_blobs()) == odd


async def test_a_round_reaches_everything_and_begins_anew(house: House) -> None:
    ada, eve = await house.person(), await house.person()
    young = {model.rendition_key(ada, on_shard_of(house, ada, MEDIA), "full") for _ in range(600)}
    late = on_shard_of(house, eve, MEDIA)
    await _put(house, young)
    old = {_old(house, eve, MEDIA): "full", _old(house, eve, MEDIA): "236"}
    await _put(house, {model.rendition_key(eve, media, name) for media, name in old.items()})
    await _put(house, {model.upload_key(_old(house, eve, UPLOAD)), model.rendition_key(eve, late, "full")})
    for _ in range(2):
        await house.sweep_strays()
    assert set(await house.blobs_under("pictures/")) == young | {model.rendition_key(eve, late, "full")}
    assert await house.blobs_under("uploads/") == []
    house.world.pass_s(STRAY_AFTER_S + 1)
    for _ in range(2):
        await house.sweep_strays()
    assert await house.all_blobs() == {}


async def test_a_step_is_bounded(house: House) -> None:
    ada = await house.person()
    await _put(house, {model.rendition_key(ada, on_shard_of(house, ada, MEDIA), "full") for _ in range(700)})
    house.world.pass_s(2 * STRAY_AFTER_S)
    step = house.consumer.sweeps()["strays"]
    assert await step() == 0  # those of uploads
    assert 0 < await step() < 700
    await house.sweep_strays()
    assert await house.all_blobs() == {}


async def test_a_step_of_each_sweep_is_bounded(house: House) -> None:
    people = [await house.person(shard=number) for number in range(55)]
    for person in people:
        for _ in range(2):
            await house.media.begin(by(person), "image/png", 1)
            made = await house.picture(person)
            await house.show(on_shard_of(house, person), made.id, 1)
            await house.show(on_shard_of(house, person), None, 1)
            await house.picture(person)
    house.world.pass_s(SETTINGS.unused_kept_s + 1)
    sweeps = house.consumer.sweeps()
    assert await sweeps["uploads"]() == 100
    assert await sweeps["unused"]() == 200
    assert await house.sweep() == 10 + 2 * 110 + 110 - 200
    assert len(house.pictures()) == 110
    assert len(house.uses()) == 110


async def _put(house: House, keys: set[str]) -> None:
    for key in keys:
        await house.blobs.put(key, b"x", "image/jpeg")


def _old(house: House, owner: Id, kind: int) -> Id:
    """Return an id that was made a day ago."""
    ms = house.world.now_us() // 1000 - 86_400_000
    return pack(ms, shard_of(owner), kind, int.from_bytes(house.world.random_bytes(6), "big"))


async def test_what_was_not_heard_yet_may_show_a_picture(house: House) -> None:
    """A group that is behind, or gave up on an event, keeps all that was kept when that event was appended."""
    ada = await house.person()
    made = await house.picture(ada)
    house.world.pass_s(SETTINGS.unused_kept_s + 3600)
    house.heard.behind_s = SETTINGS.unused_kept_s
    assert await house.sweep("unused") == 0
    assert house.picture_row(made.id) is not None
    house.heard.behind_s = 0
    assert await house.sweep("unused") == 1
    assert house.picture_row(made.id) is None
