import re
from itertools import pairwise

import msgspec
import pytest

from bowerbird.app import demo_account
from bowerbird.app.demo import content, wanted
from bowerbird.app.demo.content import Board, Content
from bowerbird.app.demo.gather import DOWNLOADED_BYTES_MAX
from bowerbird.contracts import fields

LICENCES = re.compile(r"public domain|CC0 1\.0|CC BY(-SA)? [234]\.0|GPL-2\+")


@pytest.fixture(scope="module")
def demo() -> Content:
    return content.load()


def boards_of(demo: Content) -> dict[str, Board]:
    return {board.key: board for person in demo.people for board in person.boards}


def test_there_is_enough_to_look_at(demo: Content) -> None:
    assert len(demo.people) >= 12
    assert len(boards_of(demo)) >= 40
    assert len(wanted.photos(demo)) >= 400
    assert len(wanted.drawings(demo)) >= 60


def test_the_first_person_is_the_one_who_signs_in_and_sees_every_board(demo: Content) -> None:
    first = demo.people[0].handle
    assert first == demo_account.HANDLE
    for person in demo.people:
        for board in person.boards:
            seen = board.visibility == "public" or first in board.shares or person.handle == first
            assert seen, board.name
            assert person.handle == first or set(board.shares) <= {first}, board.name


def test_names_are_told_apart(demo: Content) -> None:
    photos = wanted.photos(demo)
    for names in (
        [person.handle for person in demo.people],
        [board.key for person in demo.people for board in person.boards],
        [board.name for person in demo.people for board in person.boards],
        [one.title for one in photos],
        [one.alt for one in photos],
        [one.photo for one in photos],
    ):
        assert len(set(names)) == len(names), {name for name in names if names.count(name) > 1}


def test_everything_that_is_named_exists(demo: Content) -> None:
    people = {person.handle for person in demo.people}
    titles = {one.title for one in wanted.photos(demo)}
    photos = {source.id_of(photo) for source in demo.sources for photo in source.photos}
    for person in demo.people:
        assert set(person.follows) < people - {person.handle}
        assert person.picture in photos
        for board in person.boards:
            assert set(board.shares) < people
            assert set(board.saves) <= titles


def test_every_board_has_pictures(demo: Content) -> None:
    filled = {one.board.key for one in wanted.photos(demo)}
    assert {key for key, board in boards_of(demo).items() if not board.saves} == filled


def test_every_photo_tells_whose_it_is_on_what_terms(demo: Content) -> None:
    for one in wanted.photos(demo):
        assert re.fullmatch(r"Photo: [^,]+, .+\.", one.note)
        assert LICENCES.search(one.note), one.note


def test_texts_fit_into_their_fields(demo: Content) -> None:
    for person in demo.people:
        msgspec.convert(person.handle, fields.Handle)
        msgspec.convert(person.name, fields.DisplayName)
        msgspec.convert(person.about, fields.About)
        for board in person.boards:
            msgspec.convert(board.name, fields.BoardName)
            msgspec.convert(board.description, fields.BoardDescription)
    for one in [*wanted.photos(demo), *wanted.drawings(demo)]:
        msgspec.convert(one.title, fields.PinTitle)
        msgspec.convert(one.alt, fields.PinAlt)
        msgspec.convert(one.note, fields.PinNote)


def test_packages_are_pinned_where_their_registry_does_not_vouch_for_them(demo: Content) -> None:
    for source in demo.sources:
        for package in source.packages:
            assert source.kind == "debian" or (package.version and re.match(r"sha(256:|512-)", package.digest))
    assert sum(package.bytes for source in demo.sources for package in source.packages) < DOWNLOADED_BYTES_MAX


def test_a_feed_is_varied_wherever_one_looks(demo: Content) -> None:
    first = demo.people[0]
    order = [one for one in wanted.photos(demo) if one.owner in first.follows or first.handle in one.board.shares]
    assert len(order) > 350
    assert all(before.owner != after.owner for before, after in pairwise(order))
    for start in range(len(order) - 25):
        page = order[start : start + 25]
        assert len({one.owner for one in page}) >= 8
        assert len({one.board.key for one in page}) >= 18


def test_the_order_is_always_the_same(demo: Content) -> None:
    assert wanted.photos(demo) == wanted.photos(content.load())
