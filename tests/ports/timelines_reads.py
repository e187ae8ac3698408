"""What the timelines port promises about pages and merges."""

from bowerbird.ports.timelines import Entry, Mark, Slice
from tests.ports.suite import Suite
from tests.support.timelines_entries import (
    HOME,
    ME,
    NOBODY,
    YOU,
    all_of,
    entry,
    mark,
    newest_first,
    put,
    some_id,
)
from tests.support.views_subject import Subject

READS = Suite[Subject]()


@READS.check
async def nothing_is_an_empty_page(subject: Subject) -> None:
    assert await subject.timelines.page(HOME, ME, None, 25) == Slice([], None)
    assert await subject.timelines.merged(HOME, [ME, YOU], None, 25) == []
    assert await subject.timelines.merged(HOME, [], None, 25) == []
    assert await subject.timelines.applied() == []


@READS.check
async def entries_come_newest_first_and_whole(subject: Subject) -> None:
    entries = [entry(30, board=1), entry(10, author=2), entry(20)]
    await put(subject.timelines, ME, entries)
    assert await subject.timelines.page(HOME, ME, None, 25) == Slice(newest_first(entries), None, 3)


@READS.check
async def within_one_time_pins_decide(subject: Subject) -> None:
    entries = [entry(10, pin) for pin in (3, 1, 255, 2, 256)]
    await put(subject.timelines, ME, entries)
    expected = newest_first(entries)
    assert await all_of(subject.timelines, ME) == expected
    for limit in range(1, 6):
        assert (await subject.timelines.page(HOME, ME, None, limit)).entries == expected[:limit]
    for cut in range(5):
        page = await subject.timelines.page(HOME, ME, mark(expected[cut]), 25)
        assert page.entries == expected[cut + 1 :]


@READS.check
async def a_page_ends_before_its_mark_whether_that_is_there_or_not(subject: Subject) -> None:
    await put(subject.timelines, ME, [entry(10), entry(20), entry(30)])
    for before, times in (
        (Mark(20, some_id(20)), [10]),
        (Mark(20, some_id(21)), [20, 10]),
        (Mark(20, some_id(19)), [10]),
        (Mark(25, NOBODY), [20, 10]),
        (Mark(10, some_id(10)), []),
        (Mark(99, NOBODY), [30, 20, 10]),
    ):
        page = await subject.timelines.page(HOME, ME, before, 25)
        assert [one.at for one in page.entries] == times


@READS.check
async def walking_meets_each_entry_once_while_new_ones_arrive_above(subject: Subject) -> None:
    entries = [entry(at // 3, at) for at in range(1, 200)]
    await put(subject.timelines, ME, entries)
    for limit in (1, 7, 50):
        seen: list[Entry] = []
        before: Mark | None = None
        while page := (await subject.timelines.page(HOME, ME, before, limit)).entries:
            seen += page
            before = mark(page[-1])
            await put(subject.timelines, ME, [entry(1000 + len(seen), limit * 1000 + len(seen))])
        assert [one for one in seen if one.at < 1000] == newest_first(entries)
        assert len(seen) == len(set(seen))


@READS.check
async def timelines_do_not_mix(subject: Subject) -> None:
    await put(subject.timelines, ME, [entry(1)])
    await put(subject.timelines, YOU, [entry(2)])
    await put(subject.timelines, ME, [entry(3)], kind="posts")
    assert await all_of(subject.timelines, ME) == [entry(1)]
    assert await all_of(subject.timelines, YOU) == [entry(2)]
    assert await all_of(subject.timelines, ME, "posts") == [entry(3)]
    assert await subject.timelines.merged(HOME, [ME, YOU], None, 25) == [entry(2), entry(1)]


@READS.check
async def a_merge_is_the_newest_of_all_one_a_pin(subject: Subject) -> None:
    owners = [some_id(number) for number in range(40)]
    expected: set[Entry] = set()
    for number, owner in enumerate(owners):
        entries = [entry((at * 7919 + number * 31) % 977 + 1, at * 100 + number % 23) for at in range(number % 9 * 8)]
        await put(subject.timelines, owner, entries)
        expected.update(entries)
    latest = {one.pin: one for one in sorted(expected)}
    for limit in (1, 10, 25, 200):
        found = await subject.timelines.merged(HOME, [*owners, NOBODY, owners[3]], None, limit)
        assert found == newest_first(latest.values())[:limit]


@READS.check
async def walking_a_merge_meets_each_pin_once(subject: Subject) -> None:
    pins = {number: entry(number // 4, number) for number in range(400)}
    owners = [some_id(number) for number in range(30)]
    for number, owner in enumerate(owners):
        await put(subject.timelines, owner, [pins[pin] for pin in range(400) if pin % (number + 2) < 2], cap=50)
    expected = {one for owner in owners for one in await all_of(subject.timelines, owner)}
    seen: list[Entry] = []
    before: Mark | None = None
    while found := await subject.timelines.merged(HOME, owners, before, 7):
        seen += found
        before = mark(found[-1])
    assert seen == newest_first(expected)


@READS.check
async def a_merge_takes_the_newest_of_a_pin_that_is_older_than_the_mark(subject: Subject) -> None:
    await put(subject.timelines, ME, [entry(30, 1), entry(5, 2)])
    await put(subject.timelines, YOU, [entry(20, 1), entry(10, 2)])
    assert await subject.timelines.merged(HOME, [ME, YOU], None, 1) == [entry(30, 1)]
    assert await subject.timelines.merged(HOME, [ME, YOU], None, 9) == [entry(30, 1), entry(10, 2)]
    assert await subject.timelines.merged(HOME, [ME, YOU], Mark(30, some_id(1)), 9) == [entry(20, 1), entry(10, 2)]
    assert await subject.timelines.merged(HOME, [ME, YOU], Mark(10, some_id(2)), 9) == [entry(5, 2)]
