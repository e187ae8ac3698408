"""A share of the deaths at random that `make kills` dies, with people at work."""

from pathlib import Path

import pytest

from tests.kills.load import under_fire
from tests.kills.tree import Tree

SECONDS = 20.0


@pytest.mark.timeout(300)
def test_whatever_dies_what_was_acknowledged_is_there_once(tmp_path: Path) -> None:
    with Tree(tmp_path) as tree:
        members, fire = under_fire(tree, SECONDS, people=4, seed=4)
    assert fire.deaths.total() >= 3
    assert sum(member.done.total() for member in members) >= 20
