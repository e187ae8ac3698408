"""What a process remembers of a records file takes no more memory than it may, whatever is read and written."""

import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from bowerbird.adapters.sqlite.connection import REBUILDABLE, Tuning
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id
from bowerbird.base.shards import ShardMap
from tests.support.records_subject import Inline
from tests.support.records_tables import NOTES, TABLES, Note, new_owner, note_id

KEPT_BYTES = 1 << 20
BODY_BYTES = 5_000


@pytest.fixture
async def records(tmp_path: Path) -> AsyncGenerator[SqliteRecords]:
    async with AsyncExitStack() as stack:
        writer = SqliteWriter.open(tmp_path, TABLES, ShardMap(), tuning=REBUILDABLE, executor=Inline)
        stack.push_async_callback(writer.close)
        opened = SqliteRecords.open(tmp_path, TABLES, ShardMap(), writer, tuning=Tuning(kept_bytes_max=KEPT_BYTES))
        stack.callback(opened.close)
        yield opened


async def _notes(records: SqliteRecords, owner: Id, count: int) -> list[Id]:
    ids = [note_id(owner) for _ in range(count)]
    for start in range(0, count, 100):
        rows = [Note(id_, owner, body=bytes(BODY_BYTES)) for id_ in ids[start : start + 100]]
        await records.commit([NOTES.insert(row) for row in rows])
    return ids


async def test_rows_that_are_large(records: SqliteRecords) -> None:
    ids = await _notes(records, new_owner(), 2_000)
    tracemalloc.start()
    try:
        for start in range(0, 2_000, 50):
            some = ids[start : start + 50]
            assert [row and row.id for row in await records.get(NOTES, [(id_,) for id_ in some])] == some
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * KEPT_BYTES


async def test_rows_that_are_not_there(records: SqliteRecords) -> None:
    owner = new_owner()
    tracemalloc.start()
    try:
        for _ in range(200):
            assert await records.get(NOTES, [(note_id(owner),) for _ in range(100)]) == [None] * 100
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * KEPT_BYTES


async def test_what_changes_often_does_not_drive_out_what_does_not(records: SqliteRecords) -> None:
    owner = new_owner()
    quiet, busy = await _notes(records, owner, 2)
    [first] = await records.get(NOTES, [(quiet,)])
    for number in range(1_000):
        [row] = await records.get(NOTES, [(busy,)])
        assert row is not None
        assert row.place == number
        await records.commit([NOTES.replace(replace(row, place=number + 1), {})])
    assert (await records.get(NOTES, [(quiet,)]))[0] is first


async def test_whoever_looks_after_more_changes_than_a_look_takes_in_sees_the_last_of_them(
    records: SqliteRecords,
) -> None:
    quiet, busy = await _notes(records, new_owner(), 2)
    [first] = await records.get(NOTES, [(quiet,)])
    assert first is not None
    for number in range(600):
        await records.commit([NOTES.patch((busy,), {"place": number})])
    await records.commit([NOTES.patch((quiet,), {"place": first.place + 1})])
    [last] = await records.get(NOTES, [(quiet,)])
    assert last is not None
    assert last.place == first.place + 1
