"""What the walks port promises about changes, compaction and what is remembered."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest

from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.walks import CHANGES_MAX, Bias, Change, Described, Dropped, Found, Saved
from tests.ports.suite import Suite
from tests.ports.walks.scene import DAY_US, TODAY, asked, board, described, found, number, saves, scores, thing, unsaved
from tests.ports.walks.subject import Subject, audit, edges_of

CHANGING = Suite[Subject]()

PAIRS = [[1, 2], [2, 3], [3, 4]]


@CHANGING.check
async def saying_it_again_changes_nothing(subject: Subject) -> None:
    for _ in range(3):
        await subject.walks.change(saves(PAIRS) + saves(PAIRS))
        size = await subject.walks.size()
        assert (size.things, size.boards, size.edges, size.walked) == (4, 3, 6, 6)
    for _ in range(2):
        await subject.walks.change([unsaved(4, 2), unsaved(4, 2), unsaved(99, 99)])
        assert (await subject.walks.size()).edges == 5
    audit(subject.graph())


@CHANGING.check
async def an_edge_that_is_gone_is_never_walked_again(subject: Subject) -> None:
    await subject.walks.change(saves(PAIRS))
    for walks in subject.readers:
        assert await found(walks, 1) == {2, 3, 4}
    await subject.walks.change([unsaved(3, 1)])
    for walks in subject.readers:
        assert await found(walks, 1) == {2}
        assert await found(walks, 3) == {4}
    await subject.walks.compact()
    for walks in subject.readers:
        assert await found(walks, 1) == {2}
    await subject.walks.change([unsaved(2, 0)])
    for walks in subject.readers:
        assert await found(walks, 1) == await found(walks, 2) == set()
    audit(subject.graph())


@CHANGING.check
async def an_edge_that_came_is_walked_at_once(subject: Subject) -> None:
    await subject.walks.change(saves(PAIRS))
    await subject.walks.compact()
    for one in range(5, 12):
        await subject.walks.change([Saved(thing(one), board(1), TODAY)])
        for walks in subject.readers:
            assert one in await found(walks, 1)
    audit(subject.graph())


@CHANGING.check
async def dropping_takes_all_of_a_board_and_no_other(subject: Subject) -> None:
    await subject.walks.change(saves(PAIRS))
    await subject.walks.change([Dropped(board(1)), Dropped(board(77))])
    for walks in subject.readers:
        assert await found(walks, 1) == {2}
        assert await found(walks, 3) == {4}
    await subject.walks.compact()
    await subject.walks.change([Saved(thing(9), board(1), TODAY)])
    await subject.walks.change([Saved(thing(4), board(1), TODAY)])
    for walks in subject.readers:
        assert await found(walks, 9) == {4, 3}
    await subject.walks.change([Dropped(board(1))])
    for walks in subject.readers:
        assert await found(walks, 9) == set()
    audit(subject.graph())


@CHANGING.check
async def in_one_call_the_last_word_holds(subject: Subject) -> None:
    one, two = saves([[1, 2]])
    await subject.walks.change([one, two, unsaved(1, 0), one])
    assert await found(subject.walks, 1) == {2}
    await subject.walks.change([one, unsaved(1, 0)])
    assert await found(subject.walks, 1) == set()
    await subject.walks.change([one, Dropped(board(0)), two])
    assert (await subject.walks.size()).edges == 1
    await subject.walks.change([one, two, Dropped(board(0))])
    assert (await subject.walks.size()).edges == 0
    await subject.walks.change([Dropped(board(0)), one, Dropped(board(0)), two, one])
    assert await found(subject.walks, 1) == {2}
    await subject.walks.change([Saved(thing(1), board(0), 0), Saved(thing(1), board(0), TODAY + DAY_US)])
    assert [number(each.id) for each in await subject.walks.popular(TODAY + DAY_US, 5)] == [1]


@CHANGING.check
async def a_call_is_made_whole_or_not_at_all(subject: Subject) -> None:
    await subject.walks.change(saves(PAIRS), [Offset(0, 1)])
    bad: list[Change] = [
        Saved(Id(b"short"), board(1), TODAY),
        Saved(thing(1), Id(b"short"), TODAY),
        Saved(thing(1), board(1), -1),
        Saved(thing(1), board(1), 1 << 62),
        Described(thing(1), 1 << 16, ""),
        Described(thing(1), -1, ""),
        Described(thing(1), 1, "E"),
        Described(thing(1), 1, "engl"),
        Dropped(Id(b"")),
    ]
    for one in bad:
        with pytest.raises(ValueError, match=r"\w"):
            await subject.walks.change([unsaved(1, 0), one], [Offset(0, 2)])
    with pytest.raises(ValueError, match=r"\w"):
        await subject.walks.change([unsaved(1, 0)] * (CHANGES_MAX + 1))
    assert await found(subject.walks, 1) == {2, 3, 4}
    assert await subject.walks.applied() == [Offset(0, 1)]


@CHANGING.check
async def a_description_may_come_first_and_holds_until_the_next(subject: Subject) -> None:
    await subject.walks.change([described(2, 7), described(3, 7)])
    await subject.walks.compact()
    await subject.walks.change(saves([[1, 2, 3]]))
    await subject.walks.change([described(3, 8)])
    for _ in range(2):
        assert [number(one.id) for one in await subject.walks.popular(0, 9, _topic(7))] == [2]
        assert [number(one.id) for one in await subject.walks.popular(0, 9, _topic(8))] == [3]
        await subject.walks.compact()
    await subject.walks.change([described(2, 0), described(3, 0)])
    assert await subject.walks.popular(0, 9, _topic(7)) == await subject.walks.popular(0, 9, _topic(8)) == []


@CHANGING.check
async def applied_offsets_only_rise(subject: Subject) -> None:
    assert await subject.walks.applied() == []
    await subject.walks.change([], [Offset(3, 1), Offset(0, 7)])
    await subject.walks.change(saves(PAIRS), [Offset(0, 5), Offset(3, 2)])
    for _ in range(2):
        for walks in subject.readers:
            assert await walks.applied() == [Offset(0, 7), Offset(3, 2)]
        await subject.walks.compact()
        await subject.walks.change([], [Offset(0, 6)])


@CHANGING.check
async def everything_outlives_the_process(subject: Subject) -> None:
    await subject.walks.change([*saves(PAIRS), described(2, 7)], [Offset(0, 7)])
    for _ in range(2):
        await subject.reopen()
        await subject.walks.change([unsaved(4, 2)])
        assert edges_of(subject.graph()) == {(one.thing, one.board): TODAY // DAY_US for one in saves(PAIRS)[:-1]}
        assert await subject.walks.applied() == [Offset(0, 7)]
        assert [number(one.id) for one in await subject.walks.popular(0, 9, _topic(7))] == [2]
        await subject.walks.compact()


@CHANGING.check
async def compaction_changes_nothing_that_is_found(subject: Subject) -> None:
    await subject.walks.change(saves([range(1, 30), range(20, 60), range(50, 90), [1, 90]]))
    await subject.walks.change([described(one, 1 + one % 5, "en") for one in range(1, 90)])
    for turn in range(3):
        await subject.walks.change([unsaved(20 + turn, 1), Saved(thing(100 + turn), board(2), TODAY)])
        before, edges = await subject.walks.size(), edges_of(subject.graph())
        popular = await subject.walks.popular(0, 1000)
        await subject.walks.compact()
        after = await subject.walks.size()
        assert (after.edges, after.walked, after.waiting) == (before.edges, before.walked, 0)
        assert after.compacted_at > before.compacted_at
        assert edges_of(subject.graph()) == edges
        assert await subject.walks.popular(0, 1000) == popular
        audit(subject.graph())


@CHANGING.check
async def changes_go_on_while_a_snapshot_is_made(subject: Subject) -> None:
    await subject.walks.change(saves(PAIRS), [Offset(0, 1)])
    subject.hand.may_go.clear()
    compacting = asyncio.ensure_future(subject.walks.compact())
    await subject.hand.asked.wait()
    await subject.walks.change([unsaved(4, 2), Saved(thing(9), board(0), TODAY)], [Offset(0, 2)])
    for walks in subject.readers:
        assert await found(walks, 1) == {2, 3, 9}
    subject.hand.may_go.set()
    await compacting
    for walks in subject.readers:
        assert await found(walks, 1) == {2, 3, 9}
        assert await walks.applied() == [Offset(0, 2)]
    await subject.reopen()
    assert await found(subject.walks, 1) == {2, 3, 9}
    audit(subject.graph())


@CHANGING.check
async def a_snapshot_that_fails_leaves_everything_as_it_was(subject: Subject) -> None:
    subject.hand.fails = True
    await subject.walks.change(saves(PAIRS), [Offset(0, 1)])
    for turn in range(3):
        with pytest.raises(EngineUnavailable):
            await subject.walks.compact()
        await subject.walks.change([Saved(thing(50 + turn), board(0), TODAY)])
    for walks in subject.readers:
        assert await found(walks, 1) == {2, 3, 4, 50, 51, 52}
    subject.hand.fails = False
    await subject.walks.compact()
    await subject.reopen()
    assert await found(subject.walks, 1) == {2, 3, 4, 50, 51, 52}
    assert await subject.walks.applied() == [Offset(0, 1)]


@CHANGING.check
async def clearing_forgets_everything(subject: Subject) -> None:
    for compacted in (False, True):
        await subject.walks.change([*saves(PAIRS), described(1, 7)], [Offset(0, 7)])
        if compacted:
            await subject.walks.compact()
        await subject.walks.clear()
        await subject.walks.clear()
        for walks in subject.readers:
            assert await walks.walk(asked(1)) == Found([], [], 0)
            assert await walks.applied() == []
            size = await walks.size()
            assert (size.things, size.edges, size.waiting, size.compacted_at) == (0, 0, 0, 0)
        await subject.walks.change(saves([[1, 5]]), [Offset(0, 1)])
        await subject.reopen()
        assert await found(subject.walks, 1) == {5}
        assert await subject.walks.applied() == [Offset(0, 1)]
        await subject.walks.clear()


@CHANGING.check
async def what_a_cancelled_caller_began_can_be_done_again(subject: Subject) -> None:
    for turns in (0, 1, 2, 5):
        await _cancelled(subject.walks.change(saves(PAIRS), [Offset(0, turns)]), turns)
        await subject.walks.change(saves(PAIRS), [Offset(0, turns)])
        await _cancelled(subject.walks.compact(), turns)
        await _cancelled(subject.walks.walk(asked(1)), turns)
        assert await found(subject.walks, 1) == {2, 3, 4}
        assert await subject.walks.applied() == [Offset(0, turns)]
        await subject.walks.compact()
        await _cancelled(subject.walks.clear(), turns)
        await subject.walks.clear()
        assert (await subject.walks.size()).edges == 0


@CHANGING.check
async def callers_at_once_do_not_disturb_each_other(subject: Subject) -> None:
    async def save(one: int) -> None:
        await subject.walks.change([Saved(thing(one), board(one % 3), TODAY)], [Offset(0, one)])
        assert one in scores(await subject.walks.walk(asked(one % 3 + 1000)))

    await subject.walks.change([Saved(thing(1000 + on), board(on), TODAY) for on in range(3)])
    await asyncio.gather(*(save(one) for one in range(1, 60)), subject.walks.compact(), subject.walks.compact())
    assert (await subject.beside.size()).edges == 62
    assert await subject.beside.applied() == [Offset(0, 59)]
    audit(subject.graph())


async def _cancelled(work: Coroutine[Any, Any, object], turns: int) -> None:
    task = asyncio.ensure_future(work)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _topic(topic: int) -> Bias:
    return Bias(topics=[topic])
