"""What the SQLite log promises beyond the port: sealed segments, readers in other processes, and an end."""

import asyncio
from pathlib import Path

import apsw
import pytest

from bowerbird.adapters.sqlite.log import Segments, SqliteLog, SqliteLogReader
from bowerbird.ports.log import Lag, Offset, Record
from bowerbird.ports.records import EngineUnavailable
from tests.support.log_subject import GROUP, TOPIC, record
from tests.support.records_sql import rows
from tests.support.set_clock import SetClock

SMALL = Segments(records_max=4)


def segments(folder: Path) -> dict[str, list[object]]:
    """Return the records of every segment, by its table's name."""
    connection = apsw.Connection(str(folder / "log.db"))
    names = [row[0] for row in rows(connection, "SELECT name FROM sqlite_schema WHERE name GLOB 'segment_*'")]
    found = {name: list[object](rows(connection, f"SELECT * FROM {name} ORDER BY number")) for name in names}  # noqa: S608 - names of tables
    connection.close()
    return found


async def test_a_sealed_segment_never_changes(tmp_path: Path) -> None:
    log = SqliteLog.open(tmp_path, SetClock(), segments=SMALL)
    sealed: dict[str, list[object]] = {}
    for number in range(20):
        await log.append(TOPIC, [record(str(number), number)])
        now = segments(tmp_path)
        assert len(now) == number // 4 + 1
        assert sealed.items() <= now.items()
        sealed = {name: held for name, held in now.items() if len(held) == 4}
    await log.append("views", [record("v")])
    assert len(segments(tmp_path)) == 6
    await log.close()


async def test_a_segment_is_sealed_when_it_holds_enough_bytes(tmp_path: Path) -> None:
    log = SqliteLog.open(tmp_path, SetClock(), segments=Segments(bytes_max=10_000))
    for _ in range(6):
        await log.append(TOPIC, [Record(b"", b"d" * 4_000, 0)])
    assert [len(held) for held in segments(tmp_path).values()] == [3, 3]
    await log.close()


async def test_another_process_reads_what_was_appended_since(tmp_path: Path) -> None:
    clock = SetClock()
    log = SqliteLog.open(tmp_path, clock, segments=SMALL)
    other = SqliteLogReader.open(tmp_path, clock)
    assert await other.end(TOPIC) == []
    for number in range(1, 10):
        await log.append(TOPIC, [record(str(number), clock.now_us())])
        assert [stored.record.data for stored in await other.read(TOPIC, [], 100)] == [
            b"%d" % one for one in range(1, number + 1)
        ]
        assert await other.end(TOPIC) == [Offset(0, number - 1)]
    batch = await log.poll(GROUP, TOPIC, None, 5, 0)
    await log.commit(GROUP, TOPIC, [batch.records[-1].offset])
    await log.park(GROUP, TOPIC, batch.records[2], "why")
    clock.pass_s(1)
    assert await other.lag() == [Lag(TOPIC, GROUP, 4, 1_000_000)]
    assert [parked.stored for parked in await other.parked(None, 10)] == [batch.records[2]]
    other.close()
    await log.close()


async def test_who_polls_a_log_that_closes_is_told(tmp_path: Path) -> None:
    log = SqliteLog.open(tmp_path, SetClock())
    polling = asyncio.ensure_future(log.poll(GROUP, TOPIC, None, 10, 60_000))
    await log.append(TOPIC, [record("a")])
    batch = await polling
    assert batch.records
    polling = asyncio.ensure_future(log.poll(GROUP, TOPIC, batch.mark, 10, 60_000))
    await asyncio.sleep(0)
    await log.close()
    async with asyncio.timeout(10):
        with pytest.raises(EngineUnavailable):
            await polling
    for late in (log.append(TOPIC, [record("b")]), log.read(TOPIC, [], 1), log.poll(GROUP, TOPIC, None, 1, 0)):
        with pytest.raises(EngineUnavailable):
            await late
