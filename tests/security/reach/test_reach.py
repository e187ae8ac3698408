"""No server that is not public is ever called: every class of trick, on an island where any call would arrive.

For each class a hole is planted, and must be found by that class.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.reach.cases import CLASSES, WELCOME, Case, wrong
from tests.security.reach.ferry import Ferry, island
from tests.security.reach.holes import HOLES, Hole
from tests.support.spoiled import spoiled


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ferry]:
    with island(tmp_path_factory.mktemp("island")) as ferry:
        yield ferry


def found(ferry: Ferry, cases: list[Case]) -> list[str]:
    """Return what is wrong, a line a case."""
    return [what for case in cases if (what := wrong(case, ferry.ask(case.ask)))]


def test_what_is_public_is_met(ferry: Ferry) -> None:
    assert not found(ferry, WELCOME)


@pytest.mark.parametrize("name", CLASSES)
def test_nobody_else_is(ferry: Ferry, name: str) -> None:
    wrongs = found(ferry, CLASSES[name])
    assert not wrongs, "\n".join(wrongs)


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: f"{hole.found_by}: {hole.told}")
def test_a_hole_is_found(hole: Hole, tmp_path: Path) -> None:
    (tmp_path / "island").mkdir()
    with island(tmp_path / "island", spoiled(tmp_path / "tree", "httpfetch", hole.edits)) as ferry:
        assert not found(ferry, WELCOME[:1]), "it is broken, not holed"
        assert found(ferry, CLASSES[hole.found_by])


def test_every_class_has_a_hole() -> None:
    assert {hole.found_by for hole in HOLES} == set(CLASSES)
