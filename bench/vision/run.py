"""Measure how pictures are seen: `python -m bench.vision.run [--save]`; the first run fetches 750 MB of packages.

`--save` writes bench/results/vision.json.
"""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Run, as_markdown, write
from bench.machine import describe
from bench.report import RESULTS
from bench.vision.measure import measure


def main() -> None:
    """Do as the command line says."""
    machine = describe()
    argv = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(argv, cwd=Path(__file__).parent, capture_output=True, text=True, check=False).stdout.strip()
    section = measure(None, None)
    run = Run(datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), commit, machine, section)
    print(as_markdown(run))
    if "--save" in sys.argv:
        write(run, RESULTS, "vision")


if __name__ == "__main__":
    main()
