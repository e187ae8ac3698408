"""Runs seeds, each as often as it takes to be sure of it: `make sim SEEDS=10000`, or one script that was kept.

A seed that fails is played again, must fail in the same way to the last byte, and is cut down to a script that is
written to a folder; `python -m tests.sim --script FILE` plays it.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from msgspec import json

from tests.sim.forks import Forks, forks
from tests.sim.play import Outcome
from tests.sim.script import Script, written
from tests.sim.shrink import RUNS_MAX, shrunk

_HASHES = "PYTHONHASHSEED"


def main(arguments: Sequence[str]) -> int:
    """Return 0 when every seed kept every promise, else 1."""
    options = _options(arguments)
    with forks() as house:
        if options.script is not None:
            return _one(house, options.script, options.trace)
        return _many(house, options)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description="Simulate Bowerbird.")
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds to play")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="how many at once")
    parser.add_argument("--failures", type=int, default=5, help="stop after so many seeds that fail")
    parser.add_argument("--shrink", type=int, default=RUNS_MAX, help="runs to spend on cutting a failing seed down")
    parser.add_argument("--kept", type=Path, default=Path(".cache/sim"), help="where scripts that fail are written")
    parser.add_argument("--script", type=Path, help="play this script alone")
    parser.add_argument("--trace", type=Path, help="with --script: write all that happens there")
    return parser.parse_args(arguments)


def _one(house: Forks, path: Path, trace: Path | None) -> int:
    """Play one script, and tell what came of it."""
    outcome = house.play(json.decode(path.read_bytes(), type=Script), trace)
    _say(f"{path}: {_told(outcome)}; digest {outcome.digest}")
    return int(bool(outcome.check))


def _many(house: Forks, options: argparse.Namespace) -> int:
    began_s, counts, failed = time.monotonic(), Counter[str](), list[Script]()
    played, virtual_s = 0, 0.0
    scripts = (written(seed) for seed in range(options.first, options.first + options.seeds))
    for script, outcome in house.play_all(scripts, options.workers):
        played += 1
        virtual_s += outcome.virtual_s
        counts.update(outcome.counts)
        if outcome.check:
            failed.append(script)
            _report(house, options, script, outcome)
            if len(failed) >= options.failures:
                break
        _progress(played, options.seeds, len(failed), time.monotonic() - began_s)
    _summary(played, virtual_s, time.monotonic() - began_s, counts)
    _say(f"{len(failed)} of {played} seeds failed" + "".join(f" {script.seed}" for script in failed))
    return int(bool(failed))


def _report(house: Forks, options: argparse.Namespace, script: Script, outcome: Outcome) -> None:
    """Tell of a seed that failed, whether it does so again, and the least script that does."""
    _say(f"\nseed {script.seed}: {_told(outcome)}")
    again = house.play(script)
    _say(f"  again: {'the same, digest ' + again.digest if again == outcome else 'NOT the same: ' + _told(again)}")
    least = shrunk(script, lambda one: house.play(one).check == outcome.check, options.shrink)
    options.kept.mkdir(parents=True, exist_ok=True)
    path = options.kept / f"seed-{script.seed}.json"
    path.write_bytes(json.format(json.encode(least), indent=1))
    deeds, faults = (sum(len(getattr(act, name)) for act in least.acts) for name in ("deeds", "faults"))
    _say(f"  least: {deeds} deeds and {faults} faults in {path}: {_told(house.play(least))}")


def _told(outcome: Outcome) -> str:
    return f"{outcome.check}: {outcome.detail}" if outcome.check else "every promise kept"


def _progress(played: int, seeds: int, failed: int, took_s: float) -> None:
    if played % 20 == 0 or played == seeds:
        _say(f"{played} of {seeds} seeds, {failed} failed, {played / took_s:.1f} a second")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _summary(played: int, virtual_s: float, took_s: float, counts: Counter[str]) -> None:
    _say(f"\n{played} seeds, {virtual_s / 3600:.1f} hours of virtual time in {took_s:.0f} s. What was met, how often:")
    for kind, times in sorted(counts.items()):
        _say(f"  {times:>9,} {kind}")


if __name__ == "__main__":
    if os.environ.get(_HASHES) != "0":
        os.execve(sys.executable, [sys.executable, "-m", "tests.sim", *sys.argv[1:]], os.environ | {_HASHES: "0"})  # noqa: S606 - itself
    sys.exit(main(sys.argv[1:]))
