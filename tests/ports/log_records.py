"""What the log port promises about records: appended, kept, read, whatever happens to callers and engines."""

import asyncio
from contextlib import suppress

import pytest

from bowerbird.ports.log import APPEND_MAX, POLL_MAX, RECORD_BYTES_MAX, Offset, Record, Stored
from bowerbird.ports.records import EngineUnavailable
from tests.ports.suite import Suite
from tests.support.log_subject import GROUP, TOPIC, Subject, record
from tests.support.records_disk import Trouble

RECORDS = Suite[Subject]()
TROUBLES: tuple[Trouble, ...] = ("full", "write", "sync")


@RECORDS.check
async def a_topic_that_nobody_wrote_to_is_empty(subject: Subject) -> None:
    assert await subject.log.read(TOPIC, [], 10) == []
    assert await subject.log.end(TOPIC) == []
    assert await subject.polled() == []


@RECORDS.check
async def records_come_back_as_they_were_and_where_they_were_put(subject: Subject) -> None:
    records = [
        Record(b"", b"", 0),
        Record(b"\x00\xff", bytes(range(256)), -5),
        Record(b"key", b"d" * 70_000, (1 << 63) - 1),
    ]
    offsets = await subject.log.append(TOPIC, records)
    offsets += await subject.log.append(TOPIC, records)
    expected = [Stored(offset, one) for offset, one in zip(offsets, records * 2, strict=True)]
    assert await subject.log.read(TOPIC, [], 10) == expected
    assert (await subject.poll(10)).records == expected
    assert await subject.log.end(TOPIC) == offsets[-1:]
    assert await subject.log.append(TOPIC, []) == []


@RECORDS.check
async def reading_goes_on_behind_an_offset(subject: Subject) -> None:
    offsets = await subject.log.append(TOPIC, [record(str(number)) for number in range(10)])
    for place, offset in enumerate(offsets):
        for limit in (1, 3, 100):
            page = await subject.log.read(TOPIC, [offset], limit)
            assert [stored.offset for stored in page] == offsets[place + 1 :][:limit]


@RECORDS.check
async def topics_do_not_mix(subject: Subject) -> None:
    for number in range(10):
        await subject.append(f"a{number}")
        await subject.append(f"b{number}", topic="views")
    assert await subject.all() == [f"a{number}" for number in range(10)]
    assert await subject.all("views") == [f"b{number}" for number in range(10)]
    assert await subject.polled(topic="views") == [f"b{number}" for number in range(10)]


@RECORDS.check
async def everything_outlives_the_process(subject: Subject) -> None:
    for life in range(4):
        await subject.append(*(f"{life}.{number}" for number in range(5)))
        await subject.restart()
    expected = [f"{life}.{number}" for life in range(4) for number in range(5)]
    assert await subject.all() == expected
    assert len({stored.offset for stored in await subject.log.read(TOPIC, [], 100)}) == 20


@RECORDS.check
async def appends_at_once_keep_each_callers_order(subject: Subject) -> None:
    async def caller(name: int) -> list[Offset]:
        found: list[Offset] = []
        for turn in range(10):
            found += await subject.log.append(TOPIC, [record(f"{name}.{turn}.{part}") for part in range(3)])
        return found

    offsets = await asyncio.gather(*(caller(name) for name in range(30)))
    stored = {one.offset: one.record.data.decode() for one in await subject.log.read(TOPIC, [], POLL_MAX)}
    assert len(stored) == 900
    for name, own in enumerate(offsets):
        expected = [f"{name}.{turn}.{part}" for turn in range(10) for part in range(3)]
        assert [stored[offset] for offset in own] == expected
        assert own == sorted(own, key=lambda offset: offset.number)


@RECORDS.check
async def whoever_goes_away_harms_nobody(subject: Subject) -> None:
    async def fickle(name: int) -> None:
        appending = asyncio.ensure_future(subject.append(f"fickle-{name}.0", f"fickle-{name}.1"))
        for _ in range(name % 5):
            await asyncio.sleep(0)
        appending.cancel()
        with suppress(asyncio.CancelledError):
            await appending

    steady = [subject.append(f"steady-{name}") for name in range(50)]
    await asyncio.gather(*steady, *(fickle(name) for name in range(50)))
    found = await subject.all()
    assert {one for one in found if one.startswith("steady")} == {f"steady-{name}" for name in range(50)}
    assert len(found) == len(set(found))
    for name in range(50):
        there = [one for one in found if one.startswith(f"fickle-{name}.")]
        assert there == [f"fickle-{name}.0", f"fickle-{name}.1"][: len(there)]


@RECORDS.check
async def an_engine_that_cannot_write_acknowledges_nothing(subject: Subject) -> None:
    kept: list[str] = []
    for trouble in TROUBLES:
        await subject.append(f"before-{trouble}")
        async with subject.outage(trouble):
            with pytest.raises(EngineUnavailable):
                await subject.append(f"lost-{trouble}")
        await subject.append(f"after-{trouble}")
        kept += [f"before-{trouble}", f"after-{trouble}"]
    assert await subject.all() == kept
    assert await subject.polled() == kept
    await subject.restart()
    assert await subject.all() == kept


@RECORDS.check
async def an_answer_is_bounded_and_the_rest_can_be_read(subject: Subject) -> None:
    big = [Record(b"key", bytes([number]) * (RECORD_BYTES_MAX - 3), 0) for number in range(10)]
    offsets = await subject.log.append(TOPIC, big)
    first = await subject.log.read(TOPIC, [], 10)
    assert 0 < len(first) < 10
    found: list[Stored] = []
    while page := (await subject.poll(10)).records:
        found += page
    assert found == [Stored(offset, one) for offset, one in zip(offsets, big, strict=True)]


@RECORDS.check
async def bounds_are_kept(subject: Subject) -> None:
    await subject.append("a")
    log = subject.log
    stored = (await log.read(TOPIC, [], 1))[0]
    nowhere = Offset(1_000_000, 0)
    refused = [
        *(log.read(name, [], 1) for name in ("", "No", "1st", "a b", "a" * 65, "a/b")),
        *(log.poll(name, TOPIC, None, 1, 0) for name in ("", "Feed", "f" * 65)),
        *(log.read(TOPIC, [], limit) for limit in (0, POLL_MAX + 1)),
        *(log.poll(GROUP, TOPIC, None, limit, 0) for limit in (0, POLL_MAX + 1)),
        *(log.parked(None, limit) for limit in (0, POLL_MAX + 1)),
        log.poll(GROUP, TOPIC, None, 1, -1),
        log.append(TOPIC, [record("a")] * (APPEND_MAX + 1)),
        log.append(TOPIC, [Record(b"key", b"d" * (RECORD_BYTES_MAX - 2), 0)]),
        log.append(TOPIC, [Record(b"key", b"", 1 << 63)]),
        log.append("No", [record("a")]),
        log.end("No"),
        log.read(TOPIC, [nowhere], 1),
        log.commit(GROUP, TOPIC, [nowhere]),
        log.seek(GROUP, TOPIC, [nowhere]),
        log.park(GROUP, TOPIC, Stored(nowhere, stored.record), "why"),
    ]
    for call in refused:
        with pytest.raises(ValueError, match=r"."):
            await call
    assert await subject.all() == ["a"]
