"""The planted bugs fit the code as it is, each says what it breaks, and the runner tells found from not found."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATCHES = sorted((ROOT / "tools" / "mutants").glob("*.patch"))


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_planted_bug_fits_and_says_what_it_breaks(patch: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "assets"))
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    fits = subprocess.run(["/usr/bin/env", "git", "apply", "-p1", str(patch)], cwd=tmp_path, env=env, check=False)
    assert fits.returncode == 0, "the code has moved on: plant it anew"
    breaks, _, rest = patch.read_text().partition("\n")
    assert breaks.endswith(".")
    assert rest.startswith("\n--- a/src/")


def test_half_of_them_were_planted_blind() -> None:
    assert sum(patch.stem.startswith("blind-") for patch in PATCHES) >= 15
