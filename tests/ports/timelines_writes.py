"""What the timelines port promises about putting, trimming, removing and remembering."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest

from bowerbird.ports.log import Offset
from bowerbird.ports.timelines import PAGE_MAX, PLACED_MAX, Entry, Placed, Slice
from tests.ports.suite import Suite
from tests.support.timelines_entries import (
    CAP,
    HOME,
    ME,
    NOBODY,
    YOU,
    all_of,
    entry,
    floor_of,
    mark,
    newest_first,
    put,
    some_id,
)
from tests.support.views_subject import Subject

WRITES = Suite[Subject]()


@WRITES.check
async def adding_again_changes_nothing(subject: Subject) -> None:
    for _ in range(3):
        await put(subject.timelines, ME, [entry(1), entry(2), entry(2)], cap=2)
    assert await subject.timelines.page(HOME, ME, None, 25) == Slice([entry(2), entry(1)], None, 2)
    subject.audit()


@WRITES.check
async def one_entry_a_pin_the_last_that_was_put(subject: Subject) -> None:
    for latest in (entry(10, 1), entry(30, 1), entry(20, 1), entry(20, 1, board=9), entry(20, 1, author=9)):
        await put(subject.timelines, ME, [latest, entry(15, 2)])
        assert await all_of(subject.timelines, ME) == newest_first([latest, entry(15, 2)])
    await put(subject.timelines, YOU, [entry(40, 1), entry(50, 1)])
    assert await all_of(subject.timelines, YOU) == [entry(50, 1)]
    assert entry(20, 1, author=9) in await all_of(subject.timelines, ME), "another's timeline is left as it was"
    subject.audit()


@WRITES.check
async def with_a_cap_the_newest_stay_and_the_floor_is_the_newest_trimmed(subject: Subject) -> None:
    for at in range(1, 200):
        await put(subject.timelines, ME, [entry(at)], cap=CAP)
        page = await subject.timelines.page(HOME, ME, None, 25)
        assert page.entries == newest_first(entry(one) for one in range(max(1, at - CAP + 1), at + 1))
        assert page.floor == (mark(entry(at - CAP)) if at > CAP else None)
    subject.audit()


@WRITES.check
async def many_at_once_are_trimmed_at_once(subject: Subject) -> None:
    await put(subject.timelines, ME, [entry(at) for at in range(1, 301)], cap=CAP)
    expected = Slice(newest_first(entry(at) for at in range(296, 301)), mark(entry(295)), CAP)
    assert await subject.timelines.page(HOME, ME, None, 25) == expected
    await put(subject.timelines, YOU, [entry(10, pin) for pin in range(1, 9)], cap=CAP)
    expected = Slice(newest_first(entry(10, pin) for pin in range(4, 9)), mark(entry(10, 3)), CAP)
    assert await subject.timelines.page(HOME, YOU, None, 25) == expected
    subject.audit()


@WRITES.check
async def without_a_cap_nothing_is_trimmed(subject: Subject) -> None:
    await put(subject.timelines, ME, [entry(at) for at in range(1, 900)])
    assert len(await all_of(subject.timelines, ME)) == 899
    assert await floor_of(subject.timelines, ME) is None


@WRITES.check
async def a_cap_trims_what_was_put_without_one(subject: Subject) -> None:
    await put(subject.timelines, ME, [entry(at) for at in range(1, 90)])
    await put(subject.timelines, ME, [entry(89)], cap=CAP)
    assert await all_of(subject.timelines, ME) == newest_first(entry(at) for at in range(85, 90))
    assert await floor_of(subject.timelines, ME) == mark(entry(84))


@WRITES.check
async def what_is_at_or_below_the_floor_is_not_put(subject: Subject) -> None:
    await put(subject.timelines, ME, [entry(at * 10) for at in range(1, 9)], cap=CAP)
    floor = mark(entry(30))
    assert await floor_of(subject.timelines, ME) == floor
    for low in (entry(30), entry(20), entry(25, 99), entry(30, 29)):
        await put(subject.timelines, ME, [low], cap=CAP)
        await put(subject.timelines, ME, [low])
    assert [one.at for one in await all_of(subject.timelines, ME)] == [80, 70, 60, 50, 40]
    await subject.timelines.remove(HOME, [ME], [some_id(80), some_id(70)])
    await put(subject.timelines, ME, [entry(30, 31), entry(20)], cap=CAP)
    assert [one.at for one in await all_of(subject.timelines, ME)] == [60, 50, 40, 30]
    assert await floor_of(subject.timelines, ME) == floor
    subject.audit()


@WRITES.check
async def an_entry_whose_pin_moves_below_the_floor_goes(subject: Subject) -> None:
    await put(subject.timelines, ME, [entry(at * 10) for at in range(1, 9)], cap=CAP)
    await put(subject.timelines, ME, [entry(5, 60)], cap=CAP)
    assert [one.at for one in await all_of(subject.timelines, ME)] == [80, 70, 50, 40]
    await put(subject.timelines, ME, [entry(65, 10)], cap=CAP)
    assert [one.at for one in await all_of(subject.timelines, ME)] == [80, 70, 65, 50, 40]
    subject.audit()


@WRITES.check
async def removing_takes_the_pins_and_no_others(subject: Subject) -> None:
    for owner in (ME, YOU):
        await put(subject.timelines, owner, [entry(at) for at in range(1, 9)])
    await put(subject.timelines, ME, [entry(1)], kind="posts")
    await subject.timelines.remove(HOME, [ME, NOBODY], [some_id(1), some_id(3), some_id(99)])
    await subject.timelines.remove(HOME, [ME], [some_id(1)])
    await subject.timelines.remove(HOME, [], [some_id(2)])
    await subject.timelines.remove(HOME, [ME], [])
    assert [one.at for one in await all_of(subject.timelines, ME)] == [8, 7, 6, 5, 4, 2]
    assert len(await all_of(subject.timelines, YOU)) == 8
    assert await all_of(subject.timelines, ME, "posts") == [entry(1)]
    await subject.timelines.remove(HOME, [ME, YOU], [some_id(pin) for pin in range(9)])
    assert await all_of(subject.timelines, ME) == await all_of(subject.timelines, YOU) == []
    subject.audit()


@WRITES.check
async def dropping_takes_an_author_a_board_or_both(subject: Subject) -> None:
    def entries() -> list[Entry]:
        return [entry(pin // 600, pin, board=pin % 2, author=pin % 3) for pin in range(1, 1300)]

    await put(subject.timelines, ME, entries())
    await put(subject.timelines, YOU, entries())
    await subject.timelines.drop(HOME, ME, author=some_id(0), board=some_id(0))
    await subject.timelines.drop(HOME, YOU, author=some_id(0))
    await subject.timelines.drop(HOME, YOU, board=some_id(1))
    await subject.timelines.drop(HOME, NOBODY, board=some_id(1))
    mine = [one for one in entries() if (one.author, one.board) != (some_id(0), some_id(0))]
    yours = [one for one in entries() if one.author != some_id(0) and one.board != some_id(1)]
    assert (await all_of(subject.timelines, ME)) == newest_first(mine)[:PAGE_MAX]
    assert (await all_of(subject.timelines, YOU)) == newest_first(yours)
    subject.audit()


@WRITES.check
async def dropping_all_takes_the_floor_too(subject: Subject) -> None:
    await put(subject.timelines, ME, [entry(at) for at in range(1, 1300)])
    await put(subject.timelines, ME, [entry(2000)], cap=1000)
    await put(subject.timelines, YOU, [entry(at) for at in range(1, 9)], cap=CAP)
    await subject.timelines.drop(HOME, ME)
    await subject.timelines.drop(HOME, NOBODY)
    assert await subject.timelines.page(HOME, ME, None, 25) == Slice([], None)
    await put(subject.timelines, ME, [entry(1)])
    assert await subject.timelines.page(HOME, ME, None, 25) == Slice([entry(1)], None, 1)
    assert await floor_of(subject.timelines, YOU) == mark(entry(3))
    subject.audit()


@WRITES.check
async def a_fan_out_reaches_everybody_once(subject: Subject) -> None:
    owners = [some_id(number) for number in range(1300)]
    for _ in range(2):
        await subject.timelines.add([Placed(HOME, owner, entry(5)) for owner in reversed(owners)], cap=CAP)
    for owner in owners:
        assert await all_of(subject.timelines, owner) == [entry(5)]
    await subject.timelines.remove(HOME, owners, [some_id(5), some_id(6)])
    assert await subject.timelines.merged(HOME, owners, None, 25) == []
    subject.audit()


@WRITES.check
async def applied_offsets_only_rise(subject: Subject) -> None:
    await subject.timelines.add([], None, [Offset(0, 7), Offset(3, 1)])
    await subject.timelines.add([Placed(HOME, ME, entry(1))], None, [Offset(0, 5), Offset(3, 2)])
    assert await subject.timelines.applied() == [Offset(0, 7), Offset(3, 2)]


@WRITES.check
async def offsets_are_applied_when_everything_is_there(subject: Subject) -> None:
    owners = [some_id(number) for number in range(3000)]
    placed = [Placed(HOME, owner, entry(5)) for owner in owners]
    adding = asyncio.ensure_future(subject.timelines.add(placed, CAP, [Offset(0, 1)]))
    try:
        while not adding.done():
            applied = await subject.timelines.applied()
            found = [owner for owner in owners if await all_of(subject.timelines, owner)]
            assert not applied or found == owners
            await asyncio.sleep(0)
    finally:
        await adding
    assert await subject.timelines.applied() == [Offset(0, 1)]


@WRITES.check
async def everything_outlives_the_process(subject: Subject) -> None:
    await put(subject.timelines, ME, [entry(at) for at in range(1, 9)], cap=CAP)
    await subject.timelines.add([], None, [Offset(0, 7)])
    before = await subject.timelines.page(HOME, ME, None, 25)
    await subject.reopen()
    assert await subject.timelines.page(HOME, ME, None, 25) == before
    assert await subject.timelines.applied() == [Offset(0, 7)]
    await put(subject.timelines, ME, [entry(2), entry(9)], cap=CAP)
    assert [one.at for one in await all_of(subject.timelines, ME)] == [9, 8, 7, 6, 5]
    subject.audit()


@WRITES.check
async def callers_at_once_do_not_disturb_each_other(subject: Subject) -> None:
    owners = [some_id(number) for number in range(600)]
    await asyncio.gather(
        *(subject.timelines.add([Placed(HOME, owner, entry(at)) for owner in owners], CAP) for at in range(1, 10)),
        subject.timelines.remove(HOME, owners, [some_id(99)]),
        *(subject.timelines.drop(HOME, owner, author=some_id(99)) for owner in owners[:50]),
    )
    for owner in owners:
        page = await subject.timelines.page(HOME, owner, None, 25)
        assert page.entries == newest_first(entry(at) for at in range(5, 10))
        assert page.floor == mark(entry(4))
    subject.audit()


@WRITES.check
async def what_a_cancelled_caller_began_can_be_done_again(subject: Subject) -> None:
    owners = [some_id(number) for number in range(1200)]
    placed = [Placed(HOME, owner, entry(5)) for owner in owners]
    for turns in (0, 1, 3):
        await _cancelled(subject.timelines.add(placed, CAP), turns)
        await subject.timelines.add(placed, CAP)
        assert all([await all_of(subject.timelines, owner) == [entry(5)] for owner in owners])
        await _cancelled(subject.timelines.remove(HOME, owners, [some_id(5)]), turns)
        await subject.timelines.remove(HOME, owners, [some_id(5)])
        assert await subject.timelines.merged(HOME, owners, None, 25) == []
        await put(subject.timelines, ME, [entry(at) for at in range(1, 1200)])
        await _cancelled(subject.timelines.drop(HOME, ME), turns)
        await subject.timelines.drop(HOME, ME)
        assert await all_of(subject.timelines, ME) == []
    subject.audit()


async def _cancelled(work: Coroutine[Any, Any, None], turns: int) -> None:
    """Begin work, let it go on for some turns, and cancel it."""
    task = asyncio.ensure_future(work)
    for _ in range(turns):
        await asyncio.sleep(0.001)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@WRITES.check
async def bounds_are_kept(subject: Subject) -> None:
    timelines = subject.timelines
    too_many = [NOBODY] * (PLACED_MAX + 1)
    refused = [
        timelines.page(HOME, ME, None, 0),
        timelines.page(HOME, ME, None, PAGE_MAX + 1),
        timelines.merged(HOME, [ME], None, 0),
        timelines.merged(HOME, [ME], None, PAGE_MAX + 1),
        timelines.merged(HOME, too_many, None, 25),
        timelines.add([Placed(HOME, ME, entry(1))] * (PLACED_MAX + 1), None),
        timelines.add([Placed(HOME, ME, entry(1))], 0),
        timelines.add([Placed(HOME, ME, Entry(-1, ME, ME, ME))], None),
        timelines.add([Placed(HOME, ME, Entry(1 << 63, ME, ME, ME))], None),
        timelines.remove(HOME, too_many, []),
        timelines.remove(HOME, [ME], [NOBODY] * (PAGE_MAX + 1)),
    ]
    for call in refused:
        with pytest.raises(ValueError, match=r"."):
            await call
    assert await all_of(timelines, ME) == []
