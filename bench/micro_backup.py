"""How long a copy of all databases takes, and what units wait meanwhile: `make bench ARGS=micro_backup`.

`python -m bench.micro_backup [EVENTS]`. A unit of a row and an event is due every millisecond; latencies count from
when it was due, first with nothing else going on, then while everything is copied.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench.micro_rebuild import MASTER, fill
from bowerbird.adapters.sqlite.copies import SqliteCopies
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.views import open_views_writer
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.app.building import build_records
from bowerbird.app.engines import SHARDS
from bowerbird.app.topology import TABLES
from bowerbird.base.world import World
from bowerbird.contracts import kinds
from bowerbird.contracts.events import CHANGES
from bowerbird.contracts.links import Link
from bowerbird.ports.records import Outgoing
from bowerbird.runtime.relay import Relay
from bowerbird.services.links.store import LINK

EVENTS: Final = 300_000
RATE: Final = 1_000
QUIET_S: Final = 3.0
PAGES: Final = 64


class Writers:
    """Commits at a steady rate."""

    def __init__(self, writer: SqliteWriter, world: World) -> None:
        self._writer = writer
        self._world = world
        self._tasks: set[asyncio.Task[None]] = set()

    async def write(self, over: Callable[[], bool]) -> list[float]:
        """Return the latencies, in milliseconds and in order of size, of all that was due until it was over."""
        took: list[float] = []
        began, count = time.perf_counter(), 0
        while not over():
            due = began + count / RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(self._unit(due, took))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            count += 1
        await asyncio.gather(*self._tasks)
        return sorted(took)

    async def _unit(self, due: float, took: list[float]) -> None:
        id_ = self._world.new_id(kinds.LINK, 7)
        event = Outgoing(self._world.new_id(kinds.EVENT, 7), id_, "link_saved", bytes(600))
        await self._writer.commit([LINK.insert(Link(id_, "https://example.org", "x" * 43, 1, 1))], [event])
        took.append((time.perf_counter() - due) * 1e3)


async def measure(count: int) -> None:
    """Fill a folder, and measure writing in it, without and with a copy being made."""
    world = World()
    with tempfile.TemporaryDirectory() as made:
        folder, target = Path(made), Path(made) / "copy"
        target.mkdir()
        await fill(folder, world, count)
        keys = SqliteKeyWriter.open(folder, MASTER, world)
        log = SqliteLog.open(folder, world)
        reader = SqliteKeys.open(folder, keys, MASTER, world)
        await build_records(folder, log, reader, world, ignore)
        writer = SqliteWriter.open(folder, TABLES, SHARDS)
        outbox, views = SqliteOutbox(writer), open_views_writer(folder)
        copies = SqliteCopies(folder, SHARDS, writer, outbox, keys, log, views, world)
        relay = asyncio.create_task(Relay(outbox, log, world, CHANGES).run())
        writers = Writers(writer, world)
        ends = time.perf_counter() + QUIET_S
        tell("alone", await writers.write(lambda: time.perf_counter() > ends))
        copying = asyncio.create_task(copy(copies, target))
        tell("beside a copy", await writers.write(copying.done))
        size = sum(path.stat().st_size for path in target.iterdir())
        print(f"{size / 1e6:.0f} MB copied in {await copying:.1f} s")
        relay.cancel()
        reader.close()
        for engine in (copies, views, writer, log, keys):
            await engine.close()


async def copy(copies: SqliteCopies, target: Path) -> float:
    """Copy everything, and return how long that took."""
    began = time.perf_counter()
    await copies.begin(str(target))
    while (progress := await copies.step(PAGES)).total - progress.done > 4 * PAGES:
        pass
    await copies.finish()
    return time.perf_counter() - began


def ignore(_what: str, _done: int, _total: int) -> None:
    """Hear how far it is."""


def tell(what: str, took: list[float]) -> None:
    """Print how many there were, and what they took."""
    p50, p99 = (took[int(len(took) * share)] for share in (0.5, 0.99))
    print(
        f"{what:14} {len(took):6} units  p50 {p50:5.1f} ms  p99 {p99:6.1f} ms  longest {took[-1]:6.1f} ms", flush=True
    )


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
