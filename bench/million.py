"""A million pins beside ten thousand: the time until the server is ready, and how long reads take."""

import random
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench.data import Known, Size
from bench.figures import Figure, Goal, Section, figure, ratio
from bench.filled import filled
from bench.load import Plan, get
from bench.servers import Running, bowerbird, loaded

SIZES: Final = {
    "10 k": Size(people=200, pins=10_000, known=100, fans=100, feeds_max=100),
    "1 M": Size(people=20_000, pins=1_000_000, known=100, others_follow=5, fans=100, feeds_max=100),
}
SEED: Final = 1_000
WORKERS: Final = 2
CONNECTIONS: Final = 4
SECONDS: Final = 2.0
REPEATS: Final = 3
REQUESTS: Final = 4_000

HOW: Final = (
    "Two data folders, of 200 and of 20,000 people with 50 pins each. Ready: from the start of `bowerbird serve` until "
    f"it says in its folder that core and all {WORKERS} workers are. Reads: {CONNECTIONS} connections, feeds of 100 "
    "people who follow 50 others each, and pages of boards, of as many in both, drawn at random; both servers in "
    "turn."
)


def measure(folder: Path, _known: Known) -> Section:
    """Fill both folders, then measure."""
    known = {name: filled(folder / name.replace(" ", ""), size) for name, size in SIZES.items()}
    boards = min(len(each.boards) for each in known.values())
    ready: defaultdict[str, list[float]] = defaultdict(list)
    took: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(REPEATS):
        with ExitStack() as stack:
            servers: dict[str, Running] = {}
            for name in SIZES:
                place, began = folder / name.replace(" ", ""), time.time()
                servers[name] = stack.enter_context(bowerbird(place, known[name], WORKERS))
                told = (place / "data" / "run" / "tree.json").stat().st_mtime
                ready[name].append((told - began) * 1e3)
            for page in ("feed", "board"):
                for name, server in servers.items():
                    plan = Plan(
                        port=server.port,
                        requests=_requests(known[name], page, boards),
                        connections=CONNECTIONS,
                        seconds=SECONDS,
                        core=1,
                    )
                    tally = loaded(server, plan)
                    assert set(tally.statuses) <= {"200", "404"}, tally  # a board with a block between is none
                    took[page, name].append(tally.p50_ms)
    figures: list[Figure] = []
    for name, some in ready.items():
        goal = Goal(most=2_000) if name == "1 M" else None
        figures.append(figure(f"start to ready, {name} pins", "ms", some, goal))
    for (page, name), some in took.items():
        figures.append(figure(f"{page}, {name} pins: p50", "ms", some))
    figures += [
        ratio(f"{page}: p50, of that at 10 k", took[page, "1 M"], took[page, "10 k"], Goal(most=1.3))
        for page in ("feed", "board")
    ]
    return Section("A million pins", HOW, figures)


def _requests(known: Known, page: str, boards_max: int) -> list[bytes]:
    dice = random.Random(SEED)
    boards = dice.sample(known.boards, boards_max)
    people = [dice.choice(known.people) for _ in range(REQUESTS)]
    if page == "feed":
        return [get("/v1/feed", one.token) for one in people]
    return [get(f"/v1/boards/{dice.choice(boards)}/pins", one.token) for one in people]
