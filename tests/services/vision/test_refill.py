"""Another model, or all of it again: a space is filled behind, and the old one answers until that is done."""

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.vision import Box
from tests.support.house import by
from tests.support.vision_house import Gallery, names

CORNER = Box(0.5, 0, 0.5, 0.5)


async def saved(gallery: Gallery, ann: Id, *data: bytes) -> list[Id]:
    """Return pins that were seen."""
    board = await gallery.board(ann)
    pins = [await gallery.pin(ann, board, each) for each in data]
    await gallery.office.quiesce()
    return pins


async def test_the_old_answers_until_all_is_seen_by_the_new(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    asked, other = await saved(gallery, ann, b"dog/1", b"dog/2")
    before = await gallery.look(ann, asked)
    gallery.eyes.model = "eyes-2"
    new = await gallery.pin(ann, await gallery.board(ann), b"dog/3")
    await gallery.office.settle()
    assert await gallery.spaces() == ["eyes-1", "eyes-2"]
    assert await gallery.store.progress() == (1, 2)
    assert await gallery.look(ann, asked) == before
    assert await gallery.vision.like(by(ann), [asked], 10) == before.alike
    assert await gallery.sweep() == 2
    assert await gallery.sweep() == 1
    assert (await gallery.spaces(), await gallery.sweep()) == (["eyes-2"], 0)
    assert {*await gallery.finds(ann, asked)} == {other, new}
    rows = await gallery.rows(asked, other, new)
    assert [row and (row.model, row.version) for row in rows] == [("eyes-2", 2), ("eyes-2", 2), ("eyes-2", 1)]
    assert names((await gallery.labels(asked))[0]) == ["golden retriever"]


async def test_what_is_hidden_meanwhile_is_hidden_in_both(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    (asked,) = await saved(gallery, bob, b"dog/9")
    pins = await saved(gallery, ann, b"dog/1", b"dog/2", b"dog/3")
    gallery.eyes.model = "eyes-2"
    await gallery.boards.delete_pin(by(ann), pins[0])
    await gallery.boards.move_pins(by(ann), [pins[1]], await gallery.board(ann, "private"), copy=False)
    await gallery.office.settle()
    assert await gallery.finds(bob, asked) == [pins[2]]
    await gallery.office.quiesce()
    assert await gallery.spaces() == ["eyes-2"]
    assert await gallery.finds(bob, asked) == [pins[2]]
    assert {*await gallery.finds(ann, asked)} == {pins[1], pins[2]}
    await gallery.boards.restore_pin(by(ann), pins[0])
    await gallery.office.quiesce()
    assert {*await gallery.finds(bob, asked)} == {pins[0], pins[2]}


async def test_a_box_is_asked_of_what_the_same_model_saw(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    asked, other = await saved(gallery, ann, b"dog/1", b"dog/2")
    gallery.eyes.model = "eyes-2"
    with pytest.raises(Unavailable):
        await gallery.look(ann, asked, CORNER)
    assert await gallery.sweep() == 2
    assert [one.pin for one in (await gallery.look(ann, asked, CORNER)).alike] == [other]


async def test_all_is_looked_at_again_when_somebody_says_so(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    pins = await saved(gallery, ann, b"dog/1", b"dog/2", b"blind/1")
    offsets, seen = await gallery.store.applied(), len(gallery.eyes.boxes)
    made = await gallery.store.again()
    assert (await gallery.store.applied(), offsets != []) == ([], True)
    assert await gallery.finds(ann, pins[0]) == [pins[1]]
    await gallery.office.quiesce()
    assert await gallery.store.spaces() == [made]
    assert len(gallery.eyes.boxes) == seen + 3
    assert await gallery.finds(ann, pins[0]) == [pins[1]]
    await gallery.office.settle()
    assert await gallery.store.applied() != []


async def test_a_fill_that_another_takes_over_is_given_up(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    pins = await saved(gallery, ann, *(f"dog/{number}".encode() for number in range(60)))
    gallery.eyes.model = "eyes-2"
    assert await gallery.sweep() == 50
    gallery.eyes.model = "eyes-3"
    await gallery.store.present()
    assert await gallery.spaces() == ["eyes-1", "eyes-3"]
    assert len(await gallery.finds(ann, pins[0])) == 59
    await gallery.office.quiesce()
    assert (await gallery.spaces(), await gallery.store.progress()) == (["eyes-3"], (60, 60))


async def test_a_process_that_begins_in_the_midst_of_it_hears_everything_again(gallery: Gallery) -> None:
    """What was put into the new space and lost with the power is then put again, though its row says otherwise."""
    ann = await gallery.house.person()
    pins = await saved(gallery, ann, b"dog/1", b"dog/2")
    filled = await gallery.store.again()
    assert await gallery.sweep() == 2
    await gallery.house.engines.vectors.remove(filled.name, pins[:1])
    assert await gallery.store.applied() == []
    await gallery.office.again("vision")
    await gallery.office.quiesce()
    assert await gallery.store.spaces() == [filled]
    assert await gallery.finds(ann, pins[1]) == [pins[0]]
