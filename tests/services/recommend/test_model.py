"""What counts how much, and in which order ideas come."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base.ids import Id, kind_of, shard_of
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.kinds import THING, TUNING
from bowerbird.contracts.paging import Mark
from bowerbird.contracts.recommend import Tuning
from bowerbird.services.recommend.model import (
    CHANCE_EVERY,
    HALF_LIFE,
    QUERY_MAX,
    Wishes,
    in_turns,
    mark_of,
    partly_by_lot,
    sunk,
    thing_of,
    tuning_id,
    weights,
    wishes_of,
)


def thing(number: int) -> Id:
    return Id(number.to_bytes(16, "big"))


THINGS = st.lists(st.integers(0, 3000).map(thing), unique=True, max_size=60)
NOTHING = frozenset[Id]()


def wish(kind: str, **about: object) -> Tuning:
    return Tuning(person=thing(1), id=thing(2), wish=kind, created_at=0, **about)  # pyright: ignore[reportArgumentType] - fields by name


def test_what_was_saved_last_counts_most() -> None:
    found = weights([thing(number) for number in range(2 * HALF_LIFE + 1)])
    assert (found[thing(0)], found[thing(HALF_LIFE)], found[thing(2 * HALF_LIFE)]) == (1.0, 0.5, 0.25)
    assert all(one > other for one, other in pairwise(found.values()))


def test_a_walk_begins_at_so_many_things_and_at_each_once_by_its_last_save() -> None:
    found = weights([thing(7), thing(8), thing(7), *map(thing, range(100, 100 + 2 * QUERY_MAX))])
    assert len(found) == QUERY_MAX
    assert list(found)[:3] == [thing(7), thing(8), thing(100)]


def test_wishes_come_to_what_they_say() -> None:
    made = [
        wish("interest", topic=1),
        wish("interest", topic=2),
        wish("less", topic=2),
        wish("hidden", pin=thing(10), thing=thing(11)),
        wish("not_pin", pin=thing(12), thing=thing(13)),
        wish("not_board", board=thing(14)),
    ]
    assert wishes_of(made) == Wishes(
        interests=frozenset([1]),
        shunned=frozenset([2]),
        hidden=frozenset([thing(10), thing(11)]),
        muted=frozenset([thing(12), thing(13), thing(14)]),
    )
    assert wishes_of([]) == Wishes()


def test_a_wish_has_one_id_on_its_person_s_shard() -> None:
    person = Id(bytes(6) + b"\x81\x23\x80" + bytes(7))
    one = tuning_id(person, "less", b"7")
    assert (one, kind_of(one), shard_of(one)) == (tuning_id(person, "less", b"7"), TUNING, shard_of(person))
    others = {tuning_id(person, "less", b"8"), tuning_id(person, "interest", b"7"), tuning_id(thing(5), "less", b"7")}
    assert len(others | {one}) == 4


def test_a_thing_is_a_link_or_else_a_picture() -> None:
    def pin(link: Id | None) -> Pin:
        return Pin(thing(1), thing(2), thing(3), None, 0, 0, 0, link=link, media=thing(4))

    assert thing_of(pin(thing(9)), bytes(32)) == thing(9)
    picture = thing_of(pin(None), bytes(32))
    assert picture is not None
    assert kind_of(picture) == THING
    assert picture == thing_of(pin(None), bytes(32)) != thing_of(pin(None), b"1" * 32)
    assert thing_of(pin(None), None) is None


@given(THINGS, THINGS, st.floats(0, 1))
def test_two_orders_stay_orders_and_share_every_beginning(first: list[Id], second: list[Id], share: float) -> None:
    one, other = [("first", each) for each in first], [("second", each) for each in second]
    both = list(in_turns(one, other, share))
    assert [each for each in both if each[0] == "first"] == one
    assert [each for each in both if each[0] == "second"] == other
    firsts = 0
    for count, each in enumerate(both, 1):
        firsts += each[0] == "first"
        if firsts < len(one) and count - firsts < len(other):
            assert abs(firsts - share * count) <= 1


@given(THINGS, st.integers(0, (1 << 32) - 1))
def test_chance_moves_things_and_loses_none(things: list[Id], seed: int) -> None:
    found = partly_by_lot(things, seed)
    assert sorted(found) == sorted(things)
    assert found == partly_by_lot(things, seed)
    in_order = [each for place, each in enumerate(found) if place % CHANCE_EVERY != CHANCE_EVERY - 1]
    assert in_order == sorted(in_order, key=things.index)


def test_chance_gives_those_behind_a_turn_each_seed_to_others() -> None:
    things = [thing(number) for number in range(400)]
    lots = [frozenset(partly_by_lot(things, seed)[:40]) - frozenset(things[:40]) for seed in range(5)]
    assert all(8 <= len(drawn) <= 10 for drawn in lots)
    assert len(set(lots)) == 5


@given(THINGS, st.data())
def test_the_oftener_a_thing_was_shown_the_later_it_comes(things: list[Id], data: st.DataObject) -> None:
    shown = {each: data.draw(st.integers(0, 20)) for each in things}
    if things:
        chosen = data.draw(st.sampled_from(things))
        before = sunk(things, shown, NOTHING).index(chosen)
        assert sunk(things, {**shown, chosen: shown[chosen] + 1}, NOTHING).index(chosen) >= before
        assert sunk(things, shown, frozenset([chosen])).index(chosen) >= before
    assert sorted(sunk(things, shown, NOTHING)) == sorted(things)


def test_what_was_shown_ten_times_is_behind_a_page_and_what_never_was_stays() -> None:
    things = [thing(number) for number in range(300)]
    assert sunk(things, {}, NOTHING) == things
    assert sunk(things, {things[0]: 10}, NOTHING).index(things[0]) > 50
    assert sunk(things, {}, frozenset(things[:1])).index(things[0]) > 50


def test_every_asking_has_a_chance_of_its_own() -> None:
    assert mark_of(None, 0.25) == Mark(1 << 30)
    assert mark_of(None, 0.5).start != mark_of(None, 0.25).start
    assert mark_of(Mark(7).after([thing(1)], more=True), 0.5).start == 7
