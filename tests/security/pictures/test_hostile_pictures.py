"""No picture takes more than 256 MiB and 2 s of a processor, kills its hand, or has anything served but its pixels."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.security.pictures.bombs import BOMBS
from tests.security.pictures.clinic import clinic
from tests.security.pictures.holes import HOLES, Hole
from tests.security.pictures.mutate import CLASSES, mutant
from tests.security.pictures.seeds import SEEDS
from tests.support.spoiled import spoiled

MUTANTS = 36
"""Of each class in every run; `make fuzz COUNT=...` tries more."""


async def wrongs(pictures: Mapping[str, bytes]) -> dict[str, str]:
    """Return what is wrong, by the picture's name."""
    async with clinic() as hand:
        found = {name: await hand.examine(data) for name, data in pictures.items()}
    return {name: finding.wrong for name, finding in found.items() if finding.wrong}


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.told)
async def test_a_guard_that_is_gone_is_missed(hole: Hole, tmp_path: Path) -> None:
    tree = spoiled(tmp_path, "pillow", hole.edits)
    async with clinic(tree) as hand:
        found = {name: await hand.examine(BOMBS[name]() if name in BOMBS else SEEDS[name]) for name in hole.found_by}
    assert not [name for name, finding in found.items() if not finding.wrong]


async def test_whole_pictures_are_taken() -> None:
    async with clinic() as hand:
        refused = {name: (await hand.examine(data)).refused for name, data in SEEDS.items()}
    assert set(refused.values()) == {""}, refused


@pytest.mark.parametrize("kind", CLASSES)
async def test_mutants_of_a_class(kind: str) -> None:
    assert not await wrongs({f"{number} of {(one := mutant(kind, number))[0]}": one[1] for number in range(MUTANTS)})


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb(bomb: str) -> None:
    assert not await wrongs({bomb: BOMBS[bomb]()})
