"""Whether one has a photograph already: which pins are told of, and whose; how that is seen is `test_real_eyes`'s."""

from collections.abc import AsyncGenerator
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace
from typing_extensions import override

from bowerbird.base.ids import Id
from bowerbird.contracts import kinds
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Forbidden, NotFound, Unauthenticated
from bowerbird.contracts.vision import COPIES_MAX
from bowerbird.ports.pictures import Rendered
from tests.support import house as houses
from tests.support.house import Plates, by
from tests.support.vision_house import Gallery, caller, open_gallery


class Hashed(Plates):
    """Plates whose perceptual hash is that of all before a tilde."""

    @override
    async def render(self, data: bytes) -> Rendered:
        return replace(await super().render(data), phash=sha256(data.partition(b"~")[0]).digest())


@pytest.fixture
async def album(tmp_path: Path, present: None, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Gallery]:
    """Yield a gallery where hashes differ, but behind a tilde, and points agree, but behind a plus."""
    del present
    monkeypatch.setattr(houses, "Plates", Hashed)
    async with open_gallery(tmp_path) as gallery:
        yield gallery


async def copies(album: Gallery, person: Id, pin: Id) -> list[Id]:
    """Return which of their pins somebody is told of who is about to save a pin's picture."""
    return await album.vision.copies(by(person), (await album.picture(pin, person)).id)


async def test_the_same_photograph_is_told_of_the_likest_first(album: Gallery) -> None:
    ann = await album.house.person()
    board, secret = await album.board(ann), await album.board(ann, "private")
    cropped = await album.pin(ann, secret, b"dog/1+cropped")
    encoded = await album.pin(ann, board, b"dog/1~encoded")
    exact = await album.pin(ann, secret, b"dog/1")
    await album.pin(ann, board, b"dog/2")
    await album.pin(ann, board, b"cat/1")
    await album.office.quiesce()
    assert (await copies(album, ann, exact))[-1] == cropped
    assert {*await copies(album, ann, exact)} == {exact, encoded, cropped}


async def test_pictures_without_anything_on_them_are_not_the_same_photograph(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    board = await gallery.board(ann)
    blank, other = await gallery.pin(ann, board, b"dog/1"), await gallery.pin(ann, board, b"cat/1")
    again = await gallery.pin(ann, board, b"dog/1")
    await gallery.office.quiesce()
    assert not any((await gallery.picture(blank, ann)).phash)
    assert {*await gallery.vision.copies(by(ann), (await gallery.picture(blank, ann)).id)} == {blank, again}
    assert await gallery.vision.copies(by(ann), (await gallery.picture(other, ann)).id) == [other]


async def test_what_was_not_seen_yet_is_looked_at(album: Gallery) -> None:
    ann = await album.house.person()
    board = await album.board(ann)
    cropped = await album.pin(ann, board, b"dog/1+cropped")
    await album.office.quiesce()
    new = await album.pin(ann, board, b"dog/1")
    assert await copies(album, ann, new) == [cropped]


async def test_nobody_elses_is_told_of(album: Gallery) -> None:
    ann, bob = [await album.house.person() for _ in range(2)]
    hers, his, ours = await album.board(ann), await album.board(bob), await album.board(bob, "private")
    await album.boards.share(by(bob), ours, ann, "editor")
    theirs = [await album.pin(bob, his, b"dog/1"), await album.pin(bob, ours, b"dog/1+2")]
    asked = await album.pin(ann, hers, b"dog/1+3")
    shared = await album.pin(ann, ours, b"dog/1+4")
    await album.office.quiesce()
    assert {*await copies(album, ann, theirs[0])} == {asked, shared}
    assert {*await copies(album, bob, asked)} == {*theirs}


async def test_what_is_in_the_trash_is_not_told_of(album: Gallery) -> None:
    ann = await album.house.person()
    board, other = await album.board(ann), await album.board(ann)
    exact, deleted = await album.pin(ann, board, b"dog/1"), await album.pin(ann, board, b"dog/1~2")
    await album.pin(ann, other, b"dog/1")
    await album.boards.delete_pin(by(ann), deleted)
    await album.boards.delete(by(ann), other)
    await album.office.quiesce()
    assert await copies(album, ann, exact) == [exact]


async def test_so_many_are_told_of_at_most(album: Gallery) -> None:
    ann = await album.house.person()
    board = await album.board(ann)
    pins = [await album.pin(ann, board, f"dog/1~{number}".encode()) for number in range(COPIES_MAX + 3)]
    await album.office.quiesce()
    found = await copies(album, ann, pins[0])
    assert len(found) == COPIES_MAX
    assert {*found} < {*pins}


async def test_a_picture_that_cannot_be_read_is_the_same_as_itself(album: Gallery) -> None:
    ann = await album.house.person()
    board = await album.board(ann)
    pins = [await album.pin(ann, each, b"blind/1") for each in (board, await album.board(ann, "private"))]
    await album.office.quiesce()
    assert await copies(album, ann, pins[0]) == sorted(pins)


async def test_who_asks_for_what_is_not_there_is_told_so(album: Gallery) -> None:
    ann = await album.house.person()
    nothing = Id(album.house.world.new_id(kinds.MEDIA, 3))
    with pytest.raises(NotFound):
        await album.vision.copies(by(ann), nothing)
    with pytest.raises(Unauthenticated):
        await album.vision.copies(caller(None), nothing)
    with pytest.raises(Forbidden):
        await album.vision.copies(Caller(person=ann), nothing)
