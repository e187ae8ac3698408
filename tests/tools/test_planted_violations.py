"""The rules of the house bite: each violation, planted alone in a small house, is found by its rule."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent

HOUSE = (
    "__init__",
    "adapters/__init__",
    "adapters/files/__init__",
    "adapters/files/blobs",
    "adapters/pillow/__init__",
    "adapters/pillow/render",
    "adapters/sqlite/__init__",
    "adapters/sqlite/records",
    "app/__init__",
    "app/wiring",
    "base/__init__",
    "base/world",
    "contracts/__init__",
    "contracts/boards",
    "edge/__init__",
    "edge/api/__init__",
    "edge/api/boards",
    "edge/http/__init__",
    "edge/http/router",
    "edge/web/__init__",
    "edge/web/shell",
    "ports/__init__",
    "ports/records",
    "rpc/__init__",
    "rpc/client",
    "runtime/__init__",
    "runtime/relay",
    "runtime/supervisor",
    "services/__init__",
    "services/boards/__init__",
    "services/boards/model",
    "services/boards/save_pin",
    "services/boards/service",
    "services/boards/store",
    "services/media/__init__",
    "services/media/service",
)

ALLOWED = {
    "adapters/pillow/render": "import PIL",
    "adapters/sqlite/records": "import apsw\nimport bowerbird.ports.records",
    "app/wiring": "import bowerbird.services.boards.service\nimport bowerbird.adapters.sqlite.records",
    "base/world": "import random\nimport socket",
    "edge/api/boards": "import bowerbird.edge.http.router\nimport bowerbird.contracts.boards",
    "rpc/client": "import socket",
    "runtime/relay": "import bowerbird.ports.records",
    "services/boards/save_pin": "import bowerbird.services.boards.store",
    "services/boards/service": "import bowerbird.services.boards.save_pin",
    "services/boards/store": "import bowerbird.ports.records\nimport bowerbird.services.boards.model",
}

# (contract, the file that breaks it, the line planted there)
PLANTED = (
    ("house", "base/world", "import bowerbird.contracts.boards"),
    ("house", "contracts/boards", "import bowerbird.ports.records"),
    ("house", "services/media/service", "import bowerbird.rpc.client"),
    ("house", "extra/__init__", ""),
    ("services", "services/media/service", "import bowerbird.services.boards.model"),
    ("adapters", "adapters/files/blobs", "import bowerbird.adapters.sqlite.records"),
    ("service", "services/boards/store", "import bowerbird.services.boards.service"),
    ("edge", "edge/web/shell", "import bowerbird.edge.api.boards"),
    ("ports", "services/boards/save_pin", "import bowerbird.ports.records"),
    ("ports", "runtime/supervisor", "import bowerbird.ports.records"),
    ("drivers", "services/boards/store", "import redis"),
    ("sqlite", "adapters/files/blobs", "import apsw"),
    ("pixels", "adapters/files/blobs", "import PIL"),
    ("sight", "adapters/files/blobs", "import cv2"),
    ("pixels-see-no-network", "adapters/pillow/render", "import socket"),
    ("strangers", "adapters/files/blobs", "import selectolax"),
    ("machine", "services/boards/service", "import socket"),
    ("machine", "edge/http/router", "import subprocess"),
    ("acyclic", "services/boards/store", "import bowerbird.services.boards.save_pin"),
)

# What ruff bans in a service, and nowhere in base.
BANNED = (
    "import random",
    "import secrets",
    "from time import monotonic",
    "from time import sleep",
    "from time import time",
    "from asyncio import sleep",
    "from asyncio import open_connection",
    "from asyncio import create_subprocess_exec",
    "from importlib import import_module",
    "from uuid import uuid4",
    "from os import urandom",
    "import datetime\n\nNOW = datetime.datetime.now(datetime.UTC)",
)


def build(root: Path, extra: dict[str, str]) -> None:
    """Write the miniature house under `root/src`, and beside it the project's own settings."""
    (root / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for name in {*HOUSE, *extra}:
        path = root / "src" / "bowerbird" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(filter(None, (ALLOWED.get(name), extra.get(name)))) + "\n")


def contracts() -> dict[str, str]:
    """Return the project's contracts, id by name."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {contract["name"]: contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]}


def broken(root: Path) -> set[str]:
    """Return the ids of the contracts that lint-imports finds broken in the house."""
    command = [TOOLS / "lint-imports", "--no-logo", "--no-cache", "--config", "../pyproject.toml"]
    wide = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    ended = subprocess.run(command, cwd=root / "src", env=wide, capture_output=True, text=True, check=False)
    found = {id_ for name, id_ in contracts().items() if f"\n{name} BROKEN" in ended.stdout}
    assert ended.returncode == bool(found), ended.stdout + ended.stderr
    return found


def test_a_sound_house_passes(tmp_path: Path) -> None:
    build(tmp_path, {})
    assert broken(tmp_path) == set()


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_import_linter_finds(contract: str, file: str, line: str, tmp_path: Path) -> None:
    build(tmp_path, {file: line})
    assert contract in broken(tmp_path)


def test_every_contract_has_a_violation_planted() -> None:
    assert {contract for contract, _, _ in PLANTED} == set(contracts().values())


def test_ruff_finds_what_simulation_could_not_stand(tmp_path: Path) -> None:
    planted = {f"services/boards/planted_{number}": line for number, line in enumerate(BANNED)}
    allowed = {f"base/planted_{number}": line for number, line in enumerate(BANNED)}
    build(tmp_path, planted | allowed)
    command = [TOOLS / "ruff", "check", "--no-cache", "--select", "TID251", "--output-format", "json", "src"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    root = tmp_path / "src" / "bowerbird"
    found = {str(Path(row["filename"]).relative_to(root).with_suffix("")) for row in json.loads(ended.stdout)}
    assert found == set(planted)
