"""Durable saves: through the API beside the usual service, at a steady rate beside a fan-out, and units alone."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from bench.data import Known, copied, open_site
from bench.fanned import saving
from bench.figures import Figure, Goal, Section, figure, ratio
from bench.load import Plan, Tally, run, send
from bench.servers import Running, bowerbird, loaded, rest, usual
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
STEADY_RATE: Final = 1_000
STEADY_S: Final = 4.0
EVENT_BYTES: Final = 700

HOW: Final = (
    f"A pin posted to a board by {CONNECTIONS} connections to {WORKERS} workers, the load generator beside them on "
    "core 1. `photo`: a pin of one's own saved once more; for Bowerbird one unit with two events, and behind it the "
    "relay and the fan-out to some fifty followers. `address`: a new web address, two units with three events, and "
    "behind them an attempt to fetch a page whose address is refused. `usual`: FastAPI and SQLAlchemy "
    "(bench/peers/pins), one transaction and nothing behind it. "
    f"`steady`: {STEADY_RATE} photos a second, due at fixed times, while an author with {{fans:,}} followers saves one "
    "pin after another, each when the last has come to all; latencies count from when a save was due. `units`: what a "
    f"photo's save commits, prepared beforehand, by {CONNECTIONS} callers of Records.commit in core's process, nothing "
    "else running. Everything answered is on the disk (synchronous = FULL), here and there."
)


def measure(folder: Path, known: Known) -> Section:
    """Measure saves by the API, in turn, then beside a fan-out, then units."""
    tallies: dict[tuple[str, str], list[Tally]] = {}
    with ExitStack() as stack:
        servers = {
            "bowerbird": stack.enter_context(bowerbird(folder, known, WORKERS)),
            "usual": stack.enter_context(usual(folder, known, WORKERS)),
        }
        addresses = {name: _addresses(known, server) for name, server in servers.items()}
        for _ in range(REPEATS):
            for name, server in servers.items():
                tallies.setdefault(("photo", name), []).append(_run(server, photos(known, server, REQUESTS)))
                some = list(islice(addresses[name], REQUESTS))
                tallies.setdefault(("address", name), []).append(_run(server, some))
        steady = _steady(folder, known, servers["bowerbird"])
    figures = [*_figures(tallies), *steady]
    with copied(folder / "data") as copy:
        return Section("Durable saves", HOW.format(fans=known.fans), [*figures, *uvloop.run(_units(copy, known))])


def photos(known: Known, server: Running, count: int) -> list[bytes]:
    """Return requests that save a photo once more, to the boards of many people in turn."""
    everybody = [
        send("POST", f"/v1/boards/{one.board}/pins", server.tokens[one.id], msgspec.json.encode({"pin_id": one.photo}))
        for one in known.savers
    ]
    return list(islice(cycle(everybody), count))


def _addresses(known: Known, server: Running) -> Iterator[bytes]:
    """Yield requests that save addresses nobody has saved."""
    for number, one in enumerate(cycle(known.savers)):
        body = b'{"url":"http://192.0.2.1/page/%d/%d"}' % (time.monotonic_ns(), number)
        yield send("POST", f"/v1/boards/{one.board}/pins", server.tokens[one.id], body)


def _run(server: Running, requests: list[bytes]) -> Tally:
    plan = Plan(
        port=server.port,
        requests=requests,
        connections=CONNECTIONS,
        seconds=SECONDS,
        core=1,
    )
    tally = loaded(server, plan)
    assert set(tally.statuses) == {"201"}, tally
    return tally


def _steady(folder: Path, known: Known, server: Running) -> list[Figure]:
    """Save at a fixed rate while a fan-out is always under way."""
    tallies: list[Tally] = []
    plan = Plan(
        port=server.port,
        requests=photos(known, server, REQUESTS),
        connections=4 * CONNECTIONS,
        seconds=STEADY_S,
        rate=STEADY_RATE,
        core=1,
    )
    rest(server)
    with saving(folder / "data", known.author, server) as lags:
        for _ in range(REPEATS):
            tallies.append(run(plan))
            assert set(tallies[-1].statuses) == {"201"}, tallies[-1]
    return [
        figure("steady, beside a fan-out", "saves/s", [one.rate for one in tallies], Goal(least=STEADY_RATE * 0.99)),
        figure("steady, beside a fan-out: p50", "ms", [one.p50_ms for one in tallies]),
        figure("steady, beside a fan-out: p99", "ms", [one.p99_ms for one in tallies], Goal(most=40)),
        figure("steady: the fan-out's lag meanwhile, or at least", "ms", [lag.delivered_ms for lag in lags]),
    ]


def _figures(tallies: dict[tuple[str, str], list[Tally]]) -> Iterator[Figure]:
    for (what, name), some in tallies.items():
        yield figure(f"{what}, {name}", "saves/s", [one.rate for one in some])
        yield figure(f"{what}, {name}: p50", "ms", [one.p50_ms for one in some])
        yield figure(f"{what}, {name}: p99", "ms", [one.p99_ms for one in some])
        yield figure(f"{what}, {name}: CPU a save, all of it", "us", [one.cpu_us_each for one in some])
    for what in ("photo", "address"):
        ours, peer = tallies[what, "bowerbird"], tallies[what, "usual"]
        goal = Goal(least=25) if what == "photo" else None
        rates = [one.rate for one in ours], [one.rate for one in peer]
        costs = [one.cpu_us_each for one in peer], [one.cpu_us_each for one in ours]
        yield ratio(f"{what}: saves/s, of the usual service's", *rates, goal)
        yield ratio(f"{what}: saves for a second of CPU, of the usual service's", *costs)


async def _units(folder: Path, known: Known) -> list[Figure]:
    site = open_site(folder)
    boards = [from_text(one.board) for one in known.savers]
    rates: list[float] = []
    p99s: list[float] = []
    costs: list[float] = []
    for _ in range(REPEATS):
        work = [_unit(site.world.new_id(kinds.PIN, shard_of(board)), board) for board in boards * 60]
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
