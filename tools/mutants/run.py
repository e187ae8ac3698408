"""`make mutants`: plants one bug at a time in a copy of the tree and says which suite finds it, and how soon.

Each `*.patch` beside this file begins with what it breaks, in the product's terms. Those called `blind-` were
written without a look at the tests. Tests that name what a patch touches go first, then the suites about it, then the
others, the quick ones before the slow. A test that fails is run once more without the bug: only what passes there has
found it. Exits with 1 when a bug was not found, or a patch fits no more. Arguments: parts of patches' names; none: all.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PATCHES: Final = Path(__file__).parent
SUITE_S: Final = 900
LEFT_OUT: Final = (".git", ".venv", ".tools", "node_modules", "__pycache__", ".*_cache", "data")
NEAR: Final = (
    ("adapters/files", ("tests/adapters", "tests/ports/test_blobs.py")),
    ("adapters", ("tests/ports",)),
    ("services/", ("tests/services/{}",)),
    ("", ("tests/{}",)),
)
"""By the beginning of what a patch touches, the suites that are about it; `{}`: the folder's name below it."""
SUITES: Final = (
    *("base", "edge", "adapters", "kills/test_flushed.py", "rpc", "overload", "runtime"),
    *("services/safety", "services/links", "services/insight", "services/identity", "services/graph"),
    *("services/media", "services/feed", "services/boards", "services/search", "services/vision", "services/recommend"),
    *("contracts", "ports", "app", "sim", "security", "journeys", "kills"),
)


@dataclass(frozen=True)
class Verdict:
    """What became of one bug: the test that found it ("" for none), in which file, after how many seconds."""

    patch: Path
    file: str
    test: str
    took_s: float

    @property
    def breaks(self) -> str:
        """What the bug does to people."""
        return self.patch.read_text().partition("\n")[0]

    def row(self) -> str:
        """Return it as a row of the table."""
        found = f"`{self.file}` | {self.took_s:.0f}" if self.test else "**not found** | "
        return f"| {self.patch.stem} | {self.breaks} | {found} |"


def main() -> None:
    """Try every bug and print the table."""
    wanted = sys.argv[1:]
    patches = sorted(p for p in PATCHES.glob("*.patch") if not wanted or any(part in p.stem for part in wanted))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        verdicts: list[Verdict] = []
        for patch in patches:
            verdict = _try(copy, patch)
            print(f"{patch.stem}: {verdict.test or 'NOT FOUND'}, {verdict.took_s:.0f} s", flush=True)
            verdicts.append(verdict)
    verdicts.sort(key=lambda verdict: (bool(verdict.test), verdict.patch.stem))
    print("\n| bug | what it breaks | found by | s |\n|---|---|---|---|")
    print("\n".join(verdict.row() for verdict in verdicts))
    sys.exit(0 if all(verdict.test for verdict in verdicts) else 1)


def _try(copy: Path, patch: Path) -> Verdict:
    began = time.monotonic()
    _apply(copy, patch)
    try:
        for suite in _suites(patch):
            failing_anyhow: list[str] = []
            while test := _first_failure(copy, suite, failing_anyhow):
                if _passes_without(copy, patch, test):
                    return Verdict(patch, test.partition("::")[0], test, time.monotonic() - began)
                print(f"  {test} fails without {patch.stem} too", flush=True)
                if test in failing_anyhow or test == suite:
                    break
                failing_anyhow.append(test)
    finally:
        _apply(copy, patch, "--reverse")
    return Verdict(patch, "", "", time.monotonic() - began)


def _passes_without(copy: Path, patch: Path, test: str) -> bool:
    _apply(copy, patch, "--reverse")
    try:
        return not _first_failure(copy, test)
    finally:
        _apply(copy, patch)


def _apply(copy: Path, patch: Path, *options: str) -> None:
    # No repository around the copy: git would look for the patch's paths from there.
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(copy.parent)}
    subprocess.run(["/usr/bin/env", "git", "apply", "-p1", *options, str(patch)], cwd=copy, env=env, check=True)


def _suites(patch: Path) -> list[str]:
    """Return the suites in the order in which they are to look for the bug, those that there are; a suite is paths."""
    touched = re.findall(r"^\+\+\+ b/src/bowerbird/(\S+)", patch.read_text(), re.MULTILINE)
    suites = [_naming(path) for path in touched]
    for path in touched:
        start, near = next((start, near) for start, near in NEAR if path.startswith(start))
        suites += [suite.format(path.removeprefix(start).partition("/")[0]) for suite in near]
    suites += [f"tests/{suite}" for suite in SUITES]
    return [suite for suite in dict.fromkeys(suites) if suite and all((ROOT / path).exists() for path in suite.split())]


def _naming(path: str) -> str:
    """Return the files of tests that name a module."""
    module = f"bowerbird.{path.removesuffix('.py').replace('/', '.')} import"
    files = sorted((ROOT / "tests").rglob("test_*.py"), key=lambda file: file.stat().st_size)
    return " ".join(str(file.relative_to(ROOT)) for file in files if module in file.read_text())


def _first_failure(copy: Path, suite: str, without: Sequence[str] = ()) -> str:
    """Run a suite, or one test, and return the first test that failed (the suite, if it ended badly), or ""."""
    env = {**os.environ, "PYTHONPATH": f"{copy / 'src'}{os.pathsep}{copy}", "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not browser", *suite.split()]
    argv += [f"--deselect={test}" for test in without]
    try:
        ended = subprocess.run(argv, cwd=copy, env=env, capture_output=True, text=True, timeout=SUITE_S, check=False)
    except subprocess.TimeoutExpired:
        return suite
    if ended.returncode in {0, 5}:  # 5: no test was chosen
        return ""
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", ended.stdout, re.MULTILINE)
    if failed is None:
        print(f"  {suite} ended with {ended.returncode}: {ended.stdout[-500:]} {ended.stderr[-500:]}", flush=True)
    return failed[1] if failed else suite


if __name__ == "__main__":
    main()
