"""Nine reads to one write with ten thousand open connections: the highest rate at which feeds keep up with saves."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from bench.data import Known
from bench.fanned import Lag, saving
from bench.figures import Figure, Goal, Section, figure
from bench.load import Plan, Tally, run, send
from bench.machine import cpu_us
from bench.servers import Running, bowerbird, rest

SEED: Final = 9_010
WORKERS: Final = 2
CONNECTIONS: Final = 10_000
STEP_S: Final = 4.0
LONG_S: Final = 10.0
FIRST_RATE: Final = 500
AIM: Final = 10_000
LAG_MAX_MS: Final = 1_000
PROBE_PAUSE_S: Final = 0.1
HALVINGS: Final = 2
REQUESTS: Final = 40_000
SHARES: Final = {
    "feed": 50,
    "board": 20,
    "user": 8,
    "boards": 6,
    "pin": 6,
    "photo": 6,
    "address": 1,
    "follow": 2,
    "edit": 1,
}
"""Of a hundred requests: a feed, a board's pins, a profile, a person's boards, a pin; a photo saved once more, a new
address saved, somebody followed or not any more, a pin's note changed."""

HOW: Final = (
    f"{CONNECTIONS:,} open connections to {WORKERS} workers, the load generator on core 1; requests due at fixed times "
    "and sent on the connection that has rested longest, latencies counted from when they were due. Of a hundred, "
    "reads: 50 feed pages, 20 board pages, 8 profiles, 6 lists of a person's boards, 6 pins; writes: 6 photos saved, 1 "
    "new address saved, 2 follows begun or ended, 1 note of a pin changed; by {people} people with 50 followers each "
    f"on average. The rate doubles from {FIRST_RATE} on while all is answered and a pin comes to its saver's last "
    f"follower within {LAG_MAX_MS:,} ms to the end of {STEP_S:.0f} s, then is narrowed down, and the highest such rate "
    f"is held for {LONG_S:.0f} s, from which the figures are. `aim`: {AIM:,} requests/s, as far as they are answered."
)


class Step(Struct, frozen=True):
    """What came of a rate."""

    rate: int
    tally: Tally
    lags: list[Lag]
    cpu_share: dict[str, float]

    @property
    def failed(self) -> int:
        """How many requests were not answered well: to look at somebody with a block between is a 404, and well."""
        return sum(count for status, count in self.tally.statuses.items() if status[0] != "2" and status != "404")

    @property
    def held(self) -> bool:
        """Whether all was answered in time, and feeds kept up."""
        kept_up = self.tally.rate > 0.97 * self.rate and self.tally.unanswered < self.rate
        return kept_up and not self.failed and max(lag.delivered_ms for lag in self.lags) <= LAG_MAX_MS


def measure(folder: Path, known: Known) -> Section:
    """Find the rate, then measure at it, and at what is aimed at."""
    with bowerbird(folder, known, WORKERS, server_connections_max=str(CONNECTIONS)) as server:
        rate = _highest(folder, known, server)
        held = _step(folder, known, server, rate, LONG_S)
        aimed = _step(folder, known, server, AIM, STEP_S)
    return Section("Nine reads to one write", HOW.format(people=len(known.people)), list(_figures(rate, held, aimed)))


def _highest(folder: Path, known: Known, server: Running) -> int:
    """Return the highest rate that holds, found by doubling and halving."""
    low, high = 0, FIRST_RATE
    while high < 2 * AIM and _step(folder, known, server, high, STEP_S).held:
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) // 2
        if _step(folder, known, server, middle, STEP_S).held:
            low = middle
        else:
            high = middle
    return low or FIRST_RATE // 2


def _step(folder: Path, known: Known, server: Running, rate: int, seconds: float) -> Step:
    plan = Plan(
        port=server.port,
        requests=requests(known, server),
        connections=CONNECTIONS,
        seconds=seconds,
        rate=rate,
        core=1,
    )
    rest(server)
    before = {name: cpu_us([pid]) for name, pid in server.processes.items()}
    with saving(folder / "data", known.people[0], server, PROBE_PAUSE_S) as lags:
        tally = run(plan)
    used = {name: cpu_us([pid]) - before[name] for name, pid in server.processes.items()}
    shares: dict[str, float] = {}
    for name, us in used.items():
        kind = name.split("-")[0]
        shares[kind] = shares.get(kind, 0) + us / max(1, tally.answered)
    step = Step(rate, tally, lags, shares)
    latest = max(lag.delivered_ms for lag in lags)
    print(f"{rate}/s: {tally.rate:.0f}/s answered, {tally.statuses}, lag {latest:.0f} ms at most", file=sys.stderr)
    return step


def requests(known: Known, server: Running) -> list[bytes]:
    """Return requests of the mix in a random order, each by somebody at random."""
    dice = random.Random(SEED)
    kinds = dice.choices(list(SHARES), list(SHARES.values()), k=REQUESTS)
    following: set[str] = set()
    made: list[bytes] = []
    for number, kind in enumerate(kinds):
        one, other, board = dice.choice(known.people), dice.choice(known.people), dice.choice(known.boards)
        token, run_ = server.tokens[one.id], dice.getrandbits(60)
        match kind:
            case "feed":
                made.append(send("GET", "/v1/feed", token))
            case "board":
                made.append(send("GET", f"/v1/boards/{board}/pins", token))
            case "user":
                made.append(send("GET", f"/v1/users/{other.id}", token))
            case "boards":
                made.append(send("GET", f"/v1/users/{other.id}/boards", token))
            case "pin":
                made.append(send("GET", f"/v1/pins/{other.photo}", token))
            case "photo":
                body = msgspec.json.encode({"pin_id": one.photo})
                made.append(send("POST", f"/v1/boards/{one.board}/pins", token, body))
            case "address":
                body = msgspec.json.encode({"url": f"http://192.0.2.1/mix/{run_}/{number}"})
                made.append(send("POST", f"/v1/boards/{one.board}/pins", token, body))
            case "follow":
                method = "DELETE" if one.id in following else "PUT"
                following ^= {one.id}
                made.append(send(method, f"/v1/me/following/{one.stranger}", token))
            case _:
                body = msgspec.json.encode({"note": f"as of {number}"})
                made.append(send("PATCH", f"/v1/pins/{one.photo}", token, body))
    return made


def _figures(rate: int, held: Step, aimed: Step) -> Iterator[Figure]:
    yield figure("highest rate held", "requests/s", [rate], Goal(least=AIM))
    for kind, times in held.tally.kinds.items():
        yield figure(f"at that rate, {kind}s: p50", "ms", [times.p50_ms])
        yield figure(f"at that rate, {kind}s: p99", "ms", [times.p99_ms], Goal(most=50))
    yield figure("at that rate: not answered well", "requests", [held.failed], Goal(most=0))
    yield figure("at that rate: lag from save to feed", "ms", [lag.delivered_ms for lag in held.lags])
    for name, us in held.cpu_share.items():
        yield figure(f"at that rate: CPU a request, {name}", "us", [us])
    yield figure(
        "at that rate: CPU a request, load generator", "us", [held.tally.own_cpu_us / max(1, held.tally.count)]
    )
    yield figure("aim: answered", "requests/s", [aimed.tally.rate])
    yield figure("aim: p99", "ms", [aimed.tally.p99_ms])
    yield figure("aim: not answered well", "requests", [aimed.failed])
