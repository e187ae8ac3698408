"""Wishes: there once, listed newest first, bounded, taken back, and gone with who made them."""

from random import Random

import pytest

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts import events
from bowerbird.contracts.caller import READ, Caller
from bowerbird.contracts.events import CHANGES
from bowerbird.contracts.kinds import PIN
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound, Unauthenticated
from bowerbird.contracts.recommend import TUNINGS_MAX, NewTuning, Tuning
from bowerbird.ports.rebuild import Fresh
from bowerbird.ports.tables import Delete, Insert
from bowerbird.services.recommend.rebuild import told
from bowerbird.services.recommend.store import TUNINGS
from tests.services.recommend.circle import DOGS, Circle
from tests.support.house import PASSWORD, by
from tests.support.placement import APART, TOGETHER


async def test_a_wish_is_there_once_until_it_is_taken_back(circle: Circle) -> None:
    [ann] = await circle.people(1)
    made = await circle.wish(ann, "interest", topic=DOGS)
    assert (made.person, made.wish, made.topic, shard_of(made.id)) == (ann, "interest", DOGS, shard_of(ann))
    assert await circle.wish(ann, "interest", topic=DOGS) == made
    assert await circle.recommend.tunings(by(ann)) == [made]
    await circle.recommend.undo(by(ann), made.id)
    await circle.recommend.undo(by(ann), made.id)
    assert await circle.recommend.tunings(by(ann)) == []
    again = await circle.wish(ann, "interest", topic=DOGS)
    assert (again.id, again.version > made.version) == (made.id, True)


async def test_wishes_are_listed_newest_first_and_each_to_their_own(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    board = await circle.board(ann)
    pin = await circle.photo(ann, board, "loaf")
    made = [
        await circle.wish(ann, "less", topic=DOGS),
        await circle.wish(ann, "hidden", pin=pin),
        await circle.wish(ann, "not_pin", pin=pin),
        await circle.wish(ann, "not_board", board=board),
    ]
    assert await circle.recommend.tunings(by(ann)) == made[::-1]
    assert made[1].thing == made[2].thing == await circle.thing(pin)
    assert (made[3].board, made[3].thing) == (board, None)
    assert await circle.recommend.tunings(by(bob)) == []
    await circle.recommend.undo(by(bob), made[0].id)
    assert len(await circle.recommend.tunings(by(ann))) == 4


async def test_a_wish_about_what_one_may_not_see_is_as_one_about_nothing(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    secret = await circle.board(bob, "private")
    pin = await circle.photo(bob, secret, "loaf")
    absent = circle.house.world.new_id(PIN, shard_of(bob))
    for wish in ("hidden", "not_pin"):
        said = [await _refusal(circle, ann, NewTuning(wish=wish, pin=one)) for one in (pin, absent)]
        assert said[0] == said[1]
    assert await _refusal(circle, ann, NewTuning(wish="not_board", board=secret)) == await _refusal(
        circle, ann, NewTuning(wish="not_board", board=absent)
    )
    assert await circle.recommend.tunings(by(ann)) == []


async def _refusal(circle: Circle, person: Id, new: NewTuning) -> tuple[str, str]:
    with pytest.raises(NotFound) as caught:
        await circle.recommend.tune(by(person), new)
    return caught.value.detail, caught.value.field


@pytest.mark.parametrize(
    ("wish", "about", "field"),
    [
        ("interest", {}, "topic"),
        ("interest", {"topic": 9999}, "topic"),
        ("less", {"topic": -1}, "topic"),
        ("less", {"topic": DOGS, "pin": Id(bytes(16))}, "pin"),
        ("hidden", {}, "pin"),
        ("hidden", {"topic": DOGS}, "topic"),
        ("not_board", {"pin": Id(bytes(16))}, "pin"),
    ],
)
async def test_nonsense_is_refused_by_its_field(
    circle: Circle, wish: str, about: dict[str, object], field: str
) -> None:
    [ann] = await circle.people(1)
    with pytest.raises(Invalid) as caught:
        await circle.recommend.tune(by(ann), NewTuning(wish=wish, **about))  # pyright: ignore[reportArgumentType] - nonsense
    assert caught.value.field == field


async def test_nobody_wishes_for_anything(circle: Circle) -> None:
    [ann] = await circle.people(1)
    new = NewTuning(wish="less", topic=DOGS)
    for attempt in (circle.recommend.tune(Caller(), new), circle.recommend.undo(Caller(), ann)):
        with pytest.raises(Unauthenticated):
            await attempt
    with pytest.raises(Unauthenticated):
        await circle.recommend.tunings(Caller())
    with pytest.raises(Forbidden):
        await circle.recommend.tune(Caller(person=ann, scopes=READ), new)


@pytest.mark.placements(TOGETHER)  # it takes many rows
async def test_there_are_so_many_wishes_and_no_more(circle: Circle) -> None:
    [ann] = await circle.people(1)
    pins = [circle.house.world.new_id(PIN, shard_of(ann)) for _ in range(TUNINGS_MAX)]
    rows = [Tuning(ann, pin, "hidden", at, pin=pin) for at, pin in enumerate(pins)]
    for start in range(0, TUNINGS_MAX - 1, 111):
        some = rows[: TUNINGS_MAX - 1][start : start + 111]
        await circle.house.engines.records.commit([TUNINGS.insert(row) for row in some])
    last = await circle.wish(ann, "less", topic=DOGS)
    with pytest.raises(Invalid):
        await circle.wish(ann, "interest", topic=DOGS)
    assert await circle.wish(ann, "less", topic=DOGS) == last
    listed = await circle.recommend.tunings(by(ann))
    assert len(listed) == len({one.id for one in listed}) == TUNINGS_MAX
    assert [one.created_at for one in listed] == sorted((one.created_at for one in listed), reverse=True)
    await circle.recommend.undo(by(ann), listed[-1].id)
    await circle.wish(ann, "interest", topic=DOGS)


async def test_wishes_go_with_who_made_them(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    for person in (ann, bob):
        await circle.wish(person, "less", topic=DOGS)
    await circle.settle()
    await circle.house.services.identity.delete_account(by(ann), PASSWORD)
    await circle.settle()
    records = circle.house.engines.records
    assert await records.scan(TUNINGS, "", (ann,)) == []
    assert len(await records.scan(TUNINGS, "", (bob,))) == 1


@pytest.mark.placements(TOGETHER, APART)  # a call that is made twice may tell of it twice
async def test_the_log_tells_what_wishes_there_are_in_whatever_order_it_is_heard(circle: Circle) -> None:
    [ann] = await circle.people(1)
    made = [await circle.wish(ann, wish, topic=DOGS) for wish in ("less", "interest")]
    for one in made:
        await circle.recommend.undo(by(ann), one.id)
    again = await circle.wish(ann, "less", topic=DOGS)
    await circle.office.collect()
    stored = await circle.house.engines.log.read(CHANGES, [], 500)
    [key] = await circle.house.engines.keys.get([ann])
    assert key is not None
    heard = [events.read_envelope(one.record.data) for one in stored]
    heard = [one for one in heard if one.type.startswith("tuning")] * 2
    assert len(heard) == 10
    for seed in range(5):
        Random(seed).shuffle(heard)
        last: dict[Id, tuple[int, Insert | Delete]] = {}
        for envelope in heard:
            event = events.Event(envelope, events.read_body(envelope, key))
            for version, op in told(event, Fresh(0, 0, frozenset())):
                assert isinstance(op, Insert | Delete)
                known = last.setdefault(envelope.entity, (version, op))
                last[envelope.entity] = max(known, (version, op), key=lambda one: one[0])
        there = [op for _, op in last.values() if isinstance(op, Insert)]
        assert there == [TUNINGS.insert(again)]
