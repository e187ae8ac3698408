"""What a page says of itself arrives on the pin: once, without touching what the person wrote, told to nobody else."""

import asyncio
from random import Random

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import shard_of
from bowerbird.contracts.boards import BoardChange, NewPin, Pin, PinChange
from bowerbird.contracts.caller import system
from bowerbird.contracts.problems import Unavailable
from tests.support.boards_house import House, as_, png
from tests.support.web import answer

NO_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)


def _loaf(house: House, picture: bytes | None = None) -> NewPin:
    """Serve a page with a picture, and return what to save of it."""
    return NewPin(url=house.page("/bread", "How to bake", picture or png()))


async def _now(house: House, pin: Pin) -> Pin:
    return (await house.boards.pin(system(), pin.id)).pin


async def test_a_page_fills_a_pin(house: House) -> None:
    ada = await house.person()
    pin = await house.save(ada, await house.board(ada), _loaf(house))
    await house.settle()
    now = await _now(house, pin)
    assert (now.title, now.description, now.site) == ("How to bake", "Flour and water", "Bread Weekly")
    assert (now.details, now.failure, now.width, now.version) == ("ready", "", 40, 2)
    assert now.media is not None
    assert await house.owner_of(now.media) == ada
    assert now.published_at is not None
    assert now.published_at > pin.created_at
    told = [event for event in house.heard if event.envelope.entity == pin.id]
    assert [event.envelope.type for event in told] == ["pin_saved", "pin_changed", "pin_published"]
    assert told[1].body == told[2].body == now
    assert told[1].envelope.actor is None


async def test_what_the_person_wrote_stays(house: House) -> None:
    ada = await house.person()
    new = replace(_loaf(house), title="My loaf", note="n")
    pin = await house.save(ada, await house.board(ada), new)
    await house.settle()
    now = await _now(house, pin)
    assert (now.title, now.note, now.description) == ("My loaf", "n", "Flour and water")


async def test_what_the_person_writes_meanwhile_stays(house: House) -> None:
    ada = await house.person()
    pin = await house.save(ada, await house.board(ada), _loaf(house))
    events = await house.hear()
    await house.boards.change_pin(as_(ada), pin.id, PinChange(title="My loaf"))
    await house.tell(house.details.handlers(), events)
    now = await _now(house, pin)
    assert (now.title, now.details, now.version) == ("My loaf", "ready", 3)


async def test_a_page_that_cannot_be_had_says_why(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    house.web.raw("/private", answer(b"no", {}, status=403))
    expected = {
        "https://nobody.example/": "no-such-host",
        house.web.url("/bread", "127.0.0.2"): "not-public",
        house.web.url("/private"): "refused-by-site",
        house.web.url("/nothing"): "bad-answer",
        house.web.page("/text", "words", "text/plain"): "not-a-page",
        "https://192.0.66.1:22/": "port-refused",
    }
    pins = {url: await house.save(ada, board, NewPin(url=url)) for url in expected}
    await house.settle()
    for url, pin in pins.items():
        now = await _now(house, pin)
        assert (now.details, now.failure, now.published_at, now.media) == ("failed", expected[url], None, None)


async def test_a_picture_that_is_none_leaves_a_good_pin(house: House) -> None:
    ada = await house.person()
    pin = await house.save(ada, await house.board(ada), _loaf(house, NO_PICTURE))
    await house.settle()
    now = await _now(house, pin)
    assert (now.details, now.failure, now.title) == ("ready", "picture-refused", "How to bake")
    assert (now.published_at, now.media) == (None, None)


async def test_a_page_without_a_picture(house: House) -> None:
    ada = await house.person()
    pin = await house.save(ada, await house.board(ada), NewPin(url=house.page("/words", "Words")))
    await house.settle()
    now = await _now(house, pin)
    assert (now.details, now.failure, now.title, now.published_at) == ("ready", "", "Words", None)


async def test_an_address_that_is_a_picture(house: House) -> None:
    ada = await house.person()
    new = NewPin(url=house.web.page("/loaf.png", png(), "image/png"))
    pin = await house.save(ada, await house.board(ada), new)
    await house.settle()
    now = await _now(house, pin)
    assert (now.details, now.title, now.width) == ("ready", "", 40)
    assert now.published_at is not None


async def test_too_many_at_once_are_tried_again(house: House) -> None:
    ada = await house.person()
    pin = await house.save(ada, await house.board(ada), _loaf(house))
    events = await house.hear()
    house.network.busy = True
    with pytest.raises(Unavailable):
        await house.tell(house.details.handlers(), events)
    assert (await _now(house, pin)).details == "pending"
    house.network.busy = False
    await house.tell(house.details.handlers(), events)
    assert (await _now(house, pin)).details == "ready"


@pytest.mark.parametrize("seed", range(3))
async def test_heard_of_twice_a_page_is_read_once(house: House, seed: int) -> None:
    ada = await house.person()
    pin = await house.save(ada, await house.board(ada), _loaf(house))
    await house.settle(Random(seed))
    assert (await _now(house, pin)).version == 2
    assert [request.path for request in house.web.requests] == ["/bread", "/bread.png"]


async def test_a_pin_in_the_trash_is_filled_when_it_is_back(house: House) -> None:
    ada = await house.person()
    pin = await house.save(ada, await house.board(ada), _loaf(house))
    await house.boards.delete_pin(as_(ada), pin.id)
    await house.settle()
    assert house.web.requests == []
    await house.boards.restore_pin(as_(ada), pin.id)
    await house.settle()
    assert (await _now(house, pin)).details == "ready"


async def test_a_pin_that_moved_before_its_page_was_read(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    while shard_of(ben) == shard_of(ada):
        ben = await house.person()
    source, target = await house.board(ada), await house.board(ben)
    await house.boards.share(as_(ben), target.id, ada, "editor")
    pin = await house.save(ada, source, _loaf(house))
    await house.boards.move_pins(as_(ada), [pin.id], target.id, copy=False)
    await house.settle()
    now = await _now(house, pin)
    assert (now.board, now.details) == (target.id, "ready")
    assert now.media is not None
    assert await house.owner_of(now.media) == ben


async def test_texts_are_there_at_once_only_where_a_public_pin_shows_them(house: House) -> None:
    new = _loaf(house)
    ada, ben, cid = [await house.person() for _ in range(3)]
    await house.save(ada, await house.board(ada, "private"), new)
    await house.settle()
    blank = await house.save(ben, await house.board(ben), replace(new, url=f"{new.url}#crust"))
    assert (blank.title, blank.description, blank.site, blank.details) == ("", "", "", "pending")
    await house.settle()
    filled = await house.save(cid, await house.board(cid, "private"), new)
    assert (filled.title, filled.description, filled.site) == ("How to bake", "Flour and water", "Bread Weekly")
    assert (filled.details, filled.media, filled.published_at) == ("pending", None, None)
    await house.settle()
    assert await house.owner_of((await _now(house, filled)).media) == cid


async def test_a_copy_to_a_public_board_makes_details_public(house: House) -> None:
    new = _loaf(house)
    ada, ben = await house.person(), await house.person()
    pin = await house.save(ada, await house.board(ada, "private"), new)
    await house.settle()
    public = await house.board(ada)
    await house.boards.move_pins(as_(ada), [pin.id], public.id, copy=True)
    await house.settle()
    assert (await house.save(ben, await house.board(ben), new)).title == "How to bake"


async def test_publishing_a_board_does_not(house: House) -> None:
    new = _loaf(house)
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada, "private")
    await house.save(ada, board, new)
    await house.settle()
    await house.boards.change(as_(ada), board.id, BoardChange(visibility="public"))
    await house.settle()
    assert (await house.save(ben, await house.board(ben), new)).title == ""


async def test_an_owner_who_is_gone_meanwhile_is_no_trouble(house: House) -> None:
    ada = await house.person()
    await house.save(ada, await house.board(ada), _loaf(house))
    events = await house.hear()
    await house.keys.destroy(ada)
    await house.tell(house.details.handlers(), events)


async def test_two_who_read_a_page_at_once_fill_the_pin_once(house: House) -> None:
    ada = await house.person()
    pin = await house.save(ada, await house.board(ada), _loaf(house))
    [saved] = [event for event in await house.hear() if event.envelope.type == "pin_saved"]
    await asyncio.gather(house.details.on_pin_saved(saved), house.details.on_pin_saved(saved))
    assert (await _now(house, pin)).version == 2
    assert (await house.types()).count("pin_published") == 1
