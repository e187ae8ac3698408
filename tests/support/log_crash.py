"""A process that writes until it is killed, and names what was acknowledged on its standard output.

python -m tests.support.log_crash {log|views} FOLDER
"""

import asyncio
import os
import sys
from pathlib import Path

from bowerbird.adapters.sqlite.log import Segments, SqliteLog
from bowerbird.adapters.sqlite.timeline_writes import SqliteTimelineWrites
from bowerbird.adapters.sqlite.views import open_views_writer
from bowerbird.base.world import World
from bowerbird.ports.log import Log, Mark, Offset
from bowerbird.ports.timelines import Placed
from tests.support.log_subject import GROUP, TOPIC, record
from tests.support.timelines_entries import CAP, HOME, entry, some_id

WRITERS = 16
OWNERS = [some_id(number) for number in range(1200)]
SEGMENTS = Segments(records_max=50)


def say(line: str) -> None:
    """Write a line at once."""
    os.write(1, line.encode() + b"\n")


async def append(log: Log, writer: int) -> None:
    """Append numbered pairs of records for ever."""
    number = 0
    while True:
        await log.append(TOPIC, [record(f"{writer} {number}"), record(f"{writer} {number + 1}")])
        number += 2
        say(f"appended {writer} {number - 1}")


async def consume(log: Log) -> None:
    """Read as a group for ever, and commit."""
    mark: Mark | None = None
    while True:
        batch = await log.poll(GROUP, TOPIC, mark, 10, 1000)
        mark = batch.mark
        offsets = [stored.offset for stored in batch.records[-1:]]
        await log.commit(GROUP, TOPIC, offsets)
        say(f"committed {offsets[0].number if offsets else -1}")


async def write_log(folder: Path) -> None:
    """Append and consume side by side."""
    log = SqliteLog.open(folder, World(), segments=SEGMENTS)
    await asyncio.gather(*(append(log, writer) for writer in range(WRITERS)), consume(log))


async def write_views(folder: Path) -> None:
    """Fan entries out, each with its number as the offset applied."""
    timelines = SqliteTimelineWrites(open_views_writer(folder), dead_max=2)
    at = 0
    while True:
        at += 1
        await timelines.add([Placed(HOME, owner, entry(at)) for owner in OWNERS], CAP, [Offset(0, at)])
        say(f"applied {at}")


if __name__ == "__main__":
    asyncio.run({"log": write_log, "views": write_views}[sys.argv[1]](Path(sys.argv[2])))
