"""How fast timelines on SQLite take a fan-out and give pages and merges, in one process."""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bowerbird.adapters.sqlite.timeline_writes import SqliteTimelineWrites
from bowerbird.adapters.sqlite.timelines import SqliteTimelines
from bowerbird.adapters.sqlite.views import open_views_reader, open_views_writer
from bowerbird.base.ids import Id
from bowerbird.ports.timelines import Entry, Mark, Placed

FOLLOWERS = 10_000
CAP = 300
FANS_OUT = 8
AUTHORS = 200
POSTS = 100
PAGE = 25
REPEATS = 2_000
BEGIN_US = 1_700_000_000_000_000
ROUNDS = 3

chance = random.Random(1)


def some_id() -> Id:
    """Return an id like no other."""
    return Id(chance.randbytes(16))


def entry(at: int) -> Entry:
    """Return an entry of a new pin."""
    return Entry(BEGIN_US + at, some_id(), some_id(), some_id())


async def each(name: str, repeats: int, once: Callable[[int], Awaitable[object]]) -> None:
    """Print how long one call takes, the best of some rounds."""
    rounds: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for number in range(repeats):
            await once(number)
        rounds.append((time.perf_counter() - start) / repeats)
    print(f"{name:<36} {min(rounds) * 1e6:8.1f} us")


async def fans_out(timelines: SqliteTimelines, followers: list[Id], held: int) -> None:
    """Print how many entries a second reach timelines that hold `held` already, and the processor's part of it."""
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(FANS_OUT):
        one = entry(held + number)
        await timelines.add([Placed("home", follower, one) for follower in followers], CAP)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    count = FANS_OUT * len(followers)
    rate, cost = count / wall, cpu / count * 1e6
    print(f"fan-out to {len(followers)}, {held} held {rate:10.0f} entries/s {cost:6.1f} us of CPU each")


async def main(folder: Path) -> None:
    """Measure on a fresh file in `folder`."""
    writer = open_views_writer(folder)
    reader = open_views_reader(folder)
    timelines = SqliteTimelines(reader, SqliteTimelineWrites(writer))
    followers = [some_id() for _ in range(FOLLOWERS)]
    begin = 0
    for held in (0, 50, CAP):
        for at in range(begin, held):
            one = entry(at)
            await timelines.add([Placed("home", follower, one) for follower in followers], CAP)
        await fans_out(timelines, followers, held)
        begin = held + FANS_OUT
    middle = Mark(BEGIN_US + CAP // 2, some_id())
    await each("page of 25", REPEATS, lambda n: timelines.page("home", followers[n], None, PAGE))
    await each("page of 25 from the middle", REPEATS, lambda n: timelines.page("home", followers[n], middle, PAGE))
    authors = [some_id() for _ in range(AUTHORS)]
    for author in authors:
        posts = [entry(chance.randrange(10**12)) for _ in range(POSTS)]
        await timelines.add([Placed("posts", author, one) for one in posts], None)
    await each("merge of 25 from 200 timelines", 200, lambda _: timelines.merged("posts", authors, None, PAGE))
    reader.close()
    await writer.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        asyncio.run(main(Path(name)))
