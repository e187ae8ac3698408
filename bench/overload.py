"""Overload: many times the clients that keep the server busy, who ask again at once whatever they are told."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.data import Known
from bench.figures import Figure, Goal, Section, figure, ratio
from bench.load import Plan, Tally, run
from bench.mix import requests
from bench.servers import Running, bowerbird, rest

WORKERS: Final = 2
CLIENTS: Final = (16, 32, 64, 128)
SEARCH_S: Final = 4.0
PEAK_S: Final = 30.0
TIMES: Final = 10
OVERLOAD_S: Final = 60.0
CROWD: Final = 4_000
CROWD_S: Final = 20.0
USUAL: Final = 4
USUAL_S: Final = 4.0
AFTER_S: Final = 2.0

HOW: Final = (
    f"The mix of reads and writes, in closed loops to {WORKERS} workers, the load generator on core 1. `peak`: answers "
    f"of the 2xx kind a second with as many clients, of {', '.join(map(str, CLIENTS))}, as bring the most, for "
    f"{PEAK_S:.0f} s before and after each overload, whichever was more: long enough for what saves leave behind them "
    f"to take its share of the processor. `{TIMES} times`: for {OVERLOAD_S:.0f} s with so many times those clients; "
    f"`crowd`: for {CROWD_S:.0f} s with {CROWD:,} clients, who have to be refused. All ask again at once, also when "
    f"they are told to try later. `usual`: {USUAL} clients for {USUAL_S:.0f} s, before, and from {AFTER_S:.0f} s after "
    "the end of each."
)


def measure(folder: Path, known: Known) -> Section:
    """Find the peak, go far beyond it twice, and look how things are afterwards."""
    with bowerbird(folder, known, WORKERS, server_connections_max=str(2 * CROWD)) as server:
        figures = list(_figures(server, requests(known, server)))
    return Section("Overload", HOW, figures)


def _figures(server: Running, asked: list[bytes]) -> Iterator[Figure]:
    rest(server)
    before = _tally(server, asked, USUAL, USUAL_S)
    found = {clients: _good(_tally(server, asked, clients, SEARCH_S)) for clients in CLIENTS}
    clients = max(found, key=lambda one: found[one])
    peaks = [_good(_tally(server, asked, clients, PEAK_S))]
    yield figure("peak: clients", "clients", [clients])
    for name, many, seconds in ((f"{TIMES} times", TIMES * clients, OVERLOAD_S), ("crowd", CROWD, CROWD_S)):
        tally = _tally(server, asked, many, seconds)
        _tally(server, asked, USUAL, AFTER_S)
        after = _tally(server, asked, USUAL, USUAL_S)
        peaks.append(_good(_tally(server, asked, clients, PEAK_S)))
        yield figure(f"{name}: peak", "requests/s", [max(peaks[-2:])])
        yield from _beyond(name, tally, max(peaks[-2:]))
        yield ratio(f"{name}: usual p50 after it, of that before", [after.p50_ms], [before.p50_ms], Goal(most=1.3))
        yield figure(
            f"{name}: usual, not answered well", "requests", [_lost(after) + after.statuses.get("503", 0)], Goal(most=0)
        )


def _beyond(name: str, tally: Tally, peak: float) -> Iterator[Figure]:
    """Yield how it went beyond the peak."""
    yield figure(f"{name}: goodput", "requests/s", [_good(tally)])
    yield ratio(f"{name}: goodput, of the peak's", [_good(tally)], [peak], Goal(least=0.95))
    yield figure(f"{name}: refused", "requests/s", [tally.statuses.get("503", 0) / tally.seconds])
    yield figure(f"{name}: neither answered nor refused", "requests", [_lost(tally)], Goal(most=0))
    yield figure(f"{name}: p50", "ms", [tally.p50_ms])
    yield figure(f"{name}: p99", "ms", [tally.p99_ms])


def _tally(server: Running, asked: list[bytes], clients: int, seconds: float) -> Tally:
    tally = run(Plan(port=server.port, requests=asked, connections=clients, seconds=seconds, core=1))
    print(f"{clients} clients: {tally.statuses}, p50 {tally.p50_ms:.0f} ms, p99 {tally.p99_ms:.0f} ms", file=sys.stderr)
    return tally


def _count(tally: Tally) -> int:
    return sum(count for status, count in tally.statuses.items() if status[0] == "2")


def _good(tally: Tally) -> float:
    return _count(tally) / tally.seconds


def _lost(tally: Tally) -> int:
    """Return how many got neither what they asked for, nor a reason of their own, nor the word to come later."""
    return sum(count for status, count in tally.statuses.items() if status[0] not in "24" and status != "503")
