"""The locks are whole: every requirement is pinned within its bounds, hashed, and names no registry."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCKS = ("uv", "run", "build", "dev")


def text(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text()


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text(lock), re.MULTILINE))


def required(lock: str) -> list[Requirement]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups: dict[str, list[str | dict[str, str]]] = settings["dependency-groups"]
    return [
        Requirement(name) for name in (settings["project"]["dependencies"] if lock == "run" else named(groups, lock))
    ]


def named(groups: dict[str, list[str | dict[str, str]]], group: str) -> Iterator[str]:
    for each in groups[group]:
        yield from [each] if isinstance(each, str) else named(groups, each["include-group"])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_within_its_bounds(lock: str) -> None:
    pinned = pins(lock)
    for requirement in required(lock):
        assert requirement.name in pinned
        assert requirement.specifier.contains(pinned[requirement.name])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    assert len(re.findall(r"^[a-z0-9-]+==.*\\\n +--hash=sha256:", text(lock), re.MULTILINE)) == len(
        re.findall(r"^[a-z0-9-]+==", text(lock), re.MULTILINE)
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_registry(lock: str) -> None:
    assert "://" not in text(lock)
    assert "--find-links" not in text(lock)


def test_the_locks_agree() -> None:
    run, build, dev = pins("run"), pins("build"), pins("dev")
    for name in (run.keys() | build.keys()) & dev.keys():
        assert dev[name] == {**run, **build}[name]
