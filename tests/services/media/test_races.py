"""Two do something at once, the second between any two calls of the first: each pair ends as if one came first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import system
from bowerbird.contracts.media import Picture
from bowerbird.contracts.problems import NotFound, Problem, Refused
from bowerbird.services.media.erase_person import UNDER_WAY_S
from bowerbird.services.media.sweep import STRAY_AFTER_S
from tests.support.media_house import SETTINGS, House, a_user, by, on_shard_of, told

CALLS_MAX = 60


@dataclass
class Scene:
    """Ada has a picture that nothing shows, made of `old`, and an upload of the bytes `new`."""

    house: House
    ada: Id
    eve: Id
    old: bytes
    made: Picture
    new: bytes
    upload: Id
    pin: Id


Act = Callable[[Scene], Awaitable[object]]


async def complete(scene: Scene) -> object:
    return await scene.house.media.complete(by(scene.ada), scene.upload)


async def ingest_new(scene: Scene) -> object:
    return await scene.house.media.ingest(system(), scene.ada, scene.new)


async def ingest_old(scene: Scene) -> object:
    return await scene.house.media.ingest(system(), scene.ada, scene.old)


async def adopt(scene: Scene) -> object:
    return await scene.house.media.adopt(by(scene.ada), scene.made.id, scene.ada)


async def adopt_elsewhere(scene: Scene) -> object:
    return await scene.house.media.adopt(by(scene.eve), scene.made.id, scene.eve)


async def show(scene: Scene) -> object:
    return await scene.house.show(scene.pin, scene.made.id, 2)


async def show_no_more(scene: Scene) -> object:
    return await scene.house.show(scene.pin, None, 3)


async def show_face(scene: Scene) -> object:
    return await scene.house.hear("user_changed", a_user(scene.ada, scene.made.id, 2))


async def sweep(scene: Scene) -> object:
    return await scene.house.sweep("unused")


async def show_and_sweep(scene: Scene) -> object:
    await show(scene)
    return await sweep(scene)


async def come_late(scene: Scene) -> object:
    scene.house.world.pass_s(SETTINGS.upload_ttl_s)
    return await scene.house.sweep("uploads")


async def erase(scene: Scene) -> object:
    return await scene.house.erase(scene.ada)


async def set_scene(house: House, *, is_due: bool = False) -> Scene:
    """Return a new scene; what was left of others is swept. `is_due`: the picture has been unused for long."""
    for _ in range(2):
        house.world.pass_s(SETTINGS.unused_kept_s + 1)
        await house.sweep()
    ada, eve, old, new = await house.person(), await house.person(shard=9), house.shot(), house.shot()
    made = await house.picture(ada, old)
    if is_due:
        house.world.pass_s(SETTINGS.unused_kept_s + 1)
    return Scene(house, ada, eve, old, made, new, await house.sent(ada, new), on_shard_of(house, ada))


async def answer_to(asking: Awaitable[object]) -> object:
    """Return an answer, a problem too."""
    try:
        return await asking
    except Problem as problem:
        return problem


async def meet(first: Act, second: Act, scene: Scene, at: int) -> tuple[object, object, bool]:
    """Let the second come before a call of the first; return both answers, and whether there were so many calls."""
    answers: list[object] = []

    async def meanwhile() -> None:
        answers.append(await answer_to(second(scene)))

    scene.house.trouble.arm(at, meanwhile)
    answer = await answer_to(first(scene))
    if not scene.house.trouble.disarm():
        await meanwhile()
        return answer, answers[0], False
    return answer, answers[0], True


async def play(
    house: House, first: Act, second: Act, check: Callable[[Scene, object, object], Awaitable[None]]
) -> None:
    """Let them meet at each call in turn, and check what came of it."""
    is_due, at, more = bool({sweep, show_and_sweep} & {first, second}), 0, True
    while more:
        scene = await set_scene(house, is_due=is_due)
        answer, other, more = await meet(first, second, scene, at)
        await check(scene, answer, other)
        at += 1
        assert at < CALLS_MAX
    assert at > 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (complete, complete),
        (complete, ingest_new),
        (ingest_new, complete),
        (ingest_new, ingest_new),
        (ingest_old, adopt),
        (adopt, ingest_old),
        (adopt_elsewhere, adopt_elsewhere),
    ],
)
async def test_the_same_twice_is_one_picture(house: House, first: Act, second: Act) -> None:
    async def check(scene: Scene, answer: object, other: object) -> None:
        assert isinstance(answer, Picture)
        assert isinstance(other, Picture)
        assert answer.id == other.id
        same = [row for row in house.pictures() if (row.owner, row.sha256) == (answer.owner, answer.sha256)]
        assert [row.id for row in same] == [answer.id]
        assert await house.strays() == set()
        await house.check()
        done = {complete} & {first, second}
        assert [row.state for row in house.uploads() if row.id == scene.upload] == ["done" if done else "begun"]

    await play(house, first, second, check)


@pytest.mark.parametrize("other", [show, show_face, adopt, adopt_elsewhere, ingest_old])
@pytest.mark.parametrize("swept_first", [True, False])
async def test_sweeping_takes_nothing_that_somebody_has(house: House, other: Act, swept_first: bool) -> None:
    async def check(_scene: Scene, *answers: object) -> None:
        [answer] = answers[swept_first : swept_first + 1]
        if isinstance(answer, Picture):
            assert house.picture_row(answer.id) is not None
        else:
            assert answer is None or isinstance(answer, NotFound)
        assert await house.strays() == set()
        await house.check()

    await play(house, *((sweep, other) if swept_first else (other, sweep)), check)


async def test_what_is_shown_before_the_sweep_asks_for_it_stays(house: House) -> None:
    scene = await set_scene(house, is_due=True)
    await show(scene)
    await sweep(scene)
    assert house.picture_row(scene.made.id) is not None
    assert house.uses()[scene.pin].media == scene.made.id


async def test_what_is_no_more_shown_is_not_forgotten(house: House) -> None:
    async def check(scene: Scene, *_answers: object) -> None:
        await house.check()
        house.world.pass_s(SETTINGS.unused_kept_s + 1)
        await house.sweep("unused")
        assert house.picture_row(scene.made.id) is None
        assert await house.strays() == set()

    for pair in ((show_and_sweep, show_no_more), (show_no_more, show_and_sweep), (sweep, show_no_more)):
        await play(house, *pair, check)


@pytest.mark.parametrize(("first", "second"), [(complete, come_late), (come_late, complete)])
async def test_a_race_with_time_has_one_outcome(house: House, first: Act, second: Act) -> None:
    seen: set[type] = set()

    async def check(scene: Scene, *answers: object) -> None:
        answer = answers[first is come_late]
        known = await answer_to(house.media.uploaded(by(scene.ada), scene.upload))
        assert type(known) is type(answer)
        if isinstance(answer, Problem) and isinstance(known, Problem):
            assert told(known) == told(answer)
        seen.add(type(answer))
        assert await house.strays() == set()
        await house.check()

    await play(house, first, second, check)
    assert seen == ({Refused} if first is come_late else {Picture, Refused})


@pytest.mark.parametrize(
    "other", [show, show_face, show_no_more, complete, ingest_old, ingest_new, adopt, adopt_elsewhere, come_late]
)
async def test_nothing_of_the_erased_comes_back(house: House, other: Act) -> None:
    async def check(scene: Scene, *_answers: object) -> None:
        await house.check()
        assert [row for row in house.pictures() if row.owner == scene.ada] == []
        assert [row for row in house.uploads() if row.owner == scene.ada] == []
        assert not any(scene.ada.hex() in key for key in await house.all_blobs())
        assert await house.strays() == set()
        assert {use.media for use in house.uses().values()} <= {None}

    await play(house, erase, other, check)


@pytest.mark.parametrize("other", [show, complete, ingest_old, ingest_new, adopt, adopt_elsewhere, come_late])
async def test_nothing_stays_that_the_erased_began(house: House, other: Act) -> None:
    async def check(scene: Scene, answer: object, _other: object) -> None:
        assert other is not come_late or not isinstance(answer, Problem)
        await house.check()
        house.world.pass_s(UNDER_WAY_S + 1)
        await house.sweep("departures")
        assert not any(row.owner == scene.ada for row in (*house.pictures(), *house.uploads()))
        assert {use.media for use in house.uses().values()} <= {None}
        assert not any(f"pictures/{scene.ada.hex()}" in key for key in await house.all_blobs())
        house.world.pass_s(SETTINGS.unused_kept_s + STRAY_AFTER_S)
        await house.sweep()
        await house.sweep_strays()
        assert house.all_rows()[:-1] == [[], [], [], []]
        assert await house.all_blobs() == {}

    await play(house, other, erase, check)
