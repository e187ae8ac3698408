"""What a server takes at rest: memory of every process, and the time from its start until it answers."""

import time
from pathlib import Path
from typing import Final

from bench.data import Known
from bench.figures import Figure, Goal, Section, figure
from bench.load import Plan, get, run
from bench.machine import cpu_us, pss_mib
from bench.servers import Running, bowerbird

REPEATS: Final = 3
REST_S: Final = 1.5
IDLE_S: Final = 5.0
IDLE_MS_MAX: Final = 50.0
"""A twentieth of a core for a tree that nobody asks anything."""

MIB_MAX: Final = 250e6 / (1 << 20)
WORKER_MIB_MAX: Final = 45e6 / (1 << 20)
"""250 and 45 megabytes."""

HOW: Final = (
    "Two workers on the data of all other scenarios. Memory is PSS, pages that processes share divided among them: at "
    "rest after the start, and at rest after 10,000 feed and board pages, when rows and pins are remembered. Ready: "
    "from the start of `bowerbird serve` until it says in its folder that core and all workers are. Nobody asking: "
    f"processor time of the tree in a second, of {IDLE_S:.0f}; apart: with each service a process of its own."
)


def measure(folder: Path, known: Known) -> Section:
    """Start servers and look at them."""
    ready: list[float] = []
    fresh: list[dict[str, float]] = []
    used: list[dict[str, float]] = []
    third: list[float] = []
    idle: dict[str, list[float]] = {"together": [], "apart": []}
    for _ in range(REPEATS):
        began = time.time()
        with bowerbird(folder, known, 2) as server:
            told = folder / "data" / "run" / "tree.json"
            while not told.exists():
                time.sleep(0.005)
            ready.append((told.stat().st_mtime - began) * 1e3)
            fresh.append(_memory(server))
            idle["together"].append(_idle_ms(server))
            _use(server, known)
            used.append(_memory(server))
        with bowerbird(folder, known, 3) as server:
            third.append(sum(_memory(server).values()) - sum(fresh[-1].values()))
        with bowerbird(folder, known, 2, placement_mode="apart") as server:
            time.sleep(REST_S)
            idle["apart"].append(_idle_ms(server))
    resting = [figure(f"nobody asking, {mode}", "ms/s", some, Goal(most=IDLE_MS_MAX)) for mode, some in idle.items()]
    return Section("At rest", HOW, [figure("start to ready", "ms", ready), *_figures(fresh, used, third), *resting])


def _idle_ms(server: Running) -> float:
    """Return the processor time that a tree takes in a second for nothing."""
    before = cpu_us(server.pids)
    time.sleep(IDLE_S)
    return (cpu_us(server.pids) - before) / IDLE_S / 1e3


def _memory(server: Running) -> dict[str, float]:
    time.sleep(REST_S)
    found: dict[str, float] = {}
    for name, pid in server.processes.items():
        kind = name.split("-")[0]
        found[kind] = found.get(kind, 0) + pss_mib(pid)
    return found


def _use(server: Running, known: Known) -> None:
    requests = [get("/v1/feed", one.token) for one in known.readers]
    requests += [get(f"/v1/boards/{board}/pins", known.readers[0].token) for board in known.boards[:400]]
    repeated = (requests * (10_000 // len(requests) + 1))[:10_000]
    run(Plan(port=server.port, requests=repeated, connections=16, seconds=0))


def _figures(fresh: list[dict[str, float]], used: list[dict[str, float]], third: list[float]) -> list[Figure]:
    figures = [figure("whole tree", "MiB", [sum(one.values()) for one in fresh], Goal(most=MIB_MAX))]
    for name in fresh[0]:
        what = f"{name}, two of them together" if name == "edge" else name
        figures.append(figure(f"- {what}", "MiB", [one[name] for one in fresh]))
    figures.append(figure("a third worker", "MiB", third, Goal(most=WORKER_MIB_MAX)))
    figures.append(figure("whole tree after use", "MiB", [sum(one.values()) for one in used]))
    return figures
