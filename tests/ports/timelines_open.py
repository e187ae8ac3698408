"""What the timelines port promises about timelines that are opened: who alone is written to, and when each was kept."""

from bowerbird.ports.timelines import Placed, Slice
from tests.ports.suite import Suite
from tests.support.timelines_entries import HOME, ME, NOBODY, YOU, all_of, entry, put, some_id
from tests.support.views_subject import Subject

OPEN = Suite[Subject]()
POSTS = "posts"


@OPEN.check
async def what_is_for_open_timelines_alone_makes_none(subject: Subject) -> None:
    await subject.timelines.open(HOME, ME)
    await put(subject.timelines, YOU, [entry(1)])
    both = [Placed(HOME, owner, entry(at)) for owner in (ME, YOU, NOBODY) for at in range(1, 600)]
    await subject.timelines.add(both, 3, only_open=True)
    assert [one.at for one in await all_of(subject.timelines, ME)] == [599, 598, 597]
    assert [one.at for one in await all_of(subject.timelines, YOU)] == [599, 598, 597]
    assert await subject.timelines.page(HOME, NOBODY, None, 25) == Slice([], None)
    subject.audit()


@OPEN.check
async def an_open_timeline_stays_when_it_is_empty(subject: Subject) -> None:
    await subject.timelines.open(HOME, ME)
    await subject.timelines.add([Placed(HOME, ME, entry(1))], None, only_open=True)
    await subject.timelines.remove(HOME, [ME], [entry(1).pin])
    await subject.timelines.add([Placed(HOME, ME, entry(2))], None, only_open=True)
    await subject.timelines.drop(HOME, ME, author=entry(2).author)
    await subject.timelines.add([Placed(HOME, ME, entry(3))], None, only_open=True)
    assert await all_of(subject.timelines, ME) == [entry(3)]
    await subject.timelines.open(HOME, ME)
    assert await all_of(subject.timelines, ME) == [entry(3)], "what is there stays"
    subject.audit()


@OPEN.check
async def a_dropped_timeline_is_open_no_more(subject: Subject) -> None:
    await subject.timelines.open(HOME, ME)
    await subject.timelines.keep(HOME, ME, 10)
    await subject.timelines.drop(HOME, ME)
    await subject.timelines.keep(HOME, ME, 20)
    await subject.timelines.add([Placed(HOME, ME, entry(1))], None, only_open=True)
    assert await subject.timelines.page(HOME, ME, None, 25) == Slice([], None)
    assert await subject.timelines.kept_before(HOME, 100, 10) == []
    subject.audit()


@OPEN.check
async def a_page_tells_when_its_timeline_was_kept_last(subject: Subject) -> None:
    await subject.timelines.open(HOME, ME)
    assert (await subject.timelines.page(HOME, ME, None, 25)).kept is None
    for at in (10, 30, 20):
        await subject.timelines.keep(HOME, ME, at)
    assert await subject.timelines.page(HOME, ME, None, 25) == Slice([], None, 0, 30)
    await put(subject.timelines, ME, [entry(at) for at in range(1, 9)], cap=5)
    await subject.timelines.open(HOME, ME)
    for limit in (2, 25):
        page = await subject.timelines.page(HOME, ME, None, limit)
        assert (page.size, page.kept) == (5, 30)
    await put(subject.timelines, YOU, [entry(1)])
    await subject.timelines.keep(HOME, YOU, 10)
    assert (await subject.timelines.page(HOME, YOU, None, 25)).kept is None, "it was not opened"
    await subject.timelines.open(HOME, YOU)
    await subject.timelines.keep(HOME, YOU, 10)
    assert (await subject.timelines.page(HOME, YOU, None, 25)).kept == 10


@OPEN.check
async def those_not_kept_since_come_oldest_first(subject: Subject) -> None:
    for number, at in ((1, 30), (2, 10), (3, 20), (4, 40)):
        await subject.timelines.open(HOME, some_id(number))
        await subject.timelines.keep(HOME, some_id(number), at)
    await subject.timelines.open(HOME, some_id(5))
    await subject.timelines.open(POSTS, some_id(6))
    await put(subject.timelines, some_id(7), [entry(1)])
    assert await subject.timelines.kept_before(HOME, 40, 10) == [some_id(number) for number in (5, 2, 3, 1)]
    assert await subject.timelines.kept_before(HOME, 40, 2) == [some_id(5), some_id(2)]
    assert await subject.timelines.kept_before(HOME, 10, 10) == [some_id(5)]
