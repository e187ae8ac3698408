"""Saving links, pictures and others' pins."""

import asyncio

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import shard_of
from bowerbird.contracts.boards import NewPin
from bowerbird.contracts.caller import Once
from bowerbird.contracts.kinds import PIN, UPLOAD
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound, Refused
from tests.support.boards_house import House, as_

URL = "https://Example.org/bread?utm_source=x"


async def test_saving_a_link(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    await house.hear()
    new = NewPin(url=f"  {URL} ", title=" Loaf ", note="a\nb", alt="crust")
    saved = await house.boards.save_pin(as_(ada), board.id, new)
    pin = saved.pin
    assert saved.created
    assert (pin.url, pin.title, pin.note, pin.alt, pin.details) == (URL, "Loaf", "a\nb", "crust", "pending")
    assert (pin.board, pin.owner, pin.saved_by, pin.live_link) == (board.id, ada, ada, pin.link)
    assert (pin.published_at, pin.media, pin.version) == (None, None, 1)
    assert shard_of(pin.id) == shard_of(ada)
    assert (await house.boards.pin(as_(ada), pin.id)).pin == pin
    assert await house.count(board) == 1
    events = await house.hear()
    assert [event.envelope.type for event in events] == ["link_saved", "pin_saved"]
    assert events[1].body == pin
    assert (events[0].envelope.actor, events[0].envelope.trace) == (None, "")


async def test_a_board_holds_a_link_once(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    pin = await house.save(ada, board, NewPin(url=URL))
    await house.hear()
    for person in (ada, ben):
        again = await house.boards.save_pin(
            as_(person), board.id, NewPin(url="https://example.org:443/bread#crust", title="Other")
        )
        assert (again.pin, again.created) == (pin, False)
    assert await house.count(board) == 1
    assert await house.types() == []


async def test_saving_at_once_is_saving_once(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    saved = await asyncio.gather(*(house.boards.save_pin(as_(ada), board.id, NewPin(url=URL)) for _ in range(20)))
    assert len({one.pin.id for one in saved}) == 1
    assert sum(one.created for one in saved) == 1
    assert await house.count(board) == 1


@pytest.mark.parametrize(
    "url", ["bread", "ftp://example.org/", "javascript:alert(1)", "https://a:b@example.org/", "https://", "a" * 1081]
)
async def test_a_bad_address_is_refused(house: House, url: str) -> None:
    ada = await house.person()
    board = await house.board(ada)
    await house.hear()
    with pytest.raises(Invalid) as caught:
        await house.boards.save_pin(as_(ada), board.id, NewPin(url=url))
    assert caught.value.field == "url"
    assert await house.types() == []


async def test_one_source_and_good_texts(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    nothing = house.clock.new_id(UPLOAD, 1)
    for new in (NewPin(), NewPin(url=URL, upload=nothing), NewPin(url=URL, pin=nothing)):
        with pytest.raises(Invalid):
            await house.boards.save_pin(as_(ada), board.id, new)
    for field, longest in (("title", 200), ("note", 1000), ("alt", 500)):
        for bad in ("a" * (longest + 1), "a\x07"):
            with pytest.raises(Invalid) as caught:
                await house.boards.save_pin(as_(ada), board.id, replace(NewPin(url=URL), **{field: bad}))
            assert caught.value.field == field
    assert await house.count(board) == 0


async def test_saving_a_photo_publishes_it_at_once(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    await house.hear()
    upload = await house.photo(ada)
    saved = await house.boards.save_pin(as_(ada), board.id, NewPin(upload=upload, title="Loaf"))
    pin = saved.pin
    assert (pin.details, pin.width, pin.height, pin.url, pin.link) == ("ready", 40, 30, "", None)
    assert pin.media is not None
    assert pin.picture_name
    assert pin.published_at == pin.created_at
    events = await house.said()
    assert [event.envelope.type for event in events] == ["pin_saved", "pin_published"]
    assert events[0].body == events[1].body == pin


async def test_an_editors_photo_becomes_the_owners(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada, "private")
    await house.boards.share(as_(ada), board.id, ben, "editor")
    pin = await house.save(ben, board, NewPin(upload=await house.photo(ben)))
    assert pin.media is not None
    assert await house.owner_of(pin.media) == ada
    assert (pin.owner, pin.saved_by) == (ada, ben)
    assert shard_of(pin.id) == shard_of(ada)


async def test_uploads_of_others_and_refused_ones(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada)
    theirs = await house.photo(ben)
    with pytest.raises(NotFound):
        await house.boards.save_pin(as_(ada), board.id, NewPin(upload=theirs))
    begun = await house.media.begin(as_(ada), "image/png", 100)
    with pytest.raises(Refused):
        await house.boards.save_pin(as_(ada), board.id, NewPin(upload=begun.id))
    assert await house.count(board) == 0


async def test_saving_anothers_pin(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    theirs, ours = await house.board(ada), await house.board(ben)
    upload = await house.photo(ada)
    source = await house.save(ada, theirs, NewPin(upload=upload, title="Loaf", note="n"))
    await house.hear()
    saved = await house.boards.save_pin(as_(ben), ours.id, NewPin(pin=source.id, note="mine"))
    pin = saved.pin
    assert (pin.title, pin.note, pin.saved_by, pin.owner, pin.board) == ("Loaf", "mine", ben, ben, ours.id)
    assert pin.media is not None
    assert await house.owner_of(pin.media) == ben
    assert pin.published_at is not None
    assert source.published_at is not None
    assert pin.published_at > source.published_at
    assert await house.types() == ["pin_saved", "pin_published"]


async def test_saving_a_pin_of_a_link_the_board_has(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    theirs, ours = await house.board(ada), await house.board(ben)
    source, present = await house.link(ada, theirs), await house.link(ben, ours)
    saved = await house.boards.save_pin(as_(ben), ours.id, NewPin(pin=source.id))
    assert (saved.pin, saved.created) == (present, False)


async def test_a_pin_that_one_may_not_see_cannot_be_saved(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    theirs, ours = await house.board(ada, "private"), await house.board(ben)
    hidden, trashed = await house.link(ada, theirs), await house.link(ben, ours)
    await house.boards.delete_pin(as_(ben), trashed.id)
    for pin in (hidden.id, trashed.id, house.clock.new_id(PIN, shard_of(ada))):
        with pytest.raises(NotFound) as caught:
            await house.boards.save_pin(as_(ben), ours.id, NewPin(pin=pin))
        assert caught.value.field == "pin"
        assert caught.value.detail == "there is no such pin, or you may not see it"


async def test_a_request_repeated_saves_once(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    await house.hear()
    once = Once(key=b"k" * 32, request=b"r" * 32)
    new = NewPin(upload=await house.photo(ada))
    first = await house.boards.save_pin(as_(ada, once), board.id, new)
    again = await asyncio.gather(*(house.boards.save_pin(as_(ada, once), board.id, new) for _ in range(5)))
    assert [(one.pin, one.created) for one in again] == [(first.pin, True)] * 5
    with pytest.raises(Invalid):
        await house.boards.save_pin(as_(ada, Once(key=b"k" * 32, request=b"s" * 32)), board.id, new)
    assert await house.count(board) == 1
    assert await house.types() == ["pin_saved", "pin_published"]


async def test_a_request_repeated_at_once_saves_once(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    once = Once(key=b"k" * 32, request=b"r" * 32)
    new = NewPin(upload=await house.photo(ada))
    saved = await asyncio.gather(*(house.boards.save_pin(as_(ada, once), board.id, new) for _ in range(8)))
    assert len({one.pin.id for one in saved}) == 1
    assert await house.count(board) == 1


async def test_a_repeated_request_shows_nothing_to_who_has_left(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada, "private")
    await house.boards.share(as_(ada), board.id, ben, "editor")
    once = Once(key=b"k" * 32, request=b"r" * 32)
    await house.boards.save_pin(as_(ben, once), board.id, NewPin(url=URL))
    await house.boards.unshare(as_(ada), board.id, ben)
    with pytest.raises(NotFound):
        await house.boards.save_pin(as_(ben, once), board.id, NewPin(url=URL))


async def test_who_may_save(house: House) -> None:
    ada, ben, cid = await house.person(), await house.person(), await house.person()
    board = await house.board(ada)
    await house.boards.share(as_(ada), board.id, ben, "viewer")
    for person in (ben, cid):
        with pytest.raises(Forbidden):
            await house.link(person, board)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    assert (await house.link(ben, board)).saved_by == ben
