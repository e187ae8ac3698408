"""Durable saves: through the API by 64 connections, and units alone in one process."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import uvloop

from bench.data import Known, copied, open_site
from bench.figures import Figure, Section, figure
from bench.load import Plan, Tally, post, run
from bench.pages import saves
from bench.servers import bowerbird
from bowerbird.base.ids import Id, from_text, shard_of
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import Pin
from bowerbird.ports.records import Outgoing
from bowerbird.ports.tables import Op
from bowerbird.services.boards.store import BOARD, PIN

Unit = tuple[list[Op], list[Outgoing]]

CONNECTIONS: Final = 64
WORKERS: Final = 2
SECONDS: Final = 2.0
REPEATS: Final = 3
REQUESTS: Final = 30_000
EVENT_BYTES: Final = 700

HOW: Final = (
    f"POST /v1/boards/{{id}}/pins by {CONNECTIONS} connections to {WORKERS} workers, the load generator beside them on "
    "core 1. `photo`: a pin of one's own saved once more, one unit with two events; the relay and the fan-out to some "
    "ten followers run behind. `address`: a new web address, two units (the link's and the pin's) with three events, "
    "and behind them an attempt to fetch a page whose address is refused. `units`: what a photo's save commits, "
    f"prepared beforehand, by {CONNECTIONS} callers of Records.commit in core's process, nothing else running. "
    "Everything answered is on the disk (synchronous = FULL)."
)


def measure(folder: Path, known: Known) -> Section:
    """Measure saves by the API, in turn, then units."""
    photos, addresses = saves(known, REQUESTS), _addresses(known)
    tallies: dict[str, list[Tally]] = {"photo": [], "address": []}
    with bowerbird(folder, WORKERS) as server:
        for _ in range(REPEATS):
            for name, requests in (("photo", photos), ("address", addresses)):
                plan = Plan(
                    port=server.port,
                    requests=requests,
                    connections=CONNECTIONS,
                    seconds=SECONDS,
                    watched=server.pids,
                    core=1,
                )
                tallies[name].append(run(plan))
                if name == "address":
                    addresses = addresses[tallies[name][-1].count * 2 :]
                assert set(tallies[name][-1].statuses) == {"201"}, tallies[name][-1]
    figures: list[Figure] = []
    for name, some in tallies.items():
        figures += [
            figure(f"{name}", "saves/s", [one.rate for one in some]),
            figure(f"{name}: p50", "ms", [one.p50_ms for one in some]),
            figure(f"{name}: p99", "ms", [one.p99_ms for one in some]),
            figure(f"{name}: CPU a save, all of it", "us", [one.cpu_us_each for one in some]),
        ]
    with copied(folder / "data") as copy:
        return Section("Durable saves", HOW, [*figures, *uvloop.run(_units(copy, known))])


def _addresses(known: Known) -> list[bytes]:
    """Return requests that save addresses nobody has saved."""
    everybody = list(zip(known.savers, known.saver_boards, strict=True))
    return [
        post(f"/v1/boards/{board}/pins", token, b'{"url":"http://192.0.2.1/page/%d"}' % number)
        for number in range(REQUESTS)
        for token, board in (everybody[number % len(everybody)],)
    ]


async def _units(folder: Path, known: Known) -> list[Figure]:
    site = open_site(folder)
    boards = [from_text(text) for text in known.saver_boards]
    rates: list[float] = []
    p99s: list[float] = []
    costs: list[float] = []
    for _ in range(REPEATS):
        work = [_unit(site.world.new_id(kinds.PIN, shard_of(board)), board) for board in boards * 80]
        took: list[float] = []
        waiting = iter(work)

        async def commit(waiting: Iterator[Unit] = waiting, took: list[float] = took) -> None:
            for ops, outgoing in waiting:
                began = time.perf_counter()
                await site.core.engines.records.commit(ops, outgoing)
                took.append(time.perf_counter() - began)

        began, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(commit() for _ in range(CONNECTIONS)))
        rates.append(len(took) / (time.perf_counter() - began))
        costs.append((time.process_time() - used) / len(took) * 1e6)
        p99s.append(sorted(took)[len(took) * 99 // 100] * 1e3)
    await site.core.engines.close()
    return [
        figure("units", "commits/s", rates),
        figure("units: p99", "ms", p99s),
        figure("units: CPU a unit", "us", costs),
    ]


def _unit(id_: Id, board: Id) -> Unit:
    pin = Pin(id_, board, board, board, 1, 1, 1, title="A title of some thirty letters", picture_name="0" * 24)
    ops: list[Op] = [
        BOARD.require((board,), {"trashed": 0}),
        PIN.insert(pin),
        BOARD.patch((board,), {}, add={"pins": 1}),
    ]
    return ops, [Outgoing(id_, id_, type_, bytes(EVENT_BYTES)) for type_ in ("pin_saved", "pin_published")]
