"""How fast records on SQLite are read and written, in one process: point reads, a page of 25, durable commits."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct

from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id
from bowerbird.base.shards import ShardMap
from bowerbird.base.world import World
from bowerbird.ports.records import Outgoing
from bowerbird.ports.tables import Index, Table

ROWS = 20_000
REPEATS = 2_000
COMMITTERS = 64
COMMIT_S = 5
SAMPLE = 25


class Pin(Struct, frozen=True):
    """As wide as a pin of the product."""

    id: Id
    board: Id
    link: Id | None
    title: str
    note: str
    picture: bytes | None
    width: int
    height: int
    saved_by: Id
    version: int
    published_at: int | None
    created_at: int
    deleted_at: int | None


PINS = Table(
    "pin",
    Pin,
    ("id",),
    {
        "by_board": Index(("board", "created_at")),
        "once": Index(("board", "link"), unique=True),
        "by_deletion": Index(("deleted_at",), sweep=True),
    },
)


def pin(world: World, board: Id, shard: int) -> Pin:
    """Return a pin of a link, on a board of the same shard."""
    new = world.new_id(1, shard)
    link = world.new_id(3, shard)
    now = world.now_us()
    return Pin(new, board, link, "A title of some thirty letters", "", link, 236, 354, board, 1, now, now, None)


async def each(name: str, repeats: int, once: Callable[[int], Awaitable[object]]) -> None:
    """Print how long one call takes, the best of three rounds."""
    rounds: list[float] = []
    for _ in range(3):
        start = time.perf_counter()
        for number in range(repeats):
            await once(number)
        rounds.append((time.perf_counter() - start) / repeats)
    print(f"{name:<28} {min(rounds) * 1e6:8.1f} us")


async def fill(world: World, records: SqliteRecords, boards: list[Id]) -> list[Id]:
    """Put the rows, many units at a time, and return their ids."""
    rows = [pin(world, boards[n % len(boards)], n % len(boards)) for n in range(ROWS)]
    for start in range(0, ROWS, 1_000):
        await asyncio.gather(*(records.commit([PINS.insert(row)]) for row in rows[start : start + 1_000]))
    return [row.id for row in rows]


async def commits(world: World, records: SqliteRecords, boards: list[Id]) -> None:
    """Print how many units of one row and one event are durable in a second, and their latency."""
    took: list[float] = []
    stop = time.perf_counter() + COMMIT_S

    async def commit(shard: int) -> None:
        while (start := time.perf_counter()) < stop:
            row = pin(world, boards[shard], shard)
            await records.commit([PINS.insert(row)], [Outgoing(row.id, boards[shard], "pin_saved", bytes(500))])
            took.append(time.perf_counter() - start)

    await asyncio.gather(*(commit(shard) for shard in range(COMMITTERS)))
    took.sort()
    p50, p99 = (took[int(len(took) * part)] * 1e3 for part in (0.5, 0.99))
    print(f"{COMMITTERS} committers, FULL {len(took) / COMMIT_S:8.0f} units/s  p50 {p50:.1f} ms  p99 {p99:.1f} ms")


async def main(folder: Path) -> None:
    """Measure on a fresh file in `folder`."""
    world, shards = World(), ShardMap.even(1)
    writer = SqliteWriter.open(folder, [PINS], shards)
    records = SqliteRecords.open(folder, [PINS], shards, writer)
    boards = [world.new_id(2, shard) for shard in range(COMMITTERS)]
    ids = await fill(world, records, boards)
    await each("read 1", REPEATS, lambda n: records.get(PINS, [(ids[n * 7 % ROWS],)]))
    pages = [[(ids[(n * 7 + k * 791) % ROWS],) for k in range(SAMPLE)] for n in range(REPEATS)]
    await each("read 25 of 25 shards", REPEATS, lambda n: records.get(PINS, pages[n]))
    newest = [(board,) for board in boards]
    await each(
        "scan 25 of a board",
        REPEATS,
        lambda n: records.scan(PINS, "by_board", newest[n % COMMITTERS], limit=SAMPLE, newest_first=True),
    )
    await commits(world, records, boards)
    records.close()
    await writer.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        asyncio.run(main(Path(name)))
