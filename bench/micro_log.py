"""How fast the log on SQLite is appended to and read, in one process, every append durable."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.base.world import World
from bowerbird.ports.log import Mark, Record

TOPIC, GROUP = "changes", "feed"
ONE = Record(b"k" * 16, b"d" * 600, 1)
SECONDS = 3
BATCH = 500


async def appends(log: SqliteLog, callers: int, size: int) -> None:
    """Print how many records a second are durable when so many callers append `size` at a time, and their latency."""
    took: list[float] = []
    begin = time.perf_counter()

    async def caller() -> None:
        while (start := time.perf_counter()) < begin + SECONDS:
            await log.append(TOPIC, [ONE] * size)
            took.append(time.perf_counter() - start)

    await asyncio.gather(*(caller() for _ in range(callers)))
    rate = len(took) * size / (time.perf_counter() - begin)
    took.sort()
    p50, p99 = (took[int(len(took) * part)] * 1e3 for part in (0.5, 0.99))
    print(f"{callers:4} callers of {size:3} records {rate:9.0f} records/s  p50 {p50:5.1f} ms  p99 {p99:5.1f} ms")


async def polls(log: SqliteLog) -> None:
    """Print how many records a second a group polls, and polls and commits."""
    for commits in (False, True):
        await log.seek(GROUP, TOPIC, [])
        start, count = time.perf_counter(), 0
        batch = await log.poll(GROUP, TOPIC, None, BATCH, 0)
        while batch.records:
            count += len(batch.records)
            if commits:
                await log.commit(GROUP, TOPIC, [batch.records[-1].offset])
            batch = await log.poll(GROUP, TOPIC, batch.mark, BATCH, 0)
        rate = count / (time.perf_counter() - start)
        print(f"poll {BATCH}{' and commit' if commits else '':<12} {rate:9.0f} records/s")


async def wakes(log: SqliteLog) -> None:
    """Print how long it takes from an append until a poll that waits for it returns."""
    took: list[float] = []
    mark: Mark | None = None
    for _ in range(200):
        polling = asyncio.ensure_future(log.poll(GROUP, "views", mark, 10, 5_000))
        await asyncio.sleep(0.001)
        start = time.perf_counter()
        appending = asyncio.ensure_future(log.append("views", [ONE]))
        mark = (await polling).mark
        took.append(time.perf_counter() - start)
        await appending
    took.sort()
    print(f"append until poll returns  p50 {took[100] * 1e3:.2f} ms  p99 {took[198] * 1e3:.2f} ms")


async def main(folder: Path) -> None:
    """Measure on a fresh file in `folder`."""
    log = SqliteLog.open(folder, World())
    for callers, size in ((1, 1), (64, 1), (256, 1), (1, BATCH)):
        await appends(log, callers, size)
    await polls(log)
    await wakes(log)
    await log.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        asyncio.run(main(Path(name)))
