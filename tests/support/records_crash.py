"""A process that writes records until it is killed: names every note that was acknowledged on its standard output.

python -m tests.support.records_crash FOLDER
"""

import asyncio
import os
import sys
from pathlib import Path

from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id
from bowerbird.base.shards import ShardMap
from tests.support.records_tables import NOTES, PLACES, TABLES, Place, event, new_note, owners_everywhere

SERVERS = 2
WRITERS = 32


async def write(records: SqliteRecords, owner: Id) -> None:
    """Commit units of a note, a place and an event, all named alike, for ever."""
    while True:
        note = new_note(owner)
        place = Place(owner, note.id.hex())
        await records.commit([NOTES.insert(note), PLACES.insert(place)], [event(owner, note.id)])
        os.write(1, note.id.hex().encode() + b"\n")


async def main(folder: Path) -> None:
    """Write to fresh files until killed."""
    shards = ShardMap.even(SERVERS)
    writer = SqliteWriter.open(folder, TABLES, shards)
    records = SqliteRecords.open(folder, TABLES, shards, writer)
    await asyncio.gather(*(write(records, owner) for owner in owners_everywhere(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
