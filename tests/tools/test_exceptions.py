"""Whoever silences a rule says which and why, on the line itself."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "tools", "bench")
SILENCED = re.compile(r"# (?:noqa|pyright: *ignore|type: *ignore|fmt: *(?:off|skip)|pragma: *no cover)\b.*")
REASONED = re.compile(r"# (?:noqa: [A-Z0-9, ]+|pyright: ignore\[[\w, ]+\]|fmt: (?:off|skip)) - \S.*")


def silenced() -> list[str]:
    """Return `file:line comment` of each silenced rule."""
    files = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return [
        f"{path.relative_to(ROOT)}:{number} {found[0]}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := SILENCED.search(line))
    ]


def test_every_silenced_rule_has_its_reason() -> None:
    assert [each for each in silenced() if not REASONED.search(each)] == []


@pytest.mark.parametrize(
    ("comment", "reasoned"),
    [
        ("noqa: S101 - a reason", True),
        ("pyright: ignore[reportPrivateUsage] - a reason", True),
        ("noqa: S101", False),
        ("noqa", False),
        ("pyright: ignore", False),
        ("type: ignore[attr-defined] - a reason", False),
        ("pragma: no cover", False),
    ],
)
def test_a_reason_is_told_from_none(comment: str, reasoned: bool) -> None:
    assert SILENCED.search(f"x = 1  # {comment}")
    assert bool(REASONED.search(f"# {comment}")) is reasoned
