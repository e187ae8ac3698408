"""Pictures as eyes are given them: those that are kept, and uploads that are looked at once."""

import io

import pytest
from PIL import Image

from bowerbird.base.ids import Id
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import READ, Caller
from bowerbird.contracts.problems import Forbidden, NotFound, Problem, Refused, Unauthenticated, Unavailable
from bowerbird.services.media import model
from tests.support.hostile_pictures import encoded, scene
from tests.support.media_house import SETTINGS, House, by, on_shard_of, refused, told

LOOKED_AT = "this upload was looked at, and not kept"


def size(data: bytes) -> tuple[str | None, tuple[int, int]]:
    """Return what kind of picture bytes are, and its size."""
    with Image.open(io.BytesIO(data)) as image:
        return image.format, image.size


@pytest.mark.parametrize(("width", "shown"), [(1000, 736), (736, 736), (500, 500), (40, 40)])
async def test_a_picture_is_shown_in_its_widest_size_but_for_the_original(house: House, width: int, shown: int) -> None:
    ada = await house.person()
    picture = await house.picture(ada, encoded(scene(width, 40), "PNG"))
    kind, (wide, _) = size(await house.media.shown(by(None), picture.id))
    assert (kind, wide) == ("WEBP", shown)


async def test_what_is_not_there_is_not_shown(house: House) -> None:
    ada = await house.person()
    nowhere = on_shard_of(house, ada, kinds.MEDIA)
    assert type(await refused(house.media.shown(by(ada), nowhere))) is NotFound


async def test_a_picture_without_its_bytes_is_not_shown(house: House) -> None:
    ada = await house.person()
    picture = await house.picture(ada)
    await house.blobs.delete(model.rendition_keys(picture))
    assert type(await refused(house.media.shown(by(ada), picture.id))) is NotFound


@pytest.mark.parametrize("gone", ["records", "blobs"])
async def test_an_engine_that_is_away_shows_nothing_for_now(house: House, gone: str) -> None:
    ada = await house.person()
    picture = await house.picture(ada)
    house.trouble.away.add(gone)
    assert type(await refused(house.media.shown(by(ada), picture.id))) is Unavailable


async def test_a_glance_is_of_what_would_be_shown_and_leaves_nothing(house: House) -> None:
    ada, data = await house.person(), encoded(scene(900, 60), "PNG")
    upload = await house.sent(ada, data)
    seen = await house.media.glance(by(ada), upload)
    assert await house.all_blobs() == {}
    assert house.pictures() == []
    assert [(row.state, row.media, row.reason) for row in house.uploads()] == [("refused", None, LOOKED_AT)]
    assert await house.types() == ["upload_begun", "upload_ended"]
    assert seen == await house.media.shown(by(ada), (await house.picture(ada, data)).id)


async def test_what_was_looked_at_is_not_looked_at_or_completed_again(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    await house.media.glance(by(ada), upload)
    for ask in (house.media.glance, house.media.complete, house.media.uploaded):
        assert told(await refused(ask(by(ada), upload))) == (Refused, LOOKED_AT, "upload_id", 0)


async def test_a_completed_upload_keeps_its_picture(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    picture = await house.media.complete(by(ada), upload)
    assert type(await refused(house.media.glance(by(ada), upload))) is Refused
    assert (await house.media.uploaded(by(ada), upload)).id == picture.id
    assert house.picture_row(picture.id) is not None


@pytest.mark.parametrize(
    ("data", "more", "reason"),
    [
        (b"no picture at all", 0, "the file is not a picture"),
        (encoded(scene(64, 64), "JPEG")[:-900], 0, "the picture is cut off or damaged"),
        (encoded(scene(64, 64), "JPEG"), 1, "the bytes of this upload are not as many as announced"),
        (encoded(scene(64, 64), "JPEG"), -1, "the bytes of this upload are not as many as announced"),
    ],
)
async def test_nothing_is_kept_of_what_is_refused_either(house: House, data: bytes, more: int, reason: str) -> None:
    ada = await house.person()
    upload = await house.sent(ada, data, announced=len(data) + more)
    for _ in range(2):
        assert told(await refused(house.media.glance(by(ada), upload))) == (Refused, reason, "upload_id", 0)
    assert (await house.all_blobs(), house.pictures()) == ({}, [])


async def test_a_glance_that_comes_too_late_is_refused(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    house.world.pass_s(SETTINGS.upload_ttl_s)
    problem = await refused(house.media.glance(by(ada), upload))
    assert told(problem) == (Refused, "the upload was not completed in time", "upload_id", 0)
    assert await house.all_blobs() == {}


async def test_what_has_not_arrived_can_still_be_looked_at(house: House) -> None:
    ada, data = await house.person(), house.shot()
    target = await house.media.begin(by(ada), "image/jpeg", len(data))
    assert type(await refused(house.media.glance(by(ada), target.id))) is Refused
    await house.blobs.put(model.upload_key(target.id), data, "image/jpeg")
    assert size(await house.media.glance(by(ada), target.id))[1] == (48, 32)


async def test_busy_hands_leave_an_upload_to_be_looked_at_later(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    house.trouble.away.add("pictures")
    assert type(await refused(house.media.glance(by(ada), upload))) is Unavailable
    house.trouble.away.clear()
    assert await house.media.glance(by(ada), upload)


@pytest.mark.parametrize(
    ("scopes", "problem"), [(READ, Forbidden), (None, Unauthenticated)], ids=["without writing", "nobody"]
)
async def test_only_who_may_write_looks(house: House, scopes: int | None, problem: type[Problem]) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    caller = by(None) if scopes is None else Caller(person=ada, scopes=scopes)
    assert type(await refused(house.media.glance(caller, upload))) is problem


async def test_others_uploads_are_as_if_there_were_none(house: House) -> None:
    ada, bob = [await house.person() for _ in range(2)]
    theirs, none = await house.sent(ada, house.shot()), Id(on_shard_of(house, bob, kinds.UPLOAD))
    problems = [told(await refused(house.media.glance(by(bob), upload))) for upload in (theirs, none)]
    assert problems[0] == problems[1]
    assert problems[0][0] is NotFound
    assert await house.media.glance(by(ada), theirs)
