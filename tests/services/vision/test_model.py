"""The pure rules of vision."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bowerbird.base.ids import Id, pack
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import Access, Board, Pin, Shown
from bowerbird.contracts.vision import Alike, Label, Labelled
from bowerbird.services.vision.model import (
    PASSED_OVER,
    Space,
    Spot,
    is_known,
    most,
    nearest,
    read,
    read_spaces,
    spot_of,
    written,
)

ANN, BOARD, PIN, MEDIA = [pack(1, 1, kind, 7) for kind in (kinds.USER, kinds.BOARD, kinds.PIN, kinds.MEDIA)]
SHOWN = Shown(
    Pin(PIN, BOARD, ANN, ANN, 1, 1, 1, media=MEDIA), Access(Board(BOARD, ANN, "A", "", "public", 1, 1), "owner")
)
SPACE = Space(1000, "1-abc")
ROW = Labelled(PIN, ANN, MEDIA, "1-abc", "[]", 1001)
SPOT = Spot(BOARD, ANN, MEDIA, public=True)


def test_spaces_come_in_the_order_in_which_they_were_made() -> None:
    made = [Space(at, version) for at, version in ((9, "2-b.c"), (10, "1-a"), (1_800_000_000_000_000, "1-a"))]
    assert read_spaces(space.name for space in reversed(made)) == made
    assert sorted(space.name for space in made) == [space.name for space in made]
    assert read_spaces(["0001.1-a", "vectors", "000000000000000x.1"]) == []


@given(st.lists(st.builds(Label, st.integers(0, 999), st.text(), st.floats(0, 1))))
def test_labels_are_read_as_they_were_written(labels: list[Label]) -> None:
    assert read(written(labels)) == labels


def test_a_pin_is_found_where_its_board_says() -> None:
    pin, access = SHOWN.pin, SHOWN.access
    private = Access(replace(access.board, visibility="private"), "owner")
    assert spot_of(SHOWN) == SPOT
    assert spot_of(Shown(pin, private)) == replace(SPOT, public=False)
    for nowhere in (
        None,
        Shown(replace(pin, trashed=1), access),
        Shown(replace(pin, media=None), access),
        Shown(pin, Access(replace(access.board, trashed=1), "owner")),
    ):
        assert spot_of(nowhere) is None


@pytest.mark.parametrize(
    ("row", "stands", "known"),
    [
        (ROW, True, True),
        (ROW, False, False),
        (None, True, False),
        (replace(ROW, media=BOARD), True, False),
        (replace(ROW, at=1000), True, False),
        (replace(ROW, model=PASSED_OVER), False, True),
        (replace(ROW, model=PASSED_OVER, at=1000), False, False),
    ],
)
def test_known_is_what_was_looked_at_for_the_space(row: Labelled | None, stands: bool, known: bool) -> None:
    assert is_known(row, SPOT, SPACE, stands=stands) is known


def test_each_pin_is_found_once_at_its_best_and_not_itself() -> None:
    one, two, three = [Id(bytes([number]) * 16) for number in (1, 2, 3)]
    found = [Alike(two, 0.5), Alike(one, 0.9), Alike(three, 0.7), Alike(two, 0.8), Alike(three, 0.8)]
    assert nearest(found, [one], 10) == [Alike(two, 0.8), Alike(three, 0.8)]
    assert nearest(found, [], 2) == [Alike(one, 0.9), Alike(two, 0.8)]


@pytest.mark.parametrize(("limit", "wanted"), [(-1, 1), (0, 1), (7, 7), (100, 100), (101, 100)])
def test_as_many_are_found_as_is_promised(limit: int, wanted: int) -> None:
    assert most(limit) == wanted
