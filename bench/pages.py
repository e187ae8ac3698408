"""Feed page and board page of 25, signed in, every rule applied; beside them a raw application with the same bytes."""

from collections import defaultdict
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import msgspec

from bench.data import Known
from bench.figures import Figure, Section, figure, ratio
from bench.load import Plan, Tally, get, post, run, running
from bench.servers import Running, bowerbird, raw

CONNECTIONS_EACH: Final = 16
SECONDS: Final = 1.2
REPEATS: Final = 3
BOARDS: Final = 40
WRITERS: Final = 10
WRITER_PAUSE_S: Final = 0.05
SAVES: Final = 2_000

HOW: Final = (
    "{workers} edge worker(s), each on a core of its own, the load generator on core 1, so that two workers share one "
    f"with it; a closed loop of {CONNECTIONS_EACH} kept connections a worker, so latencies hold the waiting behind the "
    "others. `raw`: granian and nothing but the check of the same token and the same answer, bytes and headers. CPU is "
    "that of all of the server's processes, core's work on the views among it."
)


def measure(folder: Path, known: Known, workers: int) -> Section:
    """Measure both pages with so many workers, and the feed while others save."""
    paths = {"feed": ["/v1/feed"], "board": [f"/v1/boards/{board}/pins" for board in known.boards[:BOARDS]]}
    tallies: defaultdict[tuple[str, str], list[Tally]] = defaultdict(list)
    with ExitStack() as stack:
        ours = stack.enter_context(bowerbird(folder, workers))
        every = [path for some in paths.values() for path in some]
        beside = stack.enter_context(raw(folder, known, every, ours, workers))
        for _ in range(REPEATS):
            for page, some in paths.items():
                requests = [get(path, token) for path in some for token in known.readers]
                for name, server in (("bowerbird", ours), ("raw", beside)):
                    tallies[page, name].append(_run(server, requests, workers))
            tallies["feed", "while others save"].append(_run_beside_writers(ours, known, workers))
    how = HOW.format(workers=workers)
    return Section(f"Pages of 25, {workers} worker(s)", how, _figures(tallies))


def _run(server: Running, requests: list[bytes], workers: int) -> Tally:
    plan = Plan(
        port=server.port,
        requests=requests,
        connections=CONNECTIONS_EACH * workers,
        seconds=SECONDS,
        watched=server.pids,
        core=1,
    )
    tally = run(plan)
    assert set(tally.statuses) == {"200"}, tally
    return tally


def _run_beside_writers(server: Running, known: Known, workers: int) -> Tally:
    """Ask for feeds while some connections save pins, up to WRITERS / WRITER_PAUSE_S a second."""
    plan = Plan(
        port=server.port,
        requests=saves(known, SAVES),
        connections=WRITERS,
        seconds=SECONDS + 1,
        watched=[],
        pause_s=WRITER_PAUSE_S,
        core=1,
    )
    with running(plan) as written:
        tally = _run(server, [get("/v1/feed", token) for token in known.readers], workers)
        assert set(written().statuses) == {"201"}, written()
    return tally


def saves(known: Known, count: int) -> list[bytes]:
    """Return requests that save a photo once more, to the boards of many people in turn."""
    everybody = zip(known.savers, known.saver_boards, known.sources, strict=True)
    return [
        post(f"/v1/boards/{board}/pins", token, msgspec.json.encode({"pin_id": source}))
        for token, board, source in islice(cycle(everybody), count)
    ]


def _figures(tallies: dict[tuple[str, str], list[Tally]]) -> list[Figure]:
    figures: list[Figure] = []
    for (page, name), some in tallies.items():
        figures += [
            figure(f"{page}, {name}", "requests/s", [one.rate for one in some]),
            figure(f"{page}, {name}: p50", "ms", [one.p50_ms for one in some]),
            figure(f"{page}, {name}: p99", "ms", [one.p99_ms for one in some]),
            figure(f"{page}, {name}: CPU a request", "us", [one.cpu_us_each for one in some]),
        ]
    for page in ("feed", "board"):
        ours, beside = tallies[page, "bowerbird"], tallies[page, "raw"]
        rates = [one.rate for one in ours], [one.rate for one in beside]
        costs = [one.cpu_us_each for one in beside], [one.cpu_us_each for one in ours]
        figures += [
            ratio(f"{page}: requests/s, of raw's", *rates),
            ratio(f"{page}: requests for a second of CPU, of raw's", *costs),
        ]
    return figures
