"""What the tastes port promises about putting saves and taking them out, about boards that turn, and about offsets."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

import pytest

from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.tastes import CHANGES_MAX, Save
from tests.ports.suite import Suite
from tests.ports.tastes.scene import (
    board,
    by_person,
    held,
    looks,
    newest_first,
    on,
    person,
    pin,
    save,
    sight,
    thing,
)
from tests.ports.tastes.subject import Subject

SAVING = Suite[Subject]()

MANY = 900
"""More than one step of an engine."""


async def nothing_of(subject: Subject, one: Save) -> None:
    """Assert that none of a save's ids leads anywhere."""
    for tastes in subject.readers:
        assert one.person is not None
        assert await tastes.of_person(one.person, None, 9) == await tastes.of_board(one.board, None, 9) == []
        assert await tastes.holding([one.thing], 9) == [[]]
        assert await tastes.kept(one.person, [one.thing]) == [False]
        assert await tastes.on_board(one.board, [one.thing]) == [0]


@SAVING.check
async def putting_again_changes_nothing(subject: Subject) -> None:
    saves = [save(1), save(2, public=False), save(3, by=None)]
    for _ in range(3):
        await subject.tastes.put(saves, [pin(9)])
        assert await on(subject.beside) == newest_first(saves)
        assert await subject.beside.on_board(board(1), [thing(1), thing(2)]) == [1, 1]
    subject.audit()


@SAVING.check
async def a_save_takes_the_place_of_what_its_pin_was(subject: Subject) -> None:
    words = [save(1, of=n, by=n, on=n, at=50 - n, public=n % 2 > 0) for n in (1, 2, 3)]
    for before, after in zip([save(1, of=9, by=9, on=9), *words], words, strict=False):
        await subject.tastes.put([after], [])
        assert await subject.tastes.saves([pin(1)]) == [after]
        await nothing_of(subject, before)
    await subject.tastes.put([save(1, of=3, by=3, on=3)], [])
    assert await held(subject.tastes, [3]) == [save(1, of=3, by=3, on=3)]
    await subject.tastes.put([save(1, of=3, by=3, on=3, public=False)], [])
    assert await held(subject.tastes, [3]) == []
    subject.audit()


@SAVING.check
async def of_two_saves_of_a_pin_the_later_counts(subject: Subject) -> None:
    await subject.tastes.put([save(1, on=2), save(2), save(1, on=3)], [])
    assert await on(subject.beside, 2) == []
    assert await on(subject.beside, 3) == [save(1, on=3)]
    await subject.tastes.put([save(1, on=3), save(1, on=2)], [])
    assert await on(subject.beside, 3) == []
    assert await on(subject.beside, 2) == [save(1, on=2)]
    subject.audit()


@SAVING.check
async def a_pin_that_is_gone_is_nowhere(subject: Subject) -> None:
    await subject.tastes.put([save(1), save(2, by=2, on=2)], [])
    await subject.tastes.put([save(3)], [pin(1), pin(7), pin(1)])
    assert await on(subject.beside) == await by_person(subject.beside) == [save(3)]
    await subject.tastes.put([save(3, at=8), save(3, at=9)], [pin(3)])
    await nothing_of(subject, save(3))
    assert await subject.beside.saves([pin(1), pin(2), pin(3)]) == [None, save(2, by=2, on=2), None]
    await subject.tastes.put([save(1)], [])
    assert await on(subject.beside) == [save(1)]
    subject.audit()


@SAVING.check
async def publishing_is_of_all_saves_on_a_board_and_of_no_others(subject: Subject) -> None:
    saves = [save(number, by=number % 3 or None, public=False) for number in range(MANY)]
    others = [save(5000, on=2), save(5001, on=3, public=False)]
    await subject.tastes.put(saves, [])
    await subject.tastes.put(others, [])
    for public in (True, True, False, False, True):
        await subject.tastes.publish(board(1), public=public)
        await subject.tastes.publish(board(9), public=public)
        expected = [save(number, by=number % 3 or None, public=public) for number in range(MANY)]
        for tastes in subject.readers:
            assert await on(tastes) == newest_first(expected)
            assert await held(tastes, range(MANY)) == (expected if public else [])
            assert await tastes.saves([pin(5000), pin(5001)]) == others
    subject.audit()


@SAVING.check
async def a_board_that_was_turned_takes_saves_as_they_are_put(subject: Subject) -> None:
    await subject.tastes.put([save(1), save(2, public=False)], [])
    await subject.tastes.publish(board(1), public=False)
    await subject.tastes.put([save(3), save(4, public=False)], [])
    assert await held(subject.beside, range(9)) == [save(3)]
    await subject.tastes.publish(board(1), public=True)
    await subject.tastes.put([save(5), save(6, public=False)], [])
    assert await held(subject.beside, range(9)) == [save(number) for number in range(1, 6)]
    await subject.tastes.publish(board(1), public=False)
    assert await held(subject.beside, range(9)) == []
    assert await on(subject.beside) == newest_first(save(number, public=False) for number in range(1, 7))
    subject.audit()


@SAVING.check
async def a_board_that_turns_many_ways_at_once_comes_to_rest(subject: Subject) -> None:
    for begin in (0, MANY):
        await subject.tastes.put([save(begin + number, public=False) for number in range(MANY)], [])
    await asyncio.gather(*(subject.tastes.publish(board(1), public=turn % 2 > 0) for turn in range(6)))
    found = await on(subject.beside)
    assert len({one.public for one in found}) == 1
    assert len(await held(subject.beside, range(MANY))) == (MANY if found[0].public else 0)
    subject.audit()


@SAVING.check
async def what_is_put_while_a_board_turns_is_public_everywhere_or_nowhere(subject: Subject) -> None:
    await subject.tastes.put([save(number, public=False) for number in range(MANY)], [])
    for turn in (True, False):
        puts = [subject.tastes.put([save(2000 + number, public=number % 2 > 0)], []) for number in range(20)]
        await asyncio.gather(subject.tastes.publish(board(1), public=turn), *puts)
        public = {one.pin for one in await on(subject.beside) if one.public}
        assert {one.pin for one in await held(subject.beside, [*range(900), *range(2000, 2020)])} == public
        subject.audit()


@SAVING.check
async def forgetting_takes_all_of_one_person(subject: Subject) -> None:
    for on_board in (1, 2):
        await subject.tastes.put([save(number + 1000 * on_board, on=on_board) for number in range(MANY)], [])
    others = [save(1, by=2), save(2, by=None), save(3, by=2, on=2, public=False)]
    await subject.tastes.put(others, [])
    for by in (1, 2):
        await subject.tastes.saw([sight(number, 5, by) for number in range(MANY)])
    for _ in range(2):
        await subject.tastes.forget(person(1))
        await subject.tastes.forget(person(9))
        for tastes in subject.readers:
            assert await by_person(tastes) == []
            assert await on(tastes) == newest_first(others[:2])
            assert await held(tastes, range(1000, 2000)) == []
            assert await tastes.on_board(board(2), [thing(2000), thing(3)]) == [0, 1]
            assert await tastes.kept(person(1), [thing(1000)]) == [False]
            assert await tastes.shown(person(1), [thing(1)]) == [0]
            assert await tastes.shown(person(2), [thing(1)]) == [1]
    subject.audit()


@SAVING.check
async def one_who_was_forgotten_begins_anew(subject: Subject) -> None:
    await subject.tastes.put([save(1), save(2)], [])
    await subject.tastes.saw([sight(1, 5), sight(1, 6)])
    await subject.tastes.forget(person(1))
    await subject.tastes.put([save(2)], [])
    await subject.tastes.saw([sight(1, 5)])
    assert await by_person(subject.beside) == [save(2)]
    assert await subject.beside.shown(person(1), [thing(1)]) == [1]
    subject.audit()


@SAVING.check
async def applied_offsets_only_rise(subject: Subject) -> None:
    await subject.tastes.put([], [], [Offset(0, 7), Offset(3, 1)])
    await subject.tastes.put([save(1)], [], [Offset(0, 5), Offset(3, 2)])
    await subject.tastes.put([save(1)], [pin(2)])
    for tastes in subject.readers:
        assert await tastes.applied() == [Offset(0, 7), Offset(3, 2)]


@SAVING.check
async def a_put_is_seen_whole(subject: Subject) -> None:
    moved = [save(number, on=2) for number in range(CHANGES_MAX - MANY, CHANGES_MAX)]
    gone = [pin(number) for number in range(CHANGES_MAX - MANY)]
    await subject.tastes.put([save(number) for number in range(MANY)], [])

    async def look() -> tuple[list[Offset], set[Id]]:
        applied = await subject.beside.applied()
        found = await subject.beside.saves([pin(number) for number in range(CHANGES_MAX)])
        return applied, {one.board for one in found if one}

    seen = await looks(subject.tastes.put(moved, gone, [Offset(0, 1)]), look)
    assert all(boards == {board(2)} or (boards == {board(1)} and not applied) for applied, boards in seen)
    assert seen[-1] == ([Offset(0, 1)], {board(2)})


@SAVING.check
async def turning_a_board_is_seen_whole(subject: Subject) -> None:
    await subject.tastes.put([save(number, by=number % 2, public=False) for number in range(MANY)], [])

    async def look() -> tuple[int, int]:
        public = sum(one.public for one in await on(subject.beside))
        return public, len(await held(subject.beside, range(MANY)))

    for public in (True, False):
        seen = await looks(subject.tastes.publish(board(1), public=public), look)
        assert {count for one in seen for count in one} <= {0, MANY}
        assert seen[-1] == ((MANY, MANY) if public else (0, 0))


@SAVING.check
async def forgetting_is_seen_whole(subject: Subject) -> None:
    await subject.tastes.put([save(number) for number in range(MANY)], [])
    await subject.tastes.saw([sight(number, 5) for number in range(MANY)])
    things, pins = [thing(number) for number in range(MANY)], [pin(number) for number in range(MANY)]

    async def look() -> list[int]:
        there = subject.beside
        counts = [len(await by_person(there)), len(await on(there)), len(await held(there, range(MANY)))]
        counts += [sum(await there.kept(person(1), things)), sum(await there.on_board(board(1), things))]
        return [*counts, sum(await there.shown(person(1), things)), MANY - (await there.saves(pins)).count(None)]

    seen = await looks(subject.tastes.forget(person(1)), look)
    assert {count for one in seen for count in one} <= {0, MANY}
    assert not any(seen[-1])


@SAVING.check
async def what_was_acknowledged_the_next_read_sees(subject: Subject) -> None:
    for number in range(1, 50):
        await subject.tastes.put([save(number)], [pin(number - 1)])
        for tastes in subject.readers:
            assert await on(tastes) == [save(number)]
        await subject.tastes.publish(board(1), public=False)
        for tastes in subject.readers:
            assert await held(tastes, [number]) == []


@SAVING.check
async def everything_outlives_the_process(subject: Subject) -> None:
    await subject.tastes.put([save(1), save(2, public=False)], [], [Offset(0, 7)])
    await subject.tastes.put([save(3, on=2)], [])
    await subject.tastes.publish(board(2), public=False)
    await subject.tastes.saw([sight(1, 5), sight(1, 6)])
    await subject.reopen()
    for tastes in subject.readers:
        assert await by_person(tastes) == [save(3, on=2, public=False), save(2, public=False), save(1)]
        assert await tastes.shown(person(1), [thing(1)]) == [2]
        assert await tastes.applied() == [Offset(0, 7)]
    await subject.tastes.put([save(4, on=2)], [pin(1)])
    assert await held(subject.beside, range(9)) == [save(4, on=2)]
    subject.audit()


@SAVING.check
async def what_a_cancelled_caller_began_can_be_done_again(subject: Subject) -> None:
    saves = [save(number, public=False) for number in range(MANY)]
    for turns in (0, 1, 3):
        for call in (_put(subject, saves), _publish(subject), _forget(subject)):
            await _cancelled(call, turns)
        await _put(subject, saves)
        assert await on(subject.beside) == newest_first(saves)
        await _publish(subject)
        assert len(await held(subject.beside, range(MANY))) == MANY
        await _forget(subject)
        assert await on(subject.beside) == []
        subject.audit()


async def _put(subject: Subject, saves: Sequence[Save]) -> None:
    await subject.tastes.put(saves, [])


async def _publish(subject: Subject) -> None:
    await subject.tastes.publish(board(1), public=True)


async def _forget(subject: Subject) -> None:
    await subject.tastes.forget(person(1))


async def _cancelled(work: Coroutine[Any, Any, None], turns: int) -> None:
    """Begin work, let it go on for some turns, and cancel it."""
    task = asyncio.ensure_future(work)
    for _ in range(turns):
        await asyncio.sleep(0.001)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@SAVING.check
async def bounds_of_puts_are_kept(subject: Subject) -> None:
    tastes = subject.tastes
    pins: list[Id] = [pin(1)] * CHANGES_MAX
    refused = [
        tastes.put([save(1)] * (CHANGES_MAX + 1), []),
        tastes.put([], [*pins, pin(2)]),
        tastes.put([save(1)], pins),
        tastes.put([save(2, at=-1)], []),
        tastes.put([save(2), save(1, at=(1 << 63) - 1)], []),
    ]
    for call in refused:
        with pytest.raises(ValueError, match=r"."):
            await call
    assert await on(tastes) == []
    await tastes.put([save(2)], pins[1:])
    await tastes.put([save(1, at=(1 << 63) - 2), save(3, at=0)], [])
    assert [one.pin for one in await on(tastes)] == [pin(1), pin(2), pin(3)]
