"""What log and views acknowledged outlives the process, and what the log acknowledged outlives the power."""

import asyncio
import sys
from pathlib import Path

from bowerbird.adapters.sqlite.connection import Tuning
from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.adapters.sqlite.timeline_writes import SqliteTimelineWrites
from bowerbird.adapters.sqlite.timelines import SqliteTimelines
from bowerbird.adapters.sqlite.views import VIEWS, open_views_reader, open_views_writer
from bowerbird.base.world import World
from bowerbird.ports.log import Offset, Stored
from bowerbird.ports.timelines import Mark, Placed, Slice
from tests.support.log_crash import OWNERS, SEGMENTS, WRITERS
from tests.support.log_subject import GROUP, TOPIC, record
from tests.support.records_disk import FailingDisk
from tests.support.timelines_entries import CAP, HOME, ME, all_of, entry, newest_first, some_id
from tests.support.views_subject import Subject, Variant

ROOT = Path(__file__).parents[2]


async def heard_until_killed(what: str, folder: Path, lines: int) -> list[list[str]]:
    """Start the process that writes, kill it after some lines, and return all that it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.log_crash", what, str(folder), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        heard = [await process.stdout.readline() for _ in range(lines)]
    finally:
        process.kill()
        # What it had said before it died is still in the pipe.
        rest, _ = await process.communicate()
    assert all(heard), "it died by itself"
    return [line.decode().split() for line in heard + rest.splitlines(keepends=True) if line.endswith(b"\n")]


async def everything(log: SqliteLog) -> list[Stored]:
    found: list[Stored] = []
    while page := await log.read(TOPIC, [stored.offset for stored in found[-1:]], 1000):
        found += page
    return found


async def test_a_killed_process_loses_nothing_it_appended_or_committed(tmp_path: Path) -> None:
    for round_ in range(2):
        folder = tmp_path / str(round_)
        folder.mkdir()
        heard = await heard_until_killed("log", folder, 400)
        log = SqliteLog.open(folder, World(), segments=SEGMENTS)
        found = await everything(log)
        assert [stored.offset for stored in found] == [Offset(0, number) for number in range(len(found))]
        by_writer: dict[int, list[int]] = {writer: [] for writer in range(WRITERS)}
        for stored in found:
            writer, number = map(int, stored.record.data.split())
            by_writer[writer].append(number)
        for writer, numbers in by_writer.items():
            assert numbers == list(range(len(numbers)))
            assert len(numbers) > max(
                (int(line[2]) for line in heard if line[:2] == ["appended", str(writer)]), default=-1
            )
        committed = max((int(line[1]) for line in heard if line[0] == "committed"), default=-1)
        again = (await log.poll(GROUP, TOPIC, None, 1000, 0)).records
        assert again == found[len(found) - len(again) :]
        assert again == [] or again[0].offset.number > committed
        await log.close()


async def test_a_killed_process_has_applied_what_it_says_it_has(tmp_path: Path) -> None:
    heard = await heard_until_killed("views", tmp_path, 15)
    subject = Subject(Variant(), tmp_path)
    ((partition, applied),) = [(offset.partition, offset.number) for offset in await subject.timelines.applied()]
    assert partition == 0
    assert applied >= int(heard[-1][1])
    for owner in OWNERS:
        page = await subject.timelines.page(HOME, owner, None, 25)
        latest = page.entries[0].at
        assert applied <= latest <= applied + 1, "the next one may have been on its way"
        assert page.entries == newest_first(entry(at) for at in range(latest - CAP + 1, latest + 1))
        assert page.floor == Mark(latest - CAP, some_id(latest - CAP))
    subject.audit()
    await subject.timelines.add([Placed(HOME, owner, entry(applied + 1)) for owner in OWNERS], CAP)
    assert {(await all_of(subject.timelines, owner))[0] for owner in OWNERS} == {entry(applied + 1)}
    subject.audit()
    await subject.close()


async def test_a_power_cut_loses_nothing_that_was_appended_or_committed(tmp_path: Path) -> None:
    disk = FailingDisk()
    log = SqliteLog.open(tmp_path, World(), tuning=Tuning(vfs=disk.name), segments=SEGMENTS)
    for number in range(120):
        (offset,) = await log.append(TOPIC, [record(str(number))])
        if number < 70:
            await log.commit(GROUP, TOPIC, [offset])
    disk.cut_power(tmp_path / "survived")
    await log.close()
    survived = SqliteLog.open(tmp_path / "survived", World(), segments=SEGMENTS)
    assert [stored.record.data for stored in await everything(survived)] == [b"%d" % number for number in range(120)]
    assert (await survived.poll(GROUP, TOPIC, None, 1, 0)).records[0].record.data == b"70"
    await survived.close()


async def test_a_power_cut_leaves_views_that_know_from_where_to_replay(tmp_path: Path) -> None:
    disk = FailingDisk()
    tuning = Tuning(synchronous=VIEWS.synchronous, page_bytes=VIEWS.page_bytes, vfs=disk.name)
    writer = open_views_writer(tmp_path, tuning=tuning)
    writes = SqliteTimelineWrites(writer)
    for at in range(1, 100):
        await writes.add([Placed(HOME, ME, entry(at))], CAP, [Offset(0, at)])
        if at == 50:
            await writer.alone(lambda connection: connection.wal_checkpoint())
    disk.cut_power(tmp_path / "survived")
    await writer.close()
    again = open_views_writer(tmp_path / "survived")
    reader = open_views_reader(tmp_path / "survived")
    timelines = SqliteTimelines(reader, SqliteTimelineWrites(again))
    (applied,) = await timelines.applied()
    assert 50 <= applied.number < 100
    expected = newest_first(entry(at) for at in range(applied.number - CAP + 1, applied.number + 1))
    assert await timelines.page(HOME, ME, None, 25) == Slice(
        expected, Mark(applied.number - CAP, some_id(applied.number - CAP)), CAP
    )
    reader.close()
    await again.close()
