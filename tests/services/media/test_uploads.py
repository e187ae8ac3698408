"""Uploads: begun, sent, completed, refused or too late, and each outcome known for a while."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.endpoint import BlobEndpoint
from bowerbird.adapters.files.signing import Signer
from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.caller import READ, Caller
from bowerbird.contracts.problems import (
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Refused,
    Throttled,
    Unauthenticated,
    Unavailable,
)
from bowerbird.services.media import model
from tests.support.asgi_server import answering, client
from tests.support.hostile_pictures import encoded, png_bomb, scene
from tests.support.house import MASTER
from tests.support.media_house import HOUR_S, SETTINGS, House, by, open_house, refused, told
from tests.support.placement import unsent
from tests.support.records_subject import Inline

LATE = "the upload was not completed in time"


async def test_a_photo_goes_its_way(house: House) -> None:
    ada, data = await house.person(), house.shot()
    target = await house.media.begin(by(ada), "image/jpeg", len(data))
    [begun] = house.uploads()
    assert (begun.owner, begun.id, begun.state, begun.length) == (ada, target.id, "begun", len(data))
    assert shard_of(target.id) == shard_of(ada)
    await house.blobs.put(model.upload_key(target.id), data, "image/jpeg")

    picture = await house.media.complete(by(ada), target.id)
    assert (picture.owner, picture.width, picture.height) == (ada, 48, 32)
    [done] = house.uploads()
    assert (done.state, done.media, done.version) == ("done", picture.id, begun.version + 1)
    events = await house.said()
    assert [event.envelope.type for event in events] == ["upload_begun", "picture_made", "upload_ended"]
    assert [event.body for event in events] == [begun, picture, done]
    assert all(event.envelope.actor == ada for event in events)
    assert await house.strays() == set()
    assert set(await house.all_blobs()) == set(model.rendition_keys(picture))
    await house.check()


async def test_the_bytes_go_to_the_signed_address(house: House, tmp_path: Path) -> None:
    ada, data = await house.person(), house.shot()
    served: list[FileBlobs] = []

    def make(base_url: str) -> BlobEndpoint:
        signer = Signer(f"{base_url}/blobs", [MASTER], house.world)
        served.append(FileBlobs.open(tmp_path / "blobs", signer, house.world, Inline()))
        return BlobEndpoint(served[-1])

    async with answering(make) as base_url, client(base_url) as http:
        target = await house.media.begin(by(ada), "image/jpeg", len(data))
        address = target.url.replace("http://localhost", base_url)
        cut = await http.request(target.method, address, content=data[:-1], headers=target.headers)
        assert 400 <= cut.status_code < 500
        sent = await http.request(target.method, address, content=data, headers=target.headers)
        assert sent.status_code == 201
    assert (await house.media.complete(by(ada), target.id)).owner == ada


async def test_completing_again_is_the_same_answer(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    picture = await house.media.complete(by(ada), upload)
    await house.said()
    before = house.uploads()
    house.trouble.away = {"blobs", "pictures"}
    for again in (house.media.complete, house.media.uploaded, house.media.complete):
        assert (await again(by(ada), upload)).id == picture.id
    assert house.uploads() == before
    assert await house.types() == []


@pytest.mark.parametrize("times", [2, 12])
async def test_completing_at_the_same_time_is_one_picture(house: House, times: int) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    answers = await asyncio.gather(*(house.media.complete(by(ada), upload) for _ in range(times)))
    assert len({picture.id for picture in answers}) == len(house.pictures()) == 1
    assert sorted(await house.types()) == ["picture_made", "upload_begun", "upload_ended"]
    assert await house.strays() == set()
    await house.check()


@pytest.mark.parametrize("more", [-100_000, -1, 1])
async def test_a_wrong_length_is_refused_for_good(house: House, more: int) -> None:
    ada, data = await house.person(), house.shot()
    upload = await house.sent(ada, data, announced=len(data) - more)
    problem = await refused(house.media.complete(by(ada), upload))
    assert told(problem) == (Refused, "the bytes of this upload are not as many as announced", "upload_id", 0)
    assert told(await refused(house.media.complete(by(ada), upload))) == told(problem)
    assert [row.state for row in house.uploads()] == ["refused"]
    assert house.pictures() == []
    assert await house.all_blobs() == {}


async def test_what_has_not_arrived_can_still_arrive(house: House) -> None:
    ada, data = await house.person(), house.shot()
    target = await house.media.begin(by(ada), "image/jpeg", len(data))
    problem = await refused(house.media.complete(by(ada), target.id))
    assert told(problem) == (Refused, "the bytes of this upload have not arrived", "upload_id", 0)
    problem = await refused(house.media.uploaded(by(ada), target.id))
    assert told(problem) == (Refused, "this upload is not completed", "upload_id", 0)
    await house.blobs.put(model.upload_key(target.id), data, "image/jpeg")
    assert (await house.media.complete(by(ada), target.id)).owner == ada


@pytest.mark.parametrize("state", ["begun", "done", "refused"])
async def test_others_uploads_are_as_if_there_were_none(house: House, state: str) -> None:
    ada, eve, nearby = await house.person(), await house.person(shard=9), await house.person()
    upload = await house.sent(ada, house.shot() if state != "refused" else b"not a picture")
    if state == "done":
        await house.media.complete(by(ada), upload)
    if state == "refused":
        await refused(house.media.complete(by(ada), upload))
    rows, blobs = house.all_rows(), await house.all_blobs()
    for other in (eve, nearby):
        for ask in (house.media.complete, house.media.uploaded):
            theirs = await refused(ask(by(other), upload))
            assert told(theirs) == told(await refused(ask(by(other), Id(bytes(16)))))
            assert type(theirs) is NotFound
    assert (house.all_rows(), await house.all_blobs()) == (rows, blobs)


async def test_only_who_may_write_uploads_and_who_may_read_sees_what_became_of_it(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    reader = Caller(person=ada, scopes=READ)
    for caller, problem in ((by(None), Unauthenticated), (reader, Forbidden)):
        assert type(await refused(house.media.begin(caller, "image/png", 1))) is problem
        assert type(await refused(house.media.complete(caller, upload))) is problem
    picture = await house.media.complete(by(ada), upload)
    assert type(await refused(house.media.uploaded(by(None), upload))) is Unauthenticated
    assert (await house.media.uploaded(reader, upload)).id == picture.id


@pytest.mark.parametrize("mime", ["", "image/svg+xml", "IMAGE/PNG", "image/png; charset=utf-8", "text/html\n"])
async def test_other_types_are_not_begun(house: House, mime: str) -> None:
    problem = await refused(house.media.begin(by(await house.person()), mime, 100))
    assert (type(problem), problem.field) == (Invalid, "mime")
    assert house.uploads() == []


async def test_lengths_have_bounds(house: House) -> None:
    ada, most = await house.person(), SETTINGS.upload_bytes_max
    for length in (-1, 0, most + 1, *unsent(1 << 70)):
        problem = await refused(house.media.begin(by(ada), "image/png", length))
        assert (type(problem), problem.field) == (Invalid, "length")
    assert house.uploads() == []
    for length in (1, most):
        await house.media.begin(by(ada), "image/png", length)


async def test_a_late_upload_is_refused(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    house.world.pass_s(SETTINGS.upload_ttl_s)
    for ask in (house.media.complete, house.media.complete, house.media.uploaded):
        assert told(await refused(ask(by(ada), upload))) == (Refused, LATE, "upload_id", 0)
    assert await house.types() == ["upload_begun", "upload_ended"]
    assert house.pictures() == []
    assert await house.all_blobs() == {}


async def test_an_upload_just_in_time_is_taken(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    house.world.pass_s(SETTINGS.upload_ttl_s - 1)
    assert await house.sweep("uploads") == 0
    await house.media.complete(by(ada), upload)


async def test_a_late_upload_is_swept_and_later_forgotten(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    house.world.pass_s(SETTINGS.upload_ttl_s)
    assert await house.sweep("uploads") == 1
    assert await house.all_blobs() == {}
    assert await house.types() == ["upload_begun", "upload_ended"]
    for ask in (house.media.complete, house.media.uploaded):
        assert told(await refused(ask(by(ada), upload))) == (Refused, LATE, "upload_id", 0)
    house.world.pass_s(SETTINGS.unused_kept_s - 1)
    assert await house.sweep("uploads") == 0
    assert type(await refused(house.media.complete(by(ada), upload))) is Refused
    house.world.pass_s(2)
    assert await house.sweep("uploads") == 1
    assert house.uploads() == []
    assert type(await refused(house.media.complete(by(ada), upload))) is NotFound


async def test_sweeping_many_ends_all(house: House) -> None:
    people = [await house.person(shard=number) for number in range(60)]
    for person in people:
        for _ in range(2):
            await house.sent(person, b"x")
    house.world.pass_s(SETTINGS.upload_ttl_s)
    assert await house.sweep("uploads") == 120
    assert {upload.state for upload in house.uploads()} == {"refused"}
    assert await house.all_blobs() == {}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no picture at all", "the file is not a picture"),
        (encoded(scene(64, 64), "JPEG")[:-900], "the picture is cut off or damaged"),
        (encoded(scene(64, 64), "TIFF"), "this kind of picture is not accepted; JPEG, PNG, GIF and WebP are"),
        (png_bomb(19_000), "the picture has too many pixels"),
    ],
)
async def test_what_is_no_picture_is_refused_with_the_same_reason_again(house: House, data: bytes, reason: str) -> None:
    ada = await house.person()
    upload = await house.sent(ada, data)
    problem = await refused(house.media.complete(by(ada), upload))
    assert (type(problem), problem.detail) == (Refused, reason)
    for ask in (house.media.complete, house.media.uploaded):
        assert told(await refused(ask(by(ada), upload))) == told(problem)
    assert [(row.state, row.reason) for row in house.uploads()] == [("refused", reason)]
    assert await house.types() == ["upload_begun", "upload_ended"]
    assert house.pictures() == []
    assert await house.all_blobs() == {}


async def test_busy_hands_change_nothing(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    rows, blobs = house.all_rows(), await house.all_blobs()
    house.trouble.away = {"pictures"}
    problem = await refused(house.media.complete(by(ada), upload))
    assert type(problem) is Unavailable
    assert problem.retry_after_s > 0
    assert (house.all_rows(), await house.all_blobs()) == (rows, blobs)
    house.trouble.away = set()
    await house.media.complete(by(ada), upload)


async def test_begun_uploads_are_bounded_for_each_person(house: House) -> None:
    ada, eve = await house.person(), await house.person()
    shots = [house.shot() for _ in range(SETTINGS.uploads_begun_max)]
    uploads = [await house.sent(ada, shot) for shot in shots]
    problem = await refused(house.media.begin(by(ada), "image/png", 1))
    assert (type(problem), problem.retry_after_s) == (Throttled, SETTINGS.upload_ttl_s)
    assert len(house.uploads()) == SETTINGS.uploads_begun_max
    await house.media.begin(by(eve), "image/png", 1)
    await house.media.complete(by(ada), uploads[0])
    await house.media.begin(by(ada), "image/png", 1)
    assert type(await refused(house.media.begin(by(ada), "image/png", 1))) is Throttled
    house.world.pass_s(SETTINGS.upload_ttl_s)
    await house.sweep("uploads")
    for _ in range(SETTINGS.uploads_begun_max):
        await house.media.begin(by(ada), "image/png", 1)


async def test_two_uploads_of_the_same_bytes_are_one_picture(house: House) -> None:
    ada, data = await house.person(), house.shot()
    uploads = [await house.sent(ada, data) for _ in range(3)]
    first = await house.media.complete(by(ada), uploads[0])
    others = await asyncio.gather(*(house.media.complete(by(ada), upload) for upload in uploads[1:]))
    assert {picture.id for picture in others} == {first.id}
    assert {upload.media for upload in house.uploads()} == {first.id}
    assert await house.strays() == set()


async def test_an_outcome_whose_picture_is_gone_is_none(tmp_path: Path) -> None:
    async with open_house(tmp_path, replace(SETTINGS, unused_kept_s=HOUR_S)) as house:
        ada = await house.person()
        upload = await house.sent(ada, house.shot())
        await house.media.complete(by(ada), upload)
        house.world.pass_s(HOUR_S + 1)
        await house.sweep("unused")
        assert house.pictures() == []
        problem: Problem = await refused(house.media.uploaded(by(ada), upload))
        assert told(problem) == told(await refused(house.media.uploaded(by(ada), Id(bytes(16)))))


async def test_a_completed_upload_keeps_its_picture_for_as_long_as_it_is_known(house: House) -> None:
    ada = await house.person()
    upload = await house.sent(ada, house.shot())
    picture = await house.media.complete(by(ada), upload)
    house.world.pass_s(SETTINGS.unused_kept_s - 10)
    assert await house.sweep() == 0
    assert (await house.media.uploaded(by(ada), upload)).id == picture.id
    house.world.pass_s(SETTINGS.unused_kept_s - 10)
    await house.sweep()
    assert house.picture_row(picture.id) is not None
    assert house.uploads() == []
