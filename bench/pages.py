"""Feed page and board page of 25, signed in, every rule applied, beside the usual service and a raw application.

Pages are asked for again and again while nothing changes, so Bowerbird remembers them; what one costs that is made anew
is told beside.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import httpx

from bench.data import Known
from bench.figures import Figure, Goal, Section, figure, ratio
from bench.load import Plan, Tally, get, running
from bench.saves import photos
from bench.servers import Running, bowerbird, loaded, raw, usual

Pages = list[tuple[str, str]]
"""A path, and the id of who asks for it."""

WORKERS: Final = 2
CONNECTIONS: Final = 32
SECONDS: Final = 2.0
REPEATS: Final = 3
WRITERS: Final = 10
WRITER_PAUSE_S: Final = 0.05
SAVES: Final = 2_000
PAGE: Final = 25
_REFUSALS: Final = frozenset({"503"})

HOW: Final = (
    f"{WORKERS} workers, each on a core of its own, the load generator on core 1, which so is shared; a closed loop of "
    f"{CONNECTIONS} kept connections, so latencies hold the waiting behind the others. {{readers}} readers who follow "
    "50 others each and have a board shared with them, boards of {boards} owners. Nothing changes but `while others "
    "save`, so `bowerbird` gives pages that it remembers, whose ground it asks each time; `anew` is the same with "
    "`http.pages_bytes_max` = 0. `usual`: FastAPI, SQLAlchemy and pydantic "
    "(bench/peers/pins) on the same rows, found to answer the same pins in the same order. `raw`: granian and "
    "nothing but the check of the same token and the same answer, bytes and headers. CPU is that of all of the "
    "server's processes, core's work on the views among it, and not the load generator's, which makes rates of the "
    "three differ less than costs do."
)


def measure(folder: Path, known: Known) -> Section:
    """Measure both pages of all three servers in turn, and the feed while others save."""
    pages = asked(known)
    tallies: defaultdict[tuple[str, str], list[Tally]] = defaultdict(list)
    with ExitStack() as stack:
        ours = stack.enter_context(bowerbird(folder, known, WORKERS))
        peer = stack.enter_context(usual(folder, known, WORKERS))
        _same(ours, peer, pages)
        beside = stack.enter_context(raw(folder, [one for some in pages.values() for one in some], ours, WORKERS))
        for _ in range(REPEATS):
            for page, some in pages.items():
                for name, server in (("bowerbird", ours), ("usual", peer), ("raw", beside)):
                    tallies[page, name].append(_run(server, some))
            tallies["feed", "while others save"].append(_run_beside_writers(ours, known, pages["feed"]))
    with bowerbird(folder, known, WORKERS, http_pages_bytes_max="0") as anew:
        for _ in range(REPEATS):
            for page, some in pages.items():
                tallies[page, "anew"].append(_run(anew, some))
    how = HOW.format(readers=len(known.readers), boards=len(pages["board"]))
    return Section("Pages of 25", how, list(_figures(tallies)))


def asked(known: Known) -> dict[str, Pages]:
    """Return which pages are asked for: every reader's feed, and as many boards, everybody's in turn."""
    readers = known.readers
    step = max(1, len(known.boards) // len(readers))
    boards = zip(known.boards[::step], readers, strict=False)
    return {
        "feed": [("/v1/feed", one.id) for one in readers],
        "board": [(f"/v1/boards/{board}/pins", one.id) for board, one in boards],
    }


def _same(ours: Running, peer: Running, pages: dict[str, Pages]) -> None:
    """Make sure that the two answer the same things in the same order, or the race is none."""
    for some in pages.values():
        for path, person in some[::10]:
            first, second = (_things(server, path, person) for server in (ours, peer))
            assert first == second, f"{path} differs"
            assert len(first) == PAGE, path


def _things(server: Running, path: str, person: str) -> list[object]:
    headers = {"authorization": f"Bearer {server.tokens[person]}"}
    items = httpx.get(f"http://127.0.0.1:{server.port}{path}", headers=headers).raise_for_status().json()["items"]
    return [(item.get("pin", item)["id"], item.get("pin", item)["rights"], item.get("why")) for item in items]


def _run(server: Running, pages: Pages, refusals: frozenset[str] = frozenset()) -> Tally:
    plan = Plan(
        port=server.port,
        requests=[get(path, server.tokens[person]) for path, person in pages],
        connections=CONNECTIONS,
        seconds=SECONDS,
        core=1,
    )
    tally = loaded(server, plan)
    assert set(tally.statuses) - refusals == {"200"}, tally
    return tally


def _run_beside_writers(server: Running, known: Known, pages: Pages) -> Tally:
    """Ask for feeds while some connections save pins, up to WRITERS / WRITER_PAUSE_S a second; some may be refused."""
    plan = Plan(
        port=server.port,
        requests=photos(known, server, SAVES),
        connections=WRITERS,
        seconds=SECONDS + 1,
        pause_s=WRITER_PAUSE_S,
        core=1,
    )
    with running(plan) as written:
        tally = _run(server, pages, _REFUSALS)
        assert set(written().statuses) - _REFUSALS == {"201"}, written()
    return tally


def _figures(tallies: dict[tuple[str, str], list[Tally]]) -> Iterator[Figure]:
    for (page, name), some in tallies.items():
        yield figure(f"{page}, {name}", "requests/s", [one.rate for one in some])
        yield figure(f"{page}, {name}: p50", "ms", [one.p50_ms for one in some])
        yield figure(f"{page}, {name}: p99", "ms", [one.p99_ms for one in some])
        yield figure(f"{page}, {name}: CPU a request", "us", [one.cpu_us_each for one in some])
    beside_writers = [one.statuses.get("503", 0) for one in tallies["feed", "while others save"]]
    yield figure("feed, while others save: refused", "requests", beside_writers)
    for page in ("feed", "board"):
        ours, peer, beside = (tallies[page, name] for name in ("bowerbird", "usual", "raw"))
        rates = {one: [tally.rate for tally in some] for one, some in (("o", ours), ("p", peer), ("r", beside))}
        costs = {one: [tally.cpu_us_each for tally in some] for one, some in (("o", ours), ("p", peer), ("r", beside))}
        yield ratio(f"{page}: requests/s, of the usual service's", rates["o"], rates["p"], Goal(least=30))
        yield ratio(f"{page}: requests for a second of CPU, of the usual service's", costs["p"], costs["o"])
        yield ratio(f"{page}: requests/s, of raw's", rates["o"], rates["r"], Goal(least=0.35))
        yield ratio(f"{page}: requests for a second of CPU, of raw's", costs["r"], costs["o"])
