"""What is found alike, by whom, after everything that may happen to a pin: on real engines, in every placement."""

from pathlib import Path

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import BoardChange, NewPin
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound, Refused, Unauthenticated
from bowerbird.contracts.vision import Box, Label
from bowerbird.ports import embedder as eyes
from tests.support.house import PASSWORD, by, settings_with
from tests.support.vision_house import Gallery, caller, names, open_gallery

CORNER = Box(0.5, 0, 0.5, 0.5)


async def test_pins_whose_pictures_are_alike_are_found_and_no_others(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    hers, his = await gallery.board(ann), await gallery.board(bob)
    dogs = [await gallery.pin(ann, hers, b"dog/1"), await gallery.pin(bob, his, b"dog/2")]
    cat = await gallery.pin(bob, his, b"cat/1")
    await gallery.office.quiesce()
    for person in (ann, bob, None):
        assert await gallery.finds(person, dogs[0]) == [dogs[1]]
        assert await gallery.finds(person, dogs[1]) == [dogs[0]]
        assert await gallery.finds(person, cat) == []
    looked = await gallery.look(None, dogs[0])
    assert looked.labels == [Label(207, "golden retriever", 0.9)]
    assert [0.7 < one.cosine < 0.9 for one in looked.alike] == [True]


async def test_the_likest_are_first_and_as_many_as_asked_for(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    board = await gallery.board(ann)
    asked, *others = [await gallery.pin(ann, board, f"dog/{number}".encode()) for number in range(8)]
    same = await gallery.pin(bob, await gallery.board(bob), b"dog/0")
    await gallery.office.quiesce()
    found = (await gallery.look(None, asked)).alike
    assert found[0].pin == same
    assert {one.pin for one in found} == {same, *others}
    assert [one.cosine for one in found] == sorted((one.cosine for one in found), reverse=True)
    for limit in (1, 3):
        assert (await gallery.vision.look(caller(None), asked, None, limit)).alike == found[:limit]
        assert await gallery.vision.like(caller(None), [asked], limit) == found[:limit]


async def test_what_is_private_is_found_by_those_who_may_see_it_and_changes_nothing_for_others(
    gallery: Gallery,
) -> None:
    ann, bob, cat = [await gallery.house.person() for _ in range(3)]
    public = await gallery.board(cat)
    asked, other = [await gallery.pin(cat, public, data) for data in (b"dog/1", b"dog/2")]
    await gallery.office.quiesce()
    before = [await gallery.look(person, asked) for person in (cat, None)]
    secret = await gallery.board(ann, "private")
    await gallery.boards.share(by(ann), secret, bob, "viewer")
    hidden = [await gallery.pin(ann, secret, f"dog/{number}".encode()) for number in range(3, 6)]
    await gallery.office.quiesce()
    for person in (ann, bob):
        assert set(await gallery.finds(person, asked)) == {other, *hidden}
        assert set(await gallery.finds(person, hidden[0])) == {asked, other, *hidden[1:]}
    assert [await gallery.look(person, asked) for person in (cat, None)] == before
    for person in (cat, None):
        for box in (None, CORNER):
            with pytest.raises(NotFound):
                await gallery.look(person, hidden[0], box)
        assert await gallery.vision.like(caller(person), hidden, 10) == []


async def test_what_is_done_to_a_board_is_done_to_what_is_found(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    board, other = await gallery.board(ann), await gallery.board(bob)
    pins = {await gallery.pin(ann, board, f"dog/{number}".encode()) for number in range(3)}
    asked = await gallery.pin(bob, other, b"dog/9")
    await gallery.office.quiesce()

    async def found() -> list[set[Id]]:
        await gallery.office.quiesce()
        return [set(await gallery.finds(person, asked)) for person in (ann, bob, None)]

    assert await found() == [pins, pins, pins]
    await gallery.boards.change(by(ann), board, BoardChange(visibility="private"))
    assert await found() == [pins, set(), set()]
    await gallery.boards.share(by(ann), board, bob, "viewer")
    assert await found() == [pins, pins, set()]
    await gallery.boards.unshare(by(ann), board, bob)
    assert await found() == [pins, set(), set()]
    await gallery.boards.delete(by(ann), board)
    assert await found() == [set(), set(), set()]
    await gallery.boards.restore(by(ann), board)
    assert await found() == [pins, set(), set()]
    await gallery.boards.change(by(ann), board, BoardChange(visibility="public"))
    assert await found() == [pins, pins, pins]


async def test_what_is_done_to_a_pin_is_done_to_what_is_found(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    public, secret = await gallery.board(ann), await gallery.board(ann, "private")
    pin = await gallery.pin(ann, public, b"dog/1")
    asked = await gallery.pin(bob, await gallery.board(bob), b"dog/9")

    async def found() -> list[list[Id]]:
        await gallery.office.quiesce()
        return [await gallery.finds(person, asked) for person in (ann, bob)]

    assert await found() == [[pin], [pin]]
    await gallery.boards.move_pins(by(ann), [pin], secret, copy=False)
    assert await found() == [[pin], []]
    await gallery.boards.move_pins(by(ann), [pin], public, copy=False)
    assert await found() == [[pin], [pin]]
    await gallery.boards.delete_pin(by(ann), pin)
    assert await found() == [[], []]
    await gallery.boards.restore_pin(by(ann), pin)
    assert await found() == [[pin], [pin]]
    await gallery.boards.delete_pin(by(ann), pin)
    gallery.house.world.pass_s(40 * 86_400)
    assert await found() == [[], []]
    assert await gallery.rows(pin) == [None]


async def test_a_pin_that_moves_to_anothers_board_is_found_there(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    public, secret = await gallery.board(ann), await gallery.board(bob, "private")
    await gallery.boards.share(by(bob), secret, ann, "editor")
    asked = await gallery.pin(bob, await gallery.board(bob), b"dog/9")
    pin = await gallery.pin(ann, public, b"dog/1")
    await gallery.office.quiesce()
    [moved] = await gallery.boards.move_pins(by(ann), [pin], secret, copy=False)
    assert moved.now is not None
    await gallery.office.quiesce()
    assert [await gallery.finds(person, asked) for person in (ann, bob, None)] == [[moved.now], [moved.now], []]
    [row] = await gallery.rows(moved.now)
    assert row is not None
    assert (row.owner, row.media) == (bob, (await gallery.picture(moved.now, bob)).id)


async def test_with_an_account_goes_all_that_was_seen_of_it(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    hers, his = await gallery.board(ann), await gallery.board(bob)
    await gallery.boards.share(by(bob), his, ann, "editor")
    gone, stays = await gallery.pin(ann, hers, b"dog/1"), await gallery.pin(ann, his, b"dog/2")
    asked = await gallery.pin(bob, his, b"dog/9")
    await gallery.office.quiesce()
    assert set(await gallery.finds(None, asked)) == {gone, stays}
    await gallery.house.services.identity.delete_account(by(ann), PASSWORD)
    await gallery.office.quiesce()
    gallery.house.world.pass_s(3600)
    await gallery.office.quiesce()
    assert await gallery.finds(None, asked) == [stays]
    assert (await gallery.rows(gone), await gallery.labels(gone)) == ([None], [[]])
    [space] = await gallery.store.spaces()
    assert await gallery.store.standing(space, [gone, stays, asked]) == {stays, asked}


async def test_a_pin_is_looked_at_before_it_is_known(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    board = await gallery.board(ann)
    pin = await gallery.pin(ann, board, b"dog/1")
    looked = await gallery.look(ann, pin)
    assert (looked.alike, names(looked.labels)) == ([], ["golden retriever"])
    await gallery.office.quiesce()
    other = await gallery.pin(ann, board, b"dog/2")
    assert await gallery.finds(ann, other) == [pin]
    assert await gallery.rows(other) == [None]


async def test_a_box_is_looked_at_and_has_to_be_one(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    board = await gallery.board(ann)
    pins = [await gallery.pin(ann, board, data) for data in (b"dog/1", b"dog/2")]
    await gallery.office.quiesce()
    before = len(gallery.eyes.boxes)
    looked = await gallery.look(ann, pins[0], CORNER)
    assert ([one.pin for one in looked.alike], names(looked.labels)) == ([pins[1]], ["golden retriever"])
    assert gallery.eyes.boxes[before:] == [[eyes.Box(0.5, 0, 0.5, 0.5)]]


async def test_what_shows_no_picture_is_not_looked_at(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    board = await gallery.board(ann)
    link = (await gallery.boards.save_pin(by(ann), board, NewPin(url="https://example.com/"))).pin.id
    blind = await gallery.pin(ann, board, b"blind/1")
    await gallery.office.quiesce()
    for pin in (link, blind, Id(gallery.house.world.new_id(kinds.PIN, 3))):
        with pytest.raises(NotFound):
            await gallery.look(ann, pin)
    assert await gallery.vision.like(by(ann), [link, blind], 10) == []
    assert await gallery.labels(link, blind) == [[], []]


async def test_an_upload_is_looked_at_and_nothing_of_it_stays(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    pin = await gallery.pin(ann, await gallery.board(ann), b"dog/1")
    await gallery.office.quiesce()
    before = await gallery.stored()
    for box in (None, CORNER):
        upload = await gallery.house.sent(ann, b"dog/1")
        looked = await gallery.vision.look_once(by(ann), upload, box, 10)
        assert ([one.pin for one in looked.alike], names(looked.labels)) == ([pin], ["golden retriever"])
        assert await gallery.stored() == before
        with pytest.raises(Refused):
            await gallery.vision.look_once(by(ann), upload, box, 10)


@pytest.mark.parametrize("data", [b"bad picture", b"blind/1"])
async def test_nothing_stays_of_an_upload_that_is_refused_either(gallery: Gallery, data: bytes) -> None:
    ann = await gallery.house.person()
    with pytest.raises(Refused):
        await gallery.vision.look_once(by(ann), await gallery.house.sent(ann, data), None, 10)
    assert await gallery.stored() == []


async def test_others_uploads_are_not_looked_at(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    upload = await gallery.house.sent(ann, b"dog/1")
    with pytest.raises(NotFound):
        await gallery.vision.look_once(by(bob), upload, None, 10)
    with pytest.raises(Unauthenticated):
        await gallery.vision.look_once(caller(None), upload, None, 10)
    assert (await gallery.vision.look_once(by(ann), upload, None, 10)).labels


async def test_an_upload_finds_ones_own_private_pins_too(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    secret = await gallery.pin(ann, await gallery.board(ann, "private"), b"dog/1")
    await gallery.office.quiesce()
    for person, found in ((ann, [secret]), (bob, [])):
        looked = await gallery.vision.look_once(by(person), await gallery.house.sent(person, b"dog/2"), None, 10)
        assert [one.pin for one in looked.alike] == found


async def test_many_are_asked_at_once_without_a_look(gallery: Gallery) -> None:
    ann, bob = [await gallery.house.person() for _ in range(2)]
    board, secret = await gallery.board(ann), await gallery.board(ann, "private")
    kinds_of = [f"kind{number}".encode() for number in range(9)]
    asked = [await gallery.pin(ann, board, kind + b"/1") for kind in kinds_of]
    like = [await gallery.pin(ann, board, kind + b"/2") for kind in kinds_of]
    hidden = await gallery.pin(ann, secret, b"kind0/3")
    await gallery.office.quiesce()
    before, unseen = gallery.eyes.seen, await gallery.pin(ann, board, b"kind0/4")
    for person, found in ((ann, {*like, hidden}), (bob, {*like})):
        answer = await gallery.vision.like(by(person), [*asked, unseen], 100)
        assert {one.pin for one in answer} == found
        assert [one.cosine for one in answer] == sorted((one.cosine for one in answer), reverse=True)
    assert await gallery.vision.like(by(ann), [unseen], 10) == await gallery.vision.like(by(ann), [], 10) == []
    assert gallery.eyes.seen == before
    with pytest.raises(Invalid):
        await gallery.vision.like(by(ann), [asked[0]] * 21, 10)


async def test_labels_come_in_order_and_not_too_many_at_once(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    board = await gallery.board(ann)
    dog, cat, bird = [await gallery.pin(ann, board, data) for data in (b"dog/1", b"cat/1", b"bird/1")]
    await gallery.office.quiesce()
    found = await gallery.labels(cat, bird, dog, cat)
    assert [names(each) for each in found] == [["tabby"], [], ["golden retriever"], ["tabby"]]
    assert len(await gallery.labels(*[dog] * 500)) == 500
    with pytest.raises(Invalid):
        await gallery.labels(*[dog] * 501)


async def test_a_keeper_decides_what_is_alike(tmp_path: Path) -> None:
    async with open_gallery(tmp_path, settings_with(vision={"similar_min": 0.95})) as gallery:
        ann = await gallery.house.person()
        board = await gallery.board(ann)
        asked, other = [await gallery.pin(ann, board, data) for data in (b"dog/1", b"dog/2")]
        copy = (await gallery.boards.move_pins(by(ann), [asked], await gallery.board(ann), copy=True))[0].now
        await gallery.office.quiesce()
        assert await gallery.finds(ann, asked) == [copy]
        assert await gallery.finds(ann, other) == []


async def test_only_who_may_read_is_answered(gallery: Gallery) -> None:
    ann = await gallery.house.person()
    pin = await gallery.pin(ann, await gallery.board(ann), b"dog/1")
    await gallery.office.quiesce()
    with pytest.raises(Forbidden):
        await gallery.vision.look(Caller(person=ann), pin, None, 10)
    with pytest.raises(Forbidden):
        await gallery.vision.like(Caller(person=ann), [pin], 10)
