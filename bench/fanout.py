"""Fan-out: from a pin of an author with many followers to every follower's feed."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import uvloop

from bench.data import Known, Site, copied, open_site
from bench.fanned import Author
from bench.figures import Figure, Goal, Section, figure
from bench.servers import bowerbird
from bowerbird.base.ids import from_text, pack
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import NewPin
from bowerbird.contracts.caller import READ, WRITE, Caller
from bowerbird.ports.timelines import Entry, Placed

WORKERS: Final = 2
PINS: Final = 5
REPEATS: Final = 3
CAP: Final = 10
CHUNK: Final = 500
GOAL: Final = Goal(least=80_000)

HOW: Final = (
    "An author with {fans:,} followers. `add`: Timelines.add alone, in chunks of "
    f"{CHUNK}, on a copy of the data. `consumed`: {PINS} saves in a row, relayed, opened and handled by the feed's "
    "consumer in core's process alone, until every group has handled everything; `growing` feeds have room, `full` "
    f"ones are cut to {CAP} entries, so that each delivery puts one entry and takes one away. `lag`: through the API "
    "of a server with {workers} workers at rest, from sending the save until the last follower's feed holds the pin."
)


def measure(folder: Path, known: Known) -> Section:
    """Measure on copies, then through a server."""
    figures: list[Figure] = []
    with copied(folder / "data") as copy:
        figures += uvloop.run(_added(copy, known))
    for name, options in (("growing", {}), ("full", {"feed__entries_max": CAP})):
        with copied(folder / "data") as copy:
            figures += uvloop.run(_consumed(copy, known, name, options))
    return Section("Fan-out", HOW.format(fans=known.fans, workers=WORKERS), [*figures, *_lag(folder, known)])


async def _added(folder: Path, known: Known) -> list[Figure]:
    site = open_site(folder)
    author, rates, costs = from_text(known.author.id), list[float](), list[float]()
    now_ms = site.world.now_us() // 1000
    readers = [pack(now_ms, n % 4096, kinds.USER, n) for n in range(known.fans)]
    for number in range(REPEATS):
        pin = Entry(site.world.now_us(), pack(now_ms, 0, kinds.PIN, number), author, author)
        began, used = time.perf_counter(), time.process_time()
        for start in range(0, len(readers), CHUNK):
            placed = [Placed("home", reader, pin) for reader in readers[start : start + CHUNK]]
            await site.core.engines.timelines.add(placed, 800)
        rates.append(len(readers) / (time.perf_counter() - began))
        costs.append((time.process_time() - used) / len(readers) * 1e6)
    await site.core.engines.close()
    return [figure("add", "deliveries/s", rates), figure("add: CPU a delivery", "us", costs)]


async def _consumed(folder: Path, known: Known, name: str, options: Mapping[str, object]) -> list[Figure]:
    site = open_site(folder, **options)
    rates: list[float] = []
    costs: list[float] = []
    async with site.running():
        # Feeds that are to be full are filled first.
        for count in (CAP + 2 if options else 1, *([PINS] * REPEATS)):
            await site.settled()
            began, used = time.perf_counter(), time.process_time()
            await _save(site, known, count)
            await site.settled()
            rates.append(count * known.fans / (time.perf_counter() - began))
            costs.append((time.process_time() - used) / count / known.fans * 1e6)
    await site.core.engines.close()
    return [
        figure(f"consumed, {name}", "deliveries/s", rates[1:], GOAL),
        figure(f"consumed, {name}: CPU a delivery", "us", costs[1:]),
    ]


async def _save(site: Site, known: Known, count: int) -> None:
    author = known.author
    caller = Caller(person=from_text(author.id), scopes=READ | WRITE)
    board, source = from_text(author.board), from_text(author.photo)
    for _ in range(count):
        await site.house.services.boards.save_pin(caller, board, NewPin(pin=source))


def _lag(folder: Path, known: Known) -> list[Figure]:
    with bowerbird(folder, known, WORKERS) as server:
        author = Author(folder / "data", known.author, server)
        lags = [author.save() for _ in range(REPEATS)]
        assert author.delivered() >= known.fans
        author.close()
    return [
        figure("lag", "ms", [lag.delivered_ms for lag in lags]),
        figure("lag: the save's answer alone", "ms", [lag.answered_ms for lag in lags]),
    ]
