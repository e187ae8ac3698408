"""A folder with data: filled in a process of its own, so that nothing of it is warm in this one, and kept a while."""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import msgspec

from bench.data import Known, Size

FRESH_S: Final = 2_700
"""Tokens are good for an hour."""
ROOT: Final = Path(__file__).resolve().parent.parent


def filled(folder: Path, size: Size) -> Known:
    """Return what is known of a folder, which is filled anew unless that was done a short while ago."""
    file = folder / "known.json"
    if not file.exists() or time.time() - file.stat().st_mtime > FRESH_S:
        file.unlink(missing_ok=True)
        shutil.rmtree(folder / "data", ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "bench.filler", str(folder / "data"), msgspec.json.encode(size).decode()]
        made = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        file.write_bytes(made.stdout)
    return msgspec.json.decode(file.read_bytes(), type=Known)
