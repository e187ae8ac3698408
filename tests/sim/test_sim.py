"""A share of the simulation in every run of the tests: `make sim SEEDS=10000` plays more of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHARES = 4
SEEDS = 20
_ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("share", range(SHARES))
def test_every_promise_is_kept_whatever_fails(share: int, tmp_path: Path) -> None:
    played = _sim("--seeds", str(SEEDS), "--first", str(share * SEEDS), "--kept", str(tmp_path), "--workers", "1")
    assert played.returncode == 0, played.stdout
    assert f"0 of {SEEDS} seeds failed" in played.stdout


def _sim(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.sim", *arguments]
    env = {**os.environ, "PYTHONPATH": str(_ROOT)}
    return subprocess.run(command, cwd=_ROOT, env=env, capture_output=True, text=True, check=False)
