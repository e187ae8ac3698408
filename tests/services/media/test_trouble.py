"""Engines go away, and processes end between any two calls: nothing is half done, and doing it again does it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import system
from bowerbird.contracts.media import Picture
from bowerbird.contracts.problems import Refused, Unavailable
from bowerbird.services.media.sweep import STRAY_AFTER_S
from tests.support.media_engines import Crash, When, crash
from tests.support.media_house import SETTINGS, House, a_pin, a_user, by, on_shard_of, refused
from tests.support.placement import TOGETHER

CALLS_MAX = 60


@dataclass
class Scene:
    """Ada shows one of her two pictures, has an upload of a photo and one of no picture; Eve has nothing yet."""

    house: House
    ada: Id
    eve: Id
    shown: Picture
    other: Picture
    photo: Id
    text: Id
    data: bytes
    pin: Id


Act = Callable[[Scene], Awaitable[object]]
Verb = tuple[Act, Act]
"""What is done, and what checks that it was done."""


async def begin(scene: Scene) -> object:
    return await scene.house.media.begin(by(scene.ada), "image/png", 7)


async def is_begun(scene: Scene) -> None:
    assert {(row.state, row.length) for row in scene.house.uploads() if row.owner == scene.ada} >= {("begun", 7)}


async def complete(scene: Scene) -> object:
    return await scene.house.media.complete(by(scene.ada), scene.photo)


async def is_completed(scene: Scene) -> None:
    [row] = [row for row in scene.house.uploads() if row.id == scene.photo]
    assert row.state == "done"
    assert row.media is not None
    made = scene.house.picture_row(row.media)
    assert made is not None
    assert made.owner == scene.ada


async def complete_text(scene: Scene) -> None:
    """Be refused, as one ought to be."""
    with pytest.raises(Refused, match="the file is not a picture"):
        await scene.house.media.complete(by(scene.ada), scene.text)


async def is_refused(scene: Scene) -> None:
    [row] = [row for row in scene.house.uploads() if row.id == scene.text]
    assert (row.state, row.reason) == ("refused", "the file is not a picture")


async def ingest(scene: Scene) -> object:
    return await scene.house.media.ingest(system(), scene.eve, scene.data)


async def adopt(scene: Scene) -> object:
    return await scene.house.media.adopt(by(scene.eve), scene.shown.id, scene.eve)


async def is_eves(scene: Scene) -> None:
    [row] = [row for row in scene.house.pictures() if row.owner == scene.eve]
    assert row.uses == 0


async def show_other(scene: Scene) -> object:
    return await scene.house.show(scene.pin, scene.other.id, 2)


async def is_other_shown(scene: Scene) -> None:
    rows = [scene.house.picture_row(picture.id) for picture in (scene.shown, scene.other)]
    assert [row.uses for row in rows if row is not None] == [0, 1]


async def purge(scene: Scene) -> object:
    return await scene.house.hear("pin_purged", a_pin(scene.pin, scene.shown.id, 1))


async def is_purged(scene: Scene) -> None:
    row = scene.house.picture_row(scene.shown.id)
    assert row is not None
    assert row.uses == 0


async def erase(scene: Scene) -> object:
    return await scene.house.erase(scene.ada)


async def is_erased(scene: Scene) -> None:
    house = scene.house
    assert [row for row in (*house.uploads(), *house.pictures()) if row.owner == scene.ada] == []
    assert scene.pin not in house.uses()
    assert scene.ada not in house.uses()
    assert not any(scene.ada.hex() in key for key in await house.all_blobs())


async def sweep_uploads(scene: Scene) -> object:
    scene.house.world.pass_s(SETTINGS.upload_ttl_s)
    return await scene.house.sweep("uploads")


async def are_uploads_swept(scene: Scene) -> None:
    assert {row.state for row in scene.house.uploads() if row.owner == scene.ada} == {"refused"}


async def sweep_unused(scene: Scene) -> object:
    scene.house.world.pass_s(SETTINGS.unused_kept_s + 1)
    return await scene.house.sweep("unused")


async def are_unused_swept(scene: Scene) -> None:
    left = [row.id for row in scene.house.pictures() if row.owner == scene.ada]
    assert left == [scene.shown.id]


async def sweep_strays(scene: Scene) -> object:
    scene.house.world.pass_s(2 * STRAY_AFTER_S)
    return await scene.house.sweep_strays()


async def are_strays_swept(scene: Scene) -> None:
    assert await scene.house.strays() == set()


BEGIN, COMPLETE, REFUSE = (begin, is_begun), (complete, is_completed), (complete_text, is_refused)
INGEST, ADOPT, SHOW, PURGE = (ingest, is_eves), (adopt, is_eves), (show_other, is_other_shown), (purge, is_purged)
ERASE, STRAYS = (erase, is_erased), (sweep_strays, are_strays_swept)
UPLOADS, UNUSED = (sweep_uploads, are_uploads_swept), (sweep_unused, are_unused_swept)
NEEDS: dict[Verb, set[str]] = {
    BEGIN: {"records", "records.commit", "keys", "blobs"},
    COMPLETE: {"records", "records.commit", "keys", "blobs", "pictures"},
    REFUSE: {"records", "records.commit", "keys", "blobs", "pictures"},
    INGEST: {"records", "records.commit", "keys", "blobs", "pictures"},
    ADOPT: {"records", "records.commit", "keys", "blobs"},
    SHOW: {"records", "records.commit"},
    PURGE: {"records", "records.commit"},
    UPLOADS: {"records", "records.commit", "keys"},
    UNUSED: {"records", "records.commit"},
    STRAYS: {"records", "blobs"},
}
"""Without which engines nothing is done, and nothing changes."""

LEFT: tuple[tuple[Verb, str], ...] = (
    (UPLOADS, "blobs"),
    (UNUSED, "blobs"),
    (UNUSED, "keys"),
    (ERASE, "blobs"),
    (ERASE, "records"),
)
"""What is begun, and goes on later, when an engine is away."""


async def set_scene(house: House) -> Scene:
    """Return a new scene; what was left of others is swept."""
    for _ in range(2):
        house.world.pass_s(SETTINGS.unused_kept_s + 1)
        await house.sweep()
    ada, eve = await house.person(), await house.person(shard=9)
    shown, other = await house.picture(ada), await house.picture(ada)
    pin, data = on_shard_of(house, ada), house.shot()
    await house.show(pin, shown.id, 1)
    await house.hear("user_changed", a_user(ada, None, 1))
    photo, text = await house.sent(ada, house.shot()), await house.sent(ada, b"no picture")
    return Scene(house, ada, eve, shown, other, photo, text, data, pin)


@pytest.mark.placements(TOGETHER)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("verb", [BEGIN, COMPLETE, REFUSE, INGEST, ADOPT, SHOW, PURGE, ERASE, UPLOADS, UNUSED, STRAYS])
async def test_a_process_ends_anywhere(house: House, verb: Verb, when: When) -> None:
    act, check = verb
    at, more = 0, True
    while more:
        scene = await set_scene(house)
        house.trouble.arm(at, crash, when)
        try:
            await act(scene)
        except Crash:
            pass
        else:
            more = False
        house.trouble.disarm()
        await house.check()
        await act(scene)
        await check(scene)
        await house.check()
        await _leaves_nothing_but_strays(house)
        at += 1
        assert at < CALLS_MAX
    assert at > 1


async def _leaves_nothing_but_strays(house: House) -> None:
    rows, strays, blobs = house.all_rows(), await house.strays(), await house.all_blobs()
    house.world.pass_s(STRAY_AFTER_S + 1)
    await house.sweep_strays()
    assert (await house.all_blobs()).keys() == blobs.keys() - strays
    assert house.all_rows() == rows
    await house.check()


def _but_for_how_long_they_are_kept(house: House) -> list[list[Any]]:
    """Return all rows, pictures without the time since when nothing shows them: asking for one moves it."""
    return [
        [replace(row, unused_at=None) if isinstance(row, Picture) else row for row in rows] for rows in house.all_rows()
    ]


@pytest.mark.parametrize("away", ["records", "records.commit", "keys", "blobs", "pictures"])
@pytest.mark.parametrize("verb", [BEGIN, COMPLETE, REFUSE, INGEST, ADOPT, SHOW, PURGE, UPLOADS, UNUSED, STRAYS])
async def test_an_engine_is_away(house: House, verb: Verb, away: str) -> None:
    act, check = verb
    scene = await set_scene(house)
    rows = _but_for_how_long_they_are_kept(house)
    house.trouble.away = {away}
    if away in NEEDS[verb]:
        problem = await refused(act(scene))
        assert type(problem) is Unavailable
        assert problem.retry_after_s > 0
        assert _but_for_how_long_they_are_kept(house) == rows
    elif (verb, away) not in LEFT:
        await act(scene)
        await check(scene)
    house.trouble.away = set()
    await house.check()
    await act(scene)
    await check(scene)


@pytest.mark.parametrize(("verb", "away"), LEFT)
async def test_what_was_not_deleted_is_deleted_later(house: House, verb: Verb, away: str) -> None:
    act, check = verb
    scene = await set_scene(house)
    house.trouble.away = {away}
    assert type(await refused(act(scene))) is Unavailable
    await house.check()
    house.trouble.away = set()
    await act(scene)
    await check(scene)
    await _leaves_nothing_but_strays(house)
