"""The manual cannot fall behind: its tables are those that the code makes, and its names are those of the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bowerbird.app.sections import SECTIONS
from bowerbird.app.settings import describe
from bowerbird.contracts.events import KINDS
from bowerbird.edge.api.routes import ROUTES

ROOT = Path(__file__).parents[2]
GENERATED = [
    "ARCHITECTURE.md",
    "docs/guides/backup.md",
    "docs/performance.md",
    "docs/security.md",
    *(f"docs/reference/{name}.md" for name in ("commands", "events", "settings")),
]


@pytest.mark.parametrize("page", GENERATED)
def test_a_generated_page_is_as_the_code_makes_it(page: str) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", page], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, f"run `make docs`: {made.stdout}{made.stderr}"


def test_every_setting_says_what_it_is() -> None:
    silent = [
        f"{section}.{name}"
        for section, shape in SECTIONS.items()
        for name, *_, m in describe(shape)
        if not m.description
    ]
    assert silent == []


def test_every_event_and_route_is_in_the_reference() -> None:
    events = (ROOT / "docs/reference/events.md").read_text()
    assert [name for name in KINDS if f"`{name}`" not in events] == []
    openapi = (ROOT / "docs/reference/openapi.json").read_text()
    assert [route.path for route in ROUTES if not route.hidden and f'"{route.path}"' not in openapi] == []


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_what_a_page_points_at_is_there(page: str) -> None:
    text = (ROOT / page).read_text()
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    targets += re.findall(r"`((?:src|tests|docs|ui|tools|bench)/[\w/.-]+)`", text)
    if page == "ARCHITECTURE.md":
        targets += [
            f"src/bowerbird/{path}"
            for path in re.findall(r"`((?:services|adapters|edge|runtime|ports|app|base)/[\w/]+\.py)`", text)
        ]
    assert [target for target in targets if not (ROOT / target).exists()] == []
