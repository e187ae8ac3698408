"""What a page says of itself arrives on the pin: once, without touching what the person wrote, told to nobody else."""

from random import Random

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.boards import Board, BoardChange, NewPin, Pin, PinChange
from bowerbird.contracts.caller import system
from bowerbird.contracts.problems import Unavailable
from bowerbird.ports.fetch import Fetched
from tests.support.boards_house import House, as_

URL = "https://example.org/bread"
PAGE = Fetched(
    failure="",
    status=200,
    url=URL,
    title="How to bake",
    description="Flour and water",
    site="Bread Weekly",
    picture_url="https://example.org/loaf.png",
    picture=b"loaf",
)


async def _board(house: House, owner: Id, visibility: str = "public") -> Board:
    return await house.boards.create(as_(owner), "Bread", "", visibility)


async def _save(house: House, person: Id, board: Board, new: NewPin | None = None) -> Pin:
    return (await house.boards.save_pin(as_(person), board.id, new or NewPin(url=URL))).pin


async def _now(house: House, pin: Pin) -> Pin:
    return (await house.boards.pin(system(), pin.id)).pin


async def test_a_page_fills_a_pin(house: House) -> None:
    house.pages.known[URL] = PAGE
    ada = await house.person()
    pin = await _save(house, ada, await _board(house, ada))
    await house.settle()
    now = await _now(house, pin)
    assert (now.title, now.description, now.site) == ("How to bake", "Flour and water", "Bread Weekly")
    assert (now.details, now.failure, now.width, now.version) == ("ready", "", 40, 2)
    assert now.media is not None
    assert house.media.kept[now.media].owner == ada
    assert now.published_at is not None
    assert now.published_at > pin.created_at
    told = [event for event in house.heard if event.envelope.entity == pin.id]
    assert [event.envelope.type for event in told] == ["pin_saved", "pin_changed", "pin_published"]
    assert told[1].body == told[2].body == now
    assert told[1].envelope.actor is None


async def test_what_the_person_wrote_stays(house: House) -> None:
    house.pages.known[URL] = PAGE
    ada = await house.person()
    pin = await _save(house, ada, await _board(house, ada), NewPin(url=URL, title="My loaf", note="n"))
    await house.settle()
    now = await _now(house, pin)
    assert (now.title, now.note, now.description) == ("My loaf", "n", "Flour and water")


async def test_what_the_person_writes_meanwhile_stays(house: House) -> None:
    house.pages.known[URL] = PAGE
    ada = await house.person()
    pin = await _save(house, ada, await _board(house, ada))
    events = await house.hear()
    await house.boards.change_pin(as_(ada), pin.id, PinChange(title="My loaf"))
    await house.tell(house.details.handlers(), events)
    now = await _now(house, pin)
    assert (now.title, now.details, now.version) == ("My loaf", "ready", 3)


@pytest.mark.parametrize("failure", ["no-such-host", "timeout", "not-public", "refused-by-site"])
async def test_a_page_that_cannot_be_had_says_why(house: House, failure: str) -> None:
    house.pages.known[URL] = Fetched(failure, 0, URL)  # pyright: ignore[reportArgumentType] - each is a Failure
    ada = await house.person()
    pin = await _save(house, ada, await _board(house, ada))
    await house.settle()
    now = await _now(house, pin)
    assert (now.details, now.failure, now.published_at, now.media) == ("failed", failure, None, None)


async def test_a_picture_that_is_none_leaves_a_good_pin(house: House) -> None:
    house.pages.known[URL] = replace(PAGE, picture=b"bad")
    ada = await house.person()
    pin = await _save(house, ada, await _board(house, ada))
    await house.settle()
    now = await _now(house, pin)
    assert (now.details, now.failure, now.title) == ("ready", "picture-refused", "How to bake")
    assert (now.published_at, now.media) == (None, None)


async def test_an_address_that_is_a_picture(house: House) -> None:
    house.pages.known[URL] = Fetched("", 200, URL, picture=b"loaf")
    ada = await house.person()
    pin = await _save(house, ada, await _board(house, ada))
    await house.settle()
    now = await _now(house, pin)
    assert (now.details, now.title, now.width) == ("ready", "", 40)
    assert now.published_at is not None


async def test_too_many_at_once_are_tried_again(house: House) -> None:
    house.pages.known[URL] = Fetched("busy", 0, URL)
    ada = await house.person()
    pin = await _save(house, ada, await _board(house, ada))
    events = await house.hear()
    with pytest.raises(Unavailable):
        await house.tell(house.details.handlers(), events)
    assert (await _now(house, pin)).details == "pending"
    house.pages.known[URL] = PAGE
    await house.tell(house.details.handlers(), events)
    assert (await _now(house, pin)).details == "ready"


@pytest.mark.parametrize("seed", range(3))
async def test_heard_of_twice_a_page_is_read_once(house: House, seed: int) -> None:
    house.pages.known[URL] = PAGE
    ada = await house.person()
    pin = await _save(house, ada, await _board(house, ada))
    await house.settle(Random(seed))
    assert (await _now(house, pin)).version == 2
    assert house.pages.asked == [URL]


async def test_a_pin_in_the_trash_is_filled_when_it_is_back(house: House) -> None:
    house.pages.known[URL] = PAGE
    ada = await house.person()
    pin = await _save(house, ada, await _board(house, ada))
    await house.boards.delete_pin(as_(ada), pin.id)
    await house.settle()
    assert house.pages.asked == []
    await house.boards.restore_pin(as_(ada), pin.id)
    await house.settle()
    assert (await _now(house, pin)).details == "ready"


async def test_a_pin_that_moved_before_its_page_was_read(house: House) -> None:
    house.pages.known[URL] = PAGE
    ada, ben = await house.person(), await house.person()
    while shard_of(ben) == shard_of(ada):
        ben = await house.person()
    source, target = await _board(house, ada), await _board(house, ben)
    await house.boards.share(as_(ben), target.id, ada, "editor")
    pin = await _save(house, ada, source)
    await house.boards.move_pins(as_(ada), [pin.id], target.id, copy=False)
    await house.settle()
    now = await _now(house, pin)
    assert (now.board, now.details) == (target.id, "ready")
    assert now.media is not None
    assert house.media.kept[now.media].owner == ben


async def test_texts_are_there_at_once_only_where_a_public_pin_shows_them(house: House) -> None:
    house.pages.known[URL] = PAGE
    ada, ben, cid = [await house.person() for _ in range(3)]
    private = await _board(house, ada, "private")
    await _save(house, ada, private)
    await house.settle()
    blank = await _save(house, ben, await _board(house, ben), NewPin(url=URL + "?utm_source=x"))
    assert (blank.title, blank.description, blank.site, blank.details) == ("", "", "", "pending")
    house.pages.known[blank.url] = PAGE
    await house.settle()
    filled = await _save(house, cid, await _board(house, cid, "private"))
    assert (filled.title, filled.description, filled.site) == ("How to bake", "Flour and water", "Bread Weekly")
    assert (filled.details, filled.media, filled.published_at) == ("pending", None, None)
    await house.settle()
    assert (await _now(house, filled)).media is not None


async def test_a_copy_to_a_public_board_makes_details_public(house: House) -> None:
    house.pages.known[URL] = PAGE
    ada, ben = await house.person(), await house.person()
    pin = await _save(house, ada, await _board(house, ada, "private"))
    await house.settle()
    public = await _board(house, ada)
    await house.boards.move_pins(as_(ada), [pin.id], public.id, copy=True)
    await house.settle()
    assert (await _save(house, ben, await _board(house, ben))).title == "How to bake"


async def test_publishing_a_board_does_not(house: House) -> None:
    house.pages.known[URL] = PAGE
    ada, ben = await house.person(), await house.person()
    board = await _board(house, ada, "private")
    await _save(house, ada, board)
    await house.settle()
    await house.boards.change(as_(ada), board.id, BoardChange(visibility="public"))
    await house.settle()
    assert (await _save(house, ben, await _board(house, ben))).title == ""


async def test_an_owner_who_is_gone_meanwhile_is_no_trouble(house: House) -> None:
    house.pages.known[URL] = PAGE
    ada = await house.person()
    await _save(house, ada, await _board(house, ada))
    events = await house.hear()
    await house.keys.destroy(ada)
    await house.tell(house.details.handlers(), events)
