"""What was acknowledged outlives the process and the power; what was not is there whole or not at all."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import apsw

from bowerbird.adapters.sqlite.connection import Tuning
from bowerbird.adapters.sqlite.schema import MIGRATIONS
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.shards import ShardMap
from tests.support.records_crash import SERVERS
from tests.support.records_disk import FailingDisk
from tests.support.records_sql import rows
from tests.support.records_tables import NOTES, TABLES, event, new_note, owners_everywhere

ROOT = Path(__file__).parents[2]
ACKNOWLEDGED = 400


@asynccontextmanager
async def writing_process(folder: Path) -> AsyncGenerator[asyncio.StreamReader]:
    """Start the process that writes; it is dead at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.records_crash", str(folder), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield process.stdout
        process.kill()
        # What it had said before it died is still in the pipe.
        await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    for round_ in range(3):
        folder = tmp_path / str(round_)
        folder.mkdir()
        async with writing_process(folder) as said:
            acknowledged = {(await said.readline()).decode().strip() for _ in range(ACKNOWLEDGED)}
        there = await whole_units(folder)
        assert acknowledged <= there


async def whole_units(folder: Path) -> set[str]:
    """Open the files again; return the notes that are there, each with its place and its event."""
    writer = SqliteWriter.open(folder, TABLES, ShardMap.even(SERVERS))
    found: set[str] = set()
    for server in writer.servers:
        group = writer.group(server)
        notes, places, events = [
            await group.alone(lambda connection, sql=sql: {row[0] for row in rows(connection, sql)})
            for sql in (
                "SELECT lower(hex(id)) FROM note",
                "SELECT name FROM place",
                "SELECT lower(hex(data)) FROM _outbox",
            )
        ]
        assert notes == places == events
        (counted,) = await group.alone(
            lambda connection: rows(connection, "SELECT min(sequence), max(sequence), count(*) FROM _outbox")
        )
        assert counted == (1, len(notes), len(notes))
        found |= notes
    await writer.close()
    return found


async def after_a_power_cut(
    folder: Path, synchronous: Literal["FULL", "NORMAL"]
) -> tuple[Collection[bytes], set[bytes]]:
    """Write, cut the power, and return which notes were acknowledged and which are there."""
    disk, shards = FailingDisk(), ShardMap.even(1)
    await SqliteWriter.open(folder, TABLES, shards, tuning=Tuning(vfs=disk.name)).close()
    writer = SqliteWriter.open(folder, TABLES, shards, tuning=Tuning(synchronous=synchronous, vfs=disk.name))
    notes = [new_note(owner) for owner in owners_everywhere(100)]
    for note in notes:
        await writer.commit([NOTES.insert(note)], [event(note.owner, note.id)])
    survived = folder / "survived"
    disk.cut_power(survived)
    await writer.close()
    connection = apsw.Connection(str(survived / "core.db"))
    there = {row[0] for row in rows(connection, "SELECT id FROM note")}
    assert there == {row[0] for row in rows(connection, "SELECT data FROM _outbox")}
    assert rows(connection, "PRAGMA integrity_check") == [("ok",)]
    assert rows(connection, "PRAGMA user_version") == [(len(MIGRATIONS),)]
    connection.close()
    return [note.id for note in notes], there


async def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged, there = await after_a_power_cut(tmp_path, "FULL")
    assert there == set(acknowledged)


async def test_the_power_cut_would_show_a_writer_that_does_not_flush(tmp_path: Path) -> None:
    acknowledged, there = await after_a_power_cut(tmp_path, "NORMAL")
    assert there < set(acknowledged)
