"""The pure rules that no journey reaches from every side."""

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import pack
from bowerbird.contracts.boards import Access, Board, Pin
from bowerbird.contracts.kinds import BOARD, MEDIA, PIN, USER
from bowerbird.contracts.problems import Invalid
from bowerbird.services.boards import model

OWNER, SAVER = pack(1, 5, USER, 1), pack(1, 6, USER, 2)
BREAD = Board(
    id=pack(1, 5, BOARD, 1), owner=OWNER, name="Bread", description="", visibility="public", created_at=1, updated_at=1
)
LOAF = Pin(id=pack(1, 5, PIN, 1), board=BREAD.id, owner=OWNER, saved_by=SAVER, position=1, created_at=1, updated_at=1)
PHOTO = replace(LOAF, media=pack(1, 5, MEDIA, 1))


def test_a_pin_is_published_once_and_with_a_picture() -> None:
    assert model.published(LOAF, 7) == LOAF
    first = model.published(PHOTO, 7)
    assert first.published_at == 7
    assert model.published(first, 8) == first


def test_events_follow_from_what_changed() -> None:
    public = model.published(PHOTO, 7)
    assert model.saved_events(LOAF) == ["pin_saved"]
    assert model.saved_events(public) == ["pin_saved", "pin_published"]
    assert model.changed_events(LOAF, PHOTO) == ["pin_changed"]
    assert model.changed_events(LOAF, public) == ["pin_changed", "pin_published"]
    assert model.changed_events(public, replace(public, title="T")) == ["pin_changed"]


@pytest.mark.parametrize("rights", ["editor", "viewer", "public"])
def test_a_block_hides_a_saver_from_all_but_the_owner(rights: str) -> None:
    seen = Access(BREAD, rights)  # pyright: ignore[reportArgumentType] - each is one of Rights
    assert model.hides_saver(seen, SAVER, {SAVER})
    assert not model.hides_saver(seen, SAVER, {OWNER})
    assert not model.hides_saver(seen, None, {SAVER})
    assert not model.hides_saver(Access(BREAD, "owner"), SAVER, {SAVER})


@pytest.mark.parametrize(
    "mark", [b"", b"\xc0", b"\x92\x01", b"\x92\xff\xc4\x01a", b"\x92\xcf" + b"\xff" * 8 + b"\xc4\x01a"]
)
def test_a_mark_that_is_none_of_ours(mark: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        model.read_mark(mark)
    assert caught.value.field == "cursor"


def test_a_mark_says_where_a_list_goes_on() -> None:
    assert model.read_mark(None) is None
    assert model.read_mark(model.mark(7, LOAF.id)) == model.Mark(7, LOAF.id)


def test_pages_are_bounded() -> None:
    assert [model.page_limit(limit) for limit in (-1, 0, 1, 25, 100, 101)] == [1, 1, 1, 25, 100, 100]
