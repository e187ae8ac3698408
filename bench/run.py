"""Measure: `make bench`, or `make bench ARGS="pages saves"` for some scenarios, `ARGS=layers` for where time goes.

    python -m bench.run [--save] [--folder FOLDER] [SCENARIO ...]

Scenarios are pages saves fanout rest photos (all of them unless some are named), layers, and every micro_NAME beside
this file. `--save` writes bench/results; `--folder` keeps the data there and uses what it finds, for an hour.
"""

import argparse
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from bench import fanout, idle, layers, pages, photos, saves
from bench.data import Known
from bench.figures import Run, Section, as_markdown, write
from bench.machine import describe

HERE: Final = Path(__file__).parent
FRESH_S: Final = 2700
BEGAN: Final = time.monotonic()
MICRO: Final = tuple(sorted(path.stem for path in HERE.glob("micro_*.py")))

Scenario = Callable[[Path, Known], list[Section]]

SCENARIOS: Final[dict[str, Scenario]] = {
    "photos": lambda _folder, _known: [photos.measure()],
    "rest": lambda folder, known: [idle.measure(folder, known)],
    "pages": lambda folder, known: [pages.measure(folder, known, workers) for workers in (1, 2)],
    "fanout": lambda folder, known: [fanout.measure(folder, known)],
    "saves": lambda folder, known: [saves.measure(folder, known)],
}
"""In an order in which none finds what an earlier one has left behind in its way."""


@contextmanager
def filled(wanted: Path | None) -> Generator[tuple[Path, Known]]:
    """Yield a folder with data, and what is known of it."""
    with tempfile.TemporaryDirectory() as made:
        folder = wanted or Path(made)
        file = folder / "known.json"
        if not file.exists() or time.time() - file.stat().st_mtime > FRESH_S:
            _fill(folder, file)
        yield folder, msgspec.json.decode(file.read_bytes(), type=Known)


def _fill(folder: Path, file: Path) -> None:
    """Make the data in a process of its own, so that none of it is warm in this one."""
    argv = [sys.executable, "-m", "bench.data", str(folder / "data")]
    made = subprocess.run(argv, cwd=HERE.parent, stdout=subprocess.PIPE, check=True)
    file.write_bytes(made.stdout)
    _say(f"{msgspec.json.decode(made.stdout, type=Known).pins} pins")


def measure(names: list[str], folder: Path, known: Known) -> Run:
    """Run scenarios one after another."""
    machine = describe()
    sections: list[Section] = []
    for name in names:
        sections += SCENARIOS[name](folder, known)
        _say(name)
    argv = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(argv, cwd=HERE, capture_output=True, text=True, check=False)
    return Run(datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), commit.stdout.strip(), machine, sections)


def _say(what: str) -> None:
    print(f"{time.monotonic() - BEGAN:6.1f} s  {what}", file=sys.stderr)


def main() -> None:
    """Do as the command line says."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=")
    parser.add_argument("--save", action="store_true", help="write bench/results")
    parser.add_argument("--folder", type=Path, help="keep the data there")
    parser.add_argument("scenario", nargs="*", help=", ".join([*SCENARIOS, "layers", *MICRO]))
    asked = parser.parse_args()
    names: list[str] = asked.scenario or list(SCENARIOS)
    if unknown := {*names} - {*SCENARIOS, "layers", *MICRO}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    for name in (name for name in names if name in MICRO):
        sys.argv = [name]
        runpy.run_module(f"bench.{name}", run_name="__main__")
    if not {*names} - {*MICRO}:
        return
    with filled(asked.folder) as (folder, known):
        if "layers" in names:
            print(layers.measure(folder, known))
        run = measure([name for name in SCENARIOS if name in names], folder, known)
    if run.sections:
        print(as_markdown(run))
    if asked.save:
        write(run, HERE / "results")


if __name__ == "__main__":
    main()
