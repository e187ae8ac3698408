"""The table of ASVS is whole, and what it names is there."""

import re
from pathlib import Path

import pytest

from tools.asvs import CHAPTERS, Line, absent, lines

ROOT = Path(__file__).parents[2]
EVERY = lines()
LEVELS = {1: 70, 2: 183}
"""How many lines each level of ASVS 5.0.0 has."""


def test_every_line_of_both_levels_is_in_it() -> None:
    numbers = [line.number for line in EVERY]
    for level, count in LEVELS.items():
        elsewhere = [number for chapter in absent() for number in chapter[f"level_{level}"]]
        numbers += elsewhere
        assert sum(line.level == level for line in EVERY) + len(elsewhere) == count
    assert len(numbers) == len(set(numbers))
    assert {number.split(".")[0] for number in numbers} == {*CHAPTERS, *(chapter["chapter"] for chapter in absent())}


@pytest.mark.parametrize("line", EVERY, ids=lambda line: line.number)
def test_what_a_line_names_is_there(line: Line) -> None:
    assert line.gist
    assert line.tests or line.pages or line.notes
    for name in line.tests:
        file, _, test = name.partition("::")
        path = ROOT / "tests" / f"{file}.py"
        assert path.exists(), name
        assert re.search(rf"^(async )?def test_{test}\(", path.read_text(), re.MULTILINE), name
    for page in line.pages:
        assert (ROOT / "docs" / page).exists(), page
    for note in line.notes:
        assert note.partition(": ")[2], note


def test_a_test_that_is_not_there_is_noticed() -> None:
    with pytest.raises(AssertionError):
        test_what_a_line_names_is_there(Line("0.0.0", 1, "x", ["edge/test_web::nobody_wrote_this"], [], []))
