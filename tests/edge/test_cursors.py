from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.contracts.problems import Invalid
from bowerbird.edge.http.cursors import Cursors

ADA, BEN = Id(b"a" * 16), Id(b"b" * 16)
CURSORS = Cursors(b"k" * 32)


@given(st.binary(max_size=200))
def test_a_mark_comes_back_for_the_same_viewer_and_list(mark: bytes) -> None:
    cursor = CURSORS.write(mark, ADA, "/v1/feed")
    assert cursor is not None
    assert CURSORS.read(cursor, ADA, "/v1/feed") == mark


def test_the_end_has_no_cursor_and_no_cursor_is_the_beginning() -> None:
    assert CURSORS.write(None, ADA, "/v1/feed") is None
    assert CURSORS.read("", ADA, "/v1/feed") is None


def test_the_same_page_has_the_same_cursor() -> None:
    assert CURSORS.write(b"mark", ADA, "/v1/feed") == CURSORS.write(b"mark", ADA, "/v1/feed")


def test_a_cursor_shows_nothing_of_its_mark() -> None:
    cursor = CURSORS.write(b"a pin that nobody may know", None, "/v1/feed")
    assert cursor is not None
    assert b"nobody" not in urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


@pytest.mark.parametrize(
    ("viewer", "where", "key"),
    [
        (BEN, "/v1/feed", b"k" * 32),
        (None, "/v1/feed", b"k" * 32),
        (ADA, "/v1/boards", b"k" * 32),
        (ADA, "/v1/feed", b"o"),
    ],
)
def test_a_cursor_of_another_viewer_list_or_house_is_refused(viewer: Id | None, where: str, key: bytes) -> None:
    cursor = CURSORS.write(b"mark", ADA, "/v1/feed")
    assert cursor is not None
    with pytest.raises(Invalid) as told:
        Cursors(key).read(cursor, viewer, where)
    assert told.value.field == "cursor"


@given(st.text(min_size=1, max_size=200))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        CURSORS.read(text, ADA, "/v1/feed")


@given(st.data())
def test_a_changed_cursor_is_refused(data: st.DataObject) -> None:
    cursor = CURSORS.write(b"a mark of some length", ADA, "/v1/feed")
    assert cursor is not None
    place = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.sampled_from("abcXYZ019-_=+/ ").filter(lambda one: one != cursor[place]))
    with pytest.raises(Invalid):
        CURSORS.read(cursor[:place] + other + cursor[place + 1 :], ADA, "/v1/feed")
