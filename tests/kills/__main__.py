"""`make kills`: dies every death there is, one operation after another, then dies at random under load; prints tables.

Options: --operations NAMES, --step N (supervisor and tree die at one write of core's in N), --seconds S (under load),
--seed N, --starts (deaths in the first start).
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.kills.deaths import Death, Deaths
from tests.kills.first_start import Beginning
from tests.kills.load import under_fire
from tests.kills.operations.kinds import OPERATIONS
from tests.kills.pages import serving_pages
from tests.kills.plan import WITH_CORE, WRITERS, every, kind_of
from tests.kills.tree import Tree

NAMES_FREE_S: Final = 150.0
"""A name claimed for a person who did not come to be is free again after a lease and a sweep, a minute each."""


_KINDS: Final = {kind.__name__: kind for kind in OPERATIONS}


def main() -> None:
    """Run what was asked for; exit with 1 when anything was lost, doubled or half."""
    parser = argparse.ArgumentParser(prog="make kills", description=__doc__)
    parser.add_argument("--operations", default=",".join(_KINDS))
    parser.add_argument("--step", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--starts", action="store_true")
    options = parser.parse_args()
    failures: list[str] = []
    died: list[Death] = []
    for name in options.operations.split(","):
        found, wrong = _every_death(name, options.step)
        died += found
        failures += wrong
        _say(_row(name, found))
    if died:
        _tell(died)
    if options.starts:
        failures += _starts()
    if options.seconds:
        _load(options.seconds, options.seed)
    for failure in failures:
        _say(f"FAILED {failure}")
    sys.exit(1 if failures else 0)


def _every_death(name: str, step: int) -> tuple[list[Death], list[str]]:
    kind = _KINDS[name]
    died: list[Death] = []
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder, Tree(Path(folder)) as tree, serving_pages() as page_url:
        deaths = Deaths(tree, page_url)
        for process, nth, victim in every(deaths, kind, step):
            try:
                death = deaths.die(kind, process, nth, victim)
            except AssertionError as error:
                failures.append(f"{name}: {victim} at write {nth} of {process}: {error}")
                deaths.begin_anew()
                continue
            if death is not None:
                died.append(death)
        failures += _never_born(deaths)
    return died, failures


def _never_born(deaths: Deaths) -> list[str]:
    """Return whose name is still taken long after nobody came to have it."""
    until = time.monotonic() + NAMES_FREE_S
    waiting = deaths.unborn
    while waiting and time.monotonic() < until:
        time.sleep(1)
        waiting = [register for register in waiting if not register.act().is_success]
    return [f"{register.handle} belongs to nobody and is taken" for register in waiting]


def _starts() -> list[str]:
    failures: list[str] = []
    for victim in ("supervisor", "core", "behind", "edge-1"):
        count, nth = 0, 0
        while count == nth:
            nth += 1
            with tempfile.TemporaryDirectory() as folder:
                beginning = Beginning(Path(folder), victim, nth)
                try:
                    beginning.play()
                except AssertionError as error:
                    failures.append(f"start: {victim} at write {nth}: {error}")
                count += beginning.at is not None
        _say(f"first start: {victim} killed at each of its {count} writes")
    return failures


def _load(seconds: float, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Tree(Path(folder)) as tree:
        members, fire = under_fire(tree, seconds, people=6, seed=seed)
    done = Counter[str]()
    for member in members:
        done += member.done
    _say(f"\nunder load for {seconds:.0f} s, seed {seed}: {done.total()} deeds acknowledged, each there once")
    _say(f"  deaths: {dict(fire.deaths)}; sent again: {sum(member.again for member in members)}")
    _say(f"  back within: half {statistics.median(fire.back_s):.2f} s, all {max(fire.back_s):.2f} s")


def _row(name: str, died: Sequence[Death]) -> str:
    by_victim = Counter(death.victim for death in died)
    cells = [f"{by_victim[victim]:5}" for victim in (*WRITERS, *WITH_CORE)]
    return f"{name:14}{' '.join(cells)}   acknowledged before: {sum(death.acknowledged for death in died)}"


def _tell(died: Sequence[Death]) -> None:
    back: dict[str, list[float]] = defaultdict(list)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for death in died:
        back[death.victim].append(death.back_s)
        kinds[death.victim][kind_of(death.at)] += 1
    _say(f"\n{len(died)} deaths; from a death to the next answer:")
    for victim, seconds in back.items():
        late = sum(second > 2 for second in seconds)
        _say(f"  {victim:11} half {statistics.median(seconds):.2f} s, all {max(seconds):.2f} s, over 2 s: {late}")
    _say("at which kinds of write:")
    for victim, counts in kinds.items():
        _say(f"  {victim:11} {', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
