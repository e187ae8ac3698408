"""What the log port promises about groups: at least once, in order, from where they were or were sent to."""

import asyncio
from collections.abc import Sequence

import pytest

from bowerbird.ports.log import REASON_CHARACTERS_MAX, Lag, Mark, Offset, Stored
from bowerbird.ports.records import EngineUnavailable
from tests.ports.suite import Suite
from tests.support.log_subject import GROUP, TOPIC, Subject, record

GROUPS = Suite[Subject]()

AGES_MS = 60_000
"""Longer than any check may take: a poll that waits so long was not woken."""


async def stored_of(subject: Subject) -> list[Stored]:
    return await subject.log.read(TOPIC, [], 1000)


async def commit(subject: Subject, offset: Offset, group: str = GROUP) -> None:
    await subject.log.commit(group, TOPIC, [offset])


@GROUPS.check
async def a_group_reads_from_the_beginning_and_on(subject: Subject) -> None:
    await subject.append(*"abcde")
    assert await subject.polled(2) == ["a", "b"]
    assert await subject.polled(2) == ["c", "d"]
    await subject.append("f")
    assert await subject.polled() == ["e", "f"]
    assert await subject.polled() == []
    assert await subject.polled(group="search") == [*"abcdef"]
    batch = await subject.poll()
    assert (batch.topic, batch.group, batch.records) == (TOPIC, GROUP, [])


@GROUPS.check
async def a_new_process_begins_behind_what_was_committed(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(one) for one in "abcde"])
    assert await subject.polled() == [*"abcde"]
    assert await subject.polled(2, group="search") == ["a", "b"]
    await commit(subject, offsets[2])
    await subject.restart()
    assert await subject.polled() == ["d", "e"]
    assert await subject.polled(group="search") == [*"abcde"]


@GROUPS.check
async def what_a_group_committed_can_be_asked(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(one) for one in "abcde"])
    await subject.polled()
    assert await subject.log.committed(GROUP, TOPIC) == []
    await commit(subject, offsets[3])
    assert await subject.log.committed(GROUP, TOPIC) == [offsets[3]]
    assert await subject.log.committed("search", TOPIC) == []
    await subject.restart()
    assert await subject.log.committed(GROUP, TOPIC) == [offsets[3]]
    await subject.log.seek(GROUP, TOPIC, [offsets[1]])
    assert await subject.log.committed(GROUP, TOPIC) == [offsets[1]]


@GROUPS.check
async def a_commit_does_not_go_back(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(one) for one in "abcde"])
    await subject.polled()
    for place in (1, 3, 2, 0):
        await commit(subject, offsets[place])
    await subject.log.commit(GROUP, TOPIC, [])
    await subject.restart()
    assert await subject.polled() == ["e"]
    await commit(subject, Offset(offsets[4].partition, offsets[4].number + 1000))
    await subject.append("f")
    await subject.restart()
    assert await subject.polled() == ["f"]


@GROUPS.check
async def a_commit_moves_nothing_that_is_polled(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(one) for one in "abcde"])
    await subject.polled(2)
    await commit(subject, offsets[0])
    assert await subject.polled(2) == ["c", "d"]


@GROUPS.check
async def a_poll_wakes_for_what_is_appended(subject: Subject) -> None:
    for number in range(20):
        polling = asyncio.ensure_future(subject.poll(10, AGES_MS))
        for _ in range(number % 4):
            await asyncio.sleep(0)
        await subject.append("elsewhere", topic="views")
        await subject.append(str(number))
        async with asyncio.timeout(10):
            batch = await polling
        assert [stored.record.data for stored in batch.records] == [str(number).encode()]


@GROUPS.check
async def a_poll_with_nothing_to_come_returns_empty(subject: Subject) -> None:
    assert (await subject.poll(10, 20)).records == []
    await subject.append("a")
    assert await subject.polled() == ["a"]
    assert (await subject.poll(10, 20)).records == []


@GROUPS.check
async def a_poll_that_is_cancelled_harms_nobody(subject: Subject) -> None:
    for number in range(10):
        polling = asyncio.ensure_future(subject.poll(10, AGES_MS))
        for _ in range(number):
            await asyncio.sleep(0)
        polling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await polling
    await subject.append("a")
    assert await subject.polled() == ["a"]


@GROUPS.check
async def a_poll_whose_answer_was_lost_finds_the_same_again(subject: Subject) -> None:
    await subject.append(*"abcdefg")
    mark: Mark | None = None
    for expected in ("abc", "def", "g", ""):
        batches = [await subject.log.poll(GROUP, TOPIC, mark, 3, 0) for _ in range(3)]
        assert batches[1:] == batches[:1] * 2
        assert [stored.record.data.decode() for stored in batches[0].records] == [*expected]
        mark = batches[0].mark


@GROUPS.check
async def a_poll_of_a_former_life_takes_nothing_from_the_next(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(one) for one in "abcde"])
    await subject.polled(4)
    await commit(subject, offsets[1])
    former = dict(subject.marks)
    subject.marks.clear()
    assert await subject.polled(1) == ["c"]
    await subject.log.poll(GROUP, TOPIC, former[GROUP, TOPIC], 10, 0)
    assert await subject.polled() == ["d", "e"]
    await subject.restart()
    subject.marks |= former
    assert await subject.polled() == ["c", "d", "e"]


async def seek(subject: Subject, to: int | Sequence[Offset]) -> None:
    await subject.log.seek(GROUP, TOPIC, to)


@GROUPS.check
async def a_group_is_sent_to_a_time(subject: Subject) -> None:
    times = [10, 20, 20, 5, 30, 25, 40, 40, 50, 1]
    for number, at in enumerate(times):
        await subject.append(str(number), at=at)
    for to in range(60):
        await seek(subject, to)
        first = next((number for number, at in enumerate(times) if at >= to), len(times))
        assert await subject.polled() == [str(number) for number in range(first, len(times))]
    await subject.append("later", at=0)
    assert await subject.polled() == ["later"]


@GROUPS.check
async def a_group_is_sent_behind_an_offset(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(one) for one in "abcde"])
    for place, offset in enumerate(offsets):
        await seek(subject, [offset])
        assert await subject.polled() == [*"abcde"][place + 1 :]
    await seek(subject, [])
    assert await subject.polled() == [*"abcde"]
    await seek(subject, [Offset(offsets[-1].partition, offsets[-1].number + 1000)])
    await subject.append("f")
    assert await subject.polled() == ["f"]


@GROUPS.check
async def where_a_group_is_sent_it_is_in_another_life_too(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(one, at) for at, one in enumerate("abcde")])
    await subject.polled()
    await commit(subject, offsets[4])
    await seek(subject, 2)
    await subject.restart()
    assert await subject.polled() == ["c", "d", "e"]
    await seek(subject, [offsets[3]])
    await subject.restart()
    assert await subject.polled() == ["e"]


@GROUPS.check
async def what_was_polled_before_a_seek_is_not_committed_after_it(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(one) for one in "abcde"])
    await subject.polled()
    await seek(subject, [])
    await commit(subject, offsets[4])
    await subject.restart()
    assert await subject.polled() == [*"abcde"]
    await seek(subject, [])
    assert await subject.polled(3) == [*"abc"]
    await commit(subject, offsets[2])
    await subject.restart()
    assert await subject.polled() == ["d", "e"]


@GROUPS.check
async def the_next_reader_begins_behind_what_was_committed(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(one) for one in "abcde"])
    assert await subject.polled() == [*"abcde"]
    subject.marks.clear()
    assert await subject.polled(4) == [*"abcd"]
    await commit(subject, offsets[1])
    subject.marks.clear()
    assert await subject.polled(1) == ["c"]
    await commit(subject, offsets[2])
    subject.marks.clear()
    assert await subject.polled() == ["d", "e"]


@GROUPS.check
async def lag_counts_what_waits_and_tells_its_age(subject: Subject) -> None:
    assert await subject.log.lag() == []
    now_us = subject.clock.now_us()
    offsets = await subject.log.append(TOPIC, [record(str(age), now_us - age) for age in (9_000, 5_000, 1_000)])
    await subject.append("v", topic="views", at=now_us + 5)
    await subject.polled(1)
    await subject.polled(1, group="search")
    await subject.polled(1, group="search", topic="views")
    await commit(subject, offsets[1], "search")
    feed, search = Lag(TOPIC, "feed", 3, 9_000), Lag(TOPIC, "search", 1, 1_000)
    assert await subject.log.lag() == [feed, search, Lag("views", "search", 1, 0)]
    subject.clock.pass_s(1)
    await commit(subject, offsets[2], "search")
    await subject.restart()
    views = Lag("views", "search", 1, 999_995)
    assert await subject.log.lag() == [Lag(TOPIC, "feed", 3, 1_009_000), Lag(TOPIC, "search", 0, 0), views]


@GROUPS.check
async def what_a_group_gives_up_on_is_kept_once(subject: Subject) -> None:
    await subject.append(*"abc")
    stored = await stored_of(subject)
    parked_at = subject.clock.now_us()
    await subject.log.park(GROUP, TOPIC, stored[1], "x" * (REASON_CHARACTERS_MAX + 1))
    subject.clock.pass_s(1)
    await subject.log.park(GROUP, TOPIC, stored[1], "again")
    await subject.log.park("search", TOPIC, stored[0], "why")
    await subject.restart()
    parked = await subject.log.parked(None, 10)
    assert [(one.group, one.topic, one.stored) for one in parked] == [
        (GROUP, TOPIC, stored[1]),
        ("search", TOPIC, stored[0]),
    ]
    assert [one.parked_at for one in parked] == [parked_at, parked_at + 1_000_000]
    assert [one.reason for one in parked] == ["x" * REASON_CHARACTERS_MAX, "why"]
    assert await subject.log.parked("search", 10) == parked[1:]
    assert await subject.log.parked(None, 1) == parked[:1]
    assert await subject.log.parked("nobody", 10) == []


@GROUPS.check
async def what_is_unparked_is_forgotten(subject: Subject) -> None:
    await subject.append(*"ab")
    stored = await stored_of(subject)
    for one in stored:
        await subject.log.park(GROUP, TOPIC, one, "why")
        await subject.log.park("search", TOPIC, one, "why")
    await subject.log.unpark(GROUP, TOPIC, stored[0].offset)
    await subject.log.unpark(GROUP, TOPIC, stored[0].offset)
    assert [one.stored for one in await subject.log.parked(GROUP, 10)] == stored[1:]
    assert [one.stored for one in await subject.log.parked("search", 10)] == stored


@GROUPS.check
async def a_commit_is_acknowledged_when_it_is_kept(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(one) for one in "abc"])
    await subject.polled()
    await commit(subject, offsets[0])
    async with subject.outage("full"):
        with pytest.raises(EngineUnavailable):
            await commit(subject, offsets[1])
    await subject.restart()
    assert await subject.polled() == ["b", "c"]
