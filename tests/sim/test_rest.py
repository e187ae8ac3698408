"""How the simulation compares a feed: entries of one time may change places, and nothing else may differ."""

import pytest

from tests.sim.rest import in_order

WANTED = [(9, "pin 4"), (7, "pin 3 and 2 more"), (7, "pin 2"), (5, "pin 1")]


@pytest.mark.parametrize("middle", [["pin 3 and 2 more", "pin 2"], ["pin 2", "pin 3 and 2 more"]])
def test_entries_of_one_time_are_in_no_certain_order(middle: list[str]) -> None:
    assert in_order(["pin 4", *middle, "pin 1"], WANTED)


@pytest.mark.parametrize(
    "found",
    [
        ["pin 3 and 2 more", "pin 4", "pin 2", "pin 1"],
        ["pin 4", "pin 3 and 2 more", "pin 1", "pin 2"],
        ["pin 4", "pin 3 and 2 more", "pin 1"],
        ["pin 4", "pin 2", "pin 2", "pin 1"],
        ["pin 4", "pin 3 and 2 more", "pin 2", "pin 2", "pin 1"],
        ["pin 4", "pin 3 and 1 more", "pin 2", "pin 1"],
        ["pin 4", "pin 3 and 2 more", "pin 2", "pin 5"],
        [],
    ],
)
def test_a_feed_that_differs_in_anything_else_is_found(found: list[str]) -> None:
    assert not in_order(found, WANTED)
