"""What the tastes port promises about pages, about things, and about pins."""

import pytest

from bowerbird.ports.tastes import EACH_MAX, PAGE_MAX, THINGS_MAX, Mark, Save
from tests.ports.suite import Suite
from tests.ports.tastes.scene import board, by_person, mark, newest_first, on, person, pin, save, thing
from tests.ports.tastes.subject import Subject

READING = Suite[Subject]()


@READING.check
async def nothing_is_in_an_empty_store(subject: Subject) -> None:
    for tastes in subject.readers:
        assert await tastes.saves([]) == await tastes.holding([], 1) == []
        assert await tastes.kept(person(1), []) == await tastes.on_board(board(1), []) == []
        assert await tastes.shown(person(1), []) == await tastes.applied() == []
        assert await tastes.saves([pin(1), pin(2)]) == [None, None]
        assert await by_person(tastes) == await on(tastes) == []
        assert await tastes.holding([thing(1), thing(2)], 1) == [[], []]
        assert await tastes.kept(person(1), [thing(1)]) == [False]
        assert await tastes.on_board(board(1), [thing(1)]) == [0]
        assert await tastes.shown(person(1), [thing(1)]) == [0]


@READING.check
async def a_save_is_found_by_all_that_it_is(subject: Subject) -> None:
    one = save(1, of=2, by=3, on=4, at=5)
    await subject.tastes.put([one], [])
    for tastes in subject.readers:
        assert await tastes.saves([pin(1)]) == [one]
        assert await by_person(tastes, 3) == await on(tastes, 4) == [one]
        assert await tastes.holding([thing(2)], 1) == [[one]]
        assert await tastes.kept(person(3), [thing(2)]) == [True]
        assert await tastes.on_board(board(4), [thing(2)]) == [1]


@READING.check
async def saves_come_in_the_order_in_which_pins_are_named(subject: Subject) -> None:
    hidden, of_nobody = save(2, public=False), save(3, by=None)
    await subject.tastes.put([save(1), hidden, of_nobody], [])
    for tastes in subject.readers:
        found = await tastes.saves([pin(3), pin(9), pin(1), pin(2), pin(1)])
        assert found == [of_nobody, None, save(1), hidden, save(1)]
    many = [save(number) for number in range(THINGS_MAX)]
    await subject.tastes.put(many, [])
    assert await subject.beside.saves([one.pin for one in many]) == many


@READING.check
async def pages_are_newest_first_and_within_a_time_by_pin(subject: Subject) -> None:
    saves = [save(number, at=number * 7 % 10, public=number % 3 > 0) for number in range(100)]
    await subject.tastes.put([*saves, save(200, by=2, on=2)], [])
    for tastes in subject.readers:
        for limit in (1, 7, 99, PAGE_MAX):
            by, on_it, before = list[Save](), list[Save](), None
            while page := await tastes.of_person(person(1), before, limit):
                assert len(page) <= limit
                by += page
                on_it += await tastes.of_board(board(1), before, limit)
                before = mark(page[-1])
            assert by == on_it == newest_first(saves)


@READING.check
async def a_page_ends_before_its_mark_whether_that_is_there_or_not(subject: Subject) -> None:
    saves = [save(number, at=number // 2) for number in range(10)]
    await subject.tastes.put(saves, [saves[5].pin])
    for tastes in subject.readers:
        for before in (mark(saves[5]), Mark(2, pin(5))):
            assert await tastes.of_person(person(1), before, 2) == [saves[4], saves[3]]
            assert await tastes.of_board(board(1), before, 9) == newest_first(saves[:5])
        assert await tastes.of_person(person(1), mark(saves[0]), 9) == []
        assert await tastes.of_board(board(1), Mark(99, pin(0)), 1) == [saves[9]]


@READING.check
async def what_holds_a_thing_is_what_everybody_may_see_newest_first(subject: Subject) -> None:
    public = [save(number, of=7, by=number % 3, on=number % 4, at=number // 2) for number in range(30)]
    private = [save(100 + number, of=7, by=number % 3, on=5, at=90 + number, public=False) for number in range(30)]
    await subject.tastes.put([*public, *private, save(200, of=8), save(201, of=9, public=False)], [])
    for tastes in subject.readers:
        for each_max in (1, 3, EACH_MAX):
            newest = newest_first(public)[:each_max]
            found = await tastes.holding([thing(9), thing(7), thing(8), thing(7), thing(6)], each_max)
            assert found == [[], newest, [save(200, of=8)], newest, []]


@READING.check
async def what_somebody_kept_is_kept_wherever_and_by_nobody_else(subject: Subject) -> None:
    await subject.tastes.put([save(1), save(2, on=2, public=False), save(3, by=2), save(4, by=None)], [])
    things = [thing(number) for number in (4, 3, 2, 1, 2)]
    for tastes in subject.readers:
        assert await tastes.kept(person(1), things) == [False, False, True, True, True]
        assert await tastes.kept(person(2), things) == [False, True, False, False, False]


@READING.check
async def saves_of_a_thing_on_a_board_are_counted_whosever_they_are(subject: Subject) -> None:
    saves = [save(number, of=number % 2, by=number % 3 or None, public=number % 4 > 0) for number in range(7)]
    await subject.tastes.put([*saves, save(50, of=0, on=2)], [])
    for tastes in subject.readers:
        assert await tastes.on_board(board(1), [thing(1), thing(5), thing(0), thing(1)]) == [3, 0, 4, 3]
        assert await tastes.on_board(board(2), [thing(1), thing(0)]) == [0, 1]


@READING.check
async def bounds_of_reads_are_kept(subject: Subject) -> None:
    many = [thing(1)] * (THINGS_MAX + 1)
    for tastes in subject.readers:
        refused = [
            tastes.saves(many),
            tastes.kept(person(1), many),
            tastes.on_board(board(1), many),
            tastes.shown(person(1), many),
            tastes.holding(many, 1),
            *(tastes.holding([thing(1)], each_max) for each_max in (0, EACH_MAX + 1)),
            *(tastes.of_person(person(1), None, limit) for limit in (0, PAGE_MAX + 1)),
            *(tastes.of_board(board(1), None, limit) for limit in (0, PAGE_MAX + 1)),
        ]
        for call in refused:
            with pytest.raises(ValueError, match=r"."):
                await call
