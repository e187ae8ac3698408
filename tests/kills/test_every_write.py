"""A share of the deaths that `make kills` dies: for each operation a few writes, of different kinds."""

from pathlib import Path
from random import Random

import pytest

from tests.kills.deaths import Death, Deaths
from tests.kills.first_start import Beginning
from tests.kills.operations.base import Operation
from tests.kills.operations.kinds import OPERATIONS
from tests.kills.pages import serving_pages
from tests.kills.plan import some
from tests.kills.tree import Tree

BACK_S = 20.0
"""It takes half a second alone; here other tests are at work on the same processors."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", OPERATIONS, ids=lambda kind: kind.__name__)
def test_a_death_loses_nothing_and_doubles_nothing(kind: type[Operation], tmp_path: Path) -> None:
    chance = Random(kind.__name__)
    with Tree(tmp_path) as tree, serving_pages() as page_url:
        deaths = Deaths(tree, page_url)
        died = [_die(deaths, kind, *planned) for planned in some(deaths, kind, chance, at_core=1)]
    assert len(died) >= 3
    assert all(death.back_s < BACK_S for death in died)


def _die(deaths: Deaths, kind: type[Operation], process: str, nth: int, victim: str) -> Death:
    """Die at a write, or at an earlier one where this time there are fewer: what waits together is written together."""
    while nth:
        death = deaths.die(kind, process, nth, victim)
        if death is not None:
            return death
        nth = nth * 3 // 4
    raise AssertionError(f"{process} writes nothing")


@pytest.mark.parametrize(
    ("victim", "nth"), [("supervisor", 4), ("core", 9), ("core", 30), ("core", 120), ("behind", 3), ("edge-1", 2)]
)
def test_a_death_in_the_first_start_leaves_a_folder_to_start_on(victim: str, nth: int, tmp_path: Path) -> None:
    beginning = Beginning(tmp_path, victim, nth)
    beginning.play()
    assert beginning.at is not None
