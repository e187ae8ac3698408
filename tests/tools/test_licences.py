"""The check of licences bites: each package that may not be there, planted in a copy of the locks, is refused."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.licences import satisfied

ROOT = Path(__file__).parents[2]
PERMISSIVE = {"MIT", "Apache-2.0", "BSD-3-Clause"}


def copied(folder: Path) -> Path:
    """Return a folder with the locks, and nothing else that the check reads but the page's imports."""
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    shutil.copytree(ROOT / "ui" / "src", folder / "ui" / "src")
    shutil.copy(ROOT / "ui" / "package-lock.json", folder / "ui")
    return folder


def refused(folder: Path) -> list[str]:
    """Return what the check refuses in a folder; packages installed in its `site` count too."""
    told = {**os.environ, "PYTHONPATH": str(folder / "site")}
    command = [sys.executable, "-m", "tools.licences", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    lines = ended.stdout.splitlines()
    assert ended.returncode == (0 if "all under licences" in lines[0] else len(lines)), ended.stderr
    return lines if ended.returncode else []


def plant(folder: Path, lock: str, metadata: str) -> None:
    """Put a package into a lock, installed with some metadata."""
    with (folder / "requirements" / f"{lock}.txt").open("a") as file:
        file.write("evil==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via bowerbird (pyproject.toml)\n")
    installed = folder / "site" / "evil-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text(f"Metadata-Version: 2.4\nName: evil\nVersion: 1.0\n{metadata}\n")


@pytest.mark.parametrize(
    ("lock", "metadata", "fine"),
    [
        ("run", "License-Expression: AGPL-3.0-only", False),
        ("run", "License-Expression: MIT AND GPL-2.0-or-later", False),
        ("run", "License-Expression: LGPL-2.1-only", False),
        ("run", "License-Expression: MPL-2.0", False),
        ("run", "License: free for friends", False),
        ("run", "Classifier: License :: OSI Approved :: MIT License", False),
        ("run", "", False),
        ("build", "License-Expression: GPL-3.0-only", False),
        ("dev", "License-Expression: SSPL-1.0", False),
        ("run", "License-Expression: MIT OR GPL-2.0-only", True),
        ("dev", "License-Expression: MPL-2.0", True),
        ("run", "License: MIT", True),
    ],
)
def test_a_python_package_is_judged(tmp_path: Path, lock: str, metadata: str, fine: bool) -> None:
    plant(copied(tmp_path), lock, metadata)
    found = refused(tmp_path)
    assert [line.split(" ")[0] for line in found] == ([] if fine else ["pkg:pypi/evil@1.0"])


@pytest.mark.parametrize(
    ("package", "licence", "fine"),
    [
        ("svelte", "GPL-3.0", False),
        ("svelte", "MPL-2.0", False),
        ("vite", "MPL-2.0", True),
        ("vite", "(GPL-2.0 AND MIT)", False),
        ("vite", "(GPL-2.0 OR (MIT AND ISC))", True),
        ("vite", "SEE LICENSE IN LICENSE.txt", False),
        ("vite", None, False),
    ],
)
def test_an_npm_package_is_judged(tmp_path: Path, package: str, licence: str | None, fine: bool) -> None:
    lock = copied(tmp_path) / "ui" / "package-lock.json"
    read = json.loads(lock.read_text())
    read["packages"][f"node_modules/{package}"]["license"] = licence
    lock.write_text(json.dumps(read))
    found = refused(tmp_path)
    assert [line.split("@")[0] for line in found] == ([] if fine else [f"pkg:npm/{package}"])


def test_a_package_that_is_not_installed_tells_no_licence(tmp_path: Path) -> None:
    plant(copied(tmp_path), "run", "License-Expression: MIT")
    shutil.rmtree(tmp_path / "site")
    assert refused(tmp_path) == ["pkg:pypi/evil@1.0 (run) is under no licence that is told"]


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-3.0-only OR MIT AND GPL-2.0-only", False),
        ("(GPL-3.0-only OR MIT) AND Apache-2.0", True),
        ("(MIT", False),
        ("MIT)", False),
        ("MIT GPL-3.0-only", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("", False),
        ("OR", False),
    ],
)
def test_an_expression_is_read(expression: str, holds: bool) -> None:
    assert satisfied(expression, PERMISSIVE) is holds
