"""Measure: `make bench`, or `make bench ARGS="pages saves"` for some scenarios, `ARGS=layers` for where time goes.

    python -m bench.run [--save] [--folder FOLDER] [SCENARIO ...]

Scenarios are those of bench/scenarios.py (all but the long ones unless some are named), layers, and every micro_NAME
beside this file. `--save` writes bench/results and what docs/performance.md shows of them; `--folder` keeps the data
there and uses what it finds, for three quarters of an hour.
"""

import argparse
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import layers
from bench.data import Known, Size
from bench.figures import Run, as_goals, as_markdown, write
from bench.filled import filled
from bench.machine import describe
from bench.report import RESULTS
from bench.scenarios import LONG, SCENARIOS

HERE: Final = Path(__file__).parent
BEGAN: Final = time.monotonic()
MICRO: Final = tuple(sorted(path.stem for path in HERE.glob("micro_*.py")))


@contextmanager
def data(wanted: Path | None) -> Generator[tuple[Path, Known]]:
    """Yield a folder with data, and what is known of it."""
    with tempfile.TemporaryDirectory() as made:
        folder = wanted or Path(made)
        known = filled(folder, Size())
        say(f"{known.pins:,} pins")
        yield folder, known


def measure(names: list[str], folder: Path, known: Known, *, save: bool) -> list[Run]:
    """Run scenarios one after another, and write down each when it is over."""
    argv = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(argv, cwd=HERE, capture_output=True, text=True, check=False).stdout.strip()
    runs: list[Run] = []
    for name in names:
        machine = describe()
        section = SCENARIOS[name](folder, known)
        runs.append(Run(datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), commit, machine, section))
        print(as_markdown(runs[-1]), flush=True)
        if save:
            write(runs[-1], RESULTS, name)
        say(name)
    return runs


def say(what: str) -> None:
    """Tell how far it is."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {what}", file=sys.stderr)


def main() -> None:
    """Do as the command line says."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=")
    parser.add_argument("--save", action="store_true", help="write bench/results, and docs/performance.md from them")
    parser.add_argument("--folder", type=Path, help="keep the data there")
    parser.add_argument("scenario", nargs="*", help=", ".join([*SCENARIOS, "layers", *MICRO]))
    asked = parser.parse_args()
    names: list[str] = asked.scenario or [name for name in SCENARIOS if name not in LONG]
    if unknown := {*names} - {*SCENARIOS, "layers", *MICRO}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    for name in (name for name in names if name in MICRO):
        sys.argv = [name]
        runpy.run_module(f"bench.{name}", run_name="__main__")
    if not {*names} - {*MICRO}:
        return
    with data(asked.folder) as (folder, known):
        if "layers" in names:
            print(layers.measure(folder, known))
        runs = measure([name for name in SCENARIOS if name in names], folder, known, save=asked.save)
    if runs:
        print(as_goals(runs))
    if asked.save:
        subprocess.run([sys.executable, "-m", "cogapp", "-r", "docs/performance.md"], cwd=HERE.parent, check=True)


if __name__ == "__main__":
    main()
