"""Pins: saving links, pictures and others' pins, editing, deleting, restoring."""

import asyncio

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.boards import Board, BoardChange, NewPin, Pin, PinChange
from bowerbird.contracts.caller import NOBODY, Once
from bowerbird.contracts.kinds import PIN, UPLOAD
from bowerbird.contracts.problems import Exists, Forbidden, Invalid, NotFound, Refused, Stale
from tests.support.boards_house import DAY_S, House, as_

URL = "https://Example.org/bread?utm_source=x"


async def _board(house: House, owner: Id, visibility: str = "public") -> Board:
    return await house.boards.create(as_(owner), "Bread", "", visibility)


async def _save(house: House, person: Id, board: Board, url: str = URL) -> Pin:
    return (await house.boards.save_pin(as_(person), board.id, NewPin(url=url))).pin


async def _count(house: House, board: Board) -> int:
    [access] = await house.boards.access(as_(board.owner), [board.id])
    assert access is not None
    return access.board.pins


async def _listed(house: House, person: Id, board: Board) -> list[Id]:
    return [pin.id for pin in (await house.boards.board_pins(as_(person), board.id, None, 100)).items]


async def test_saving_a_link(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
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
    assert await _count(house, board) == 1
    events = await house.hear()
    assert [event.envelope.type for event in events] == ["link_saved", "pin_saved"]
    assert events[1].body == pin
    assert (events[0].envelope.actor, events[0].envelope.trace) == (None, "")


async def test_a_board_holds_a_link_once(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await _board(house, ada)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    pin = await _save(house, ada, board)
    await house.hear()
    for person in (ada, ben):
        again = await house.boards.save_pin(
            as_(person), board.id, NewPin(url="https://example.org:443/bread#crust", title="Other")
        )
        assert (again.pin, again.created) == (pin, False)
    assert await _count(house, board) == 1
    assert await house.types() == []


async def test_saving_at_once_is_saving_once(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    saved = await asyncio.gather(*(house.boards.save_pin(as_(ada), board.id, NewPin(url=URL)) for _ in range(20)))
    assert len({one.pin.id for one in saved}) == 1
    assert sum(one.created for one in saved) == 1
    assert await _count(house, board) == 1


@pytest.mark.parametrize(
    "url", ["bread", "ftp://example.org/", "javascript:alert(1)", "https://a:b@example.org/", "https://", "a" * 1081]
)
async def test_a_bad_address_is_refused(house: House, url: str) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    await house.hear()
    with pytest.raises(Invalid) as caught:
        await house.boards.save_pin(as_(ada), board.id, NewPin(url=url))
    assert caught.value.field == "url"
    assert await house.types() == []


async def test_one_source_and_good_texts(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    nothing = house.clock.new_id(UPLOAD, 1)
    for new in (NewPin(), NewPin(url=URL, upload=nothing), NewPin(url=URL, pin=nothing)):
        with pytest.raises(Invalid):
            await house.boards.save_pin(as_(ada), board.id, new)
    for field, longest in (("title", 200), ("note", 1000), ("alt", 500)):
        for bad in ("a" * (longest + 1), "a\x07"):
            with pytest.raises(Invalid) as caught:
                await house.boards.save_pin(as_(ada), board.id, replace(NewPin(url=URL), **{field: bad}))
            assert caught.value.field == field
    assert await _count(house, board) == 0


async def test_saving_a_photo_publishes_it_at_once(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
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
    board = await _board(house, ada, "private")
    await house.boards.share(as_(ada), board.id, ben, "editor")
    pin = (await house.boards.save_pin(as_(ben), board.id, NewPin(upload=await house.photo(ben)))).pin
    assert pin.media is not None
    assert await house.owner_of(pin.media) == ada
    assert (pin.owner, pin.saved_by) == (ada, ben)
    assert shard_of(pin.id) == shard_of(ada)


async def test_uploads_of_others_and_refused_ones(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await _board(house, ada)
    theirs = await house.photo(ben)
    with pytest.raises(NotFound):
        await house.boards.save_pin(as_(ada), board.id, NewPin(upload=theirs))
    begun = await house.media.begin(as_(ada), "image/png", 100)
    with pytest.raises(Refused):
        await house.boards.save_pin(as_(ada), board.id, NewPin(upload=begun.id))
    assert await _count(house, board) == 0


async def test_saving_anothers_pin(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    theirs, ours = await _board(house, ada), await _board(house, ben)
    upload = await house.photo(ada)
    source = (await house.boards.save_pin(as_(ada), theirs.id, NewPin(upload=upload, title="Loaf", note="n"))).pin
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
    theirs, ours = await _board(house, ada), await _board(house, ben)
    source, present = await _save(house, ada, theirs), await _save(house, ben, ours)
    saved = await house.boards.save_pin(as_(ben), ours.id, NewPin(pin=source.id))
    assert (saved.pin, saved.created) == (present, False)


async def test_a_pin_that_one_may_not_see_cannot_be_saved(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    theirs, ours = await _board(house, ada, "private"), await _board(house, ben)
    hidden, trashed = await _save(house, ada, theirs), await _save(house, ben, ours)
    await house.boards.delete_pin(as_(ben), trashed.id)
    for pin in (hidden.id, trashed.id, house.clock.new_id(PIN, shard_of(ada))):
        with pytest.raises(NotFound) as caught:
            await house.boards.save_pin(as_(ben), ours.id, NewPin(pin=pin))
        assert caught.value.field == "pin"
        assert caught.value.detail == "there is no such pin, or you may not see it"


async def test_a_request_repeated_saves_once(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    await house.hear()
    once = Once(key=b"k" * 32, request=b"r" * 32)
    new = NewPin(upload=await house.photo(ada))
    first = await house.boards.save_pin(as_(ada, once), board.id, new)
    again = await asyncio.gather(*(house.boards.save_pin(as_(ada, once), board.id, new) for _ in range(5)))
    assert [(one.pin, one.created) for one in again] == [(first.pin, True)] * 5
    with pytest.raises(Invalid):
        await house.boards.save_pin(as_(ada, Once(key=b"k" * 32, request=b"s" * 32)), board.id, new)
    assert await _count(house, board) == 1
    assert await house.types() == ["pin_saved", "pin_published"]


async def test_a_request_repeated_at_once_saves_once(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    once = Once(key=b"k" * 32, request=b"r" * 32)
    new = NewPin(upload=await house.photo(ada))
    saved = await asyncio.gather(*(house.boards.save_pin(as_(ada, once), board.id, new) for _ in range(8)))
    assert len({one.pin.id for one in saved}) == 1
    assert await _count(house, board) == 1


async def test_a_repeated_request_shows_nothing_to_who_has_left(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await _board(house, ada, "private")
    await house.boards.share(as_(ada), board.id, ben, "editor")
    once = Once(key=b"k" * 32, request=b"r" * 32)
    await house.boards.save_pin(as_(ben, once), board.id, NewPin(url=URL))
    await house.boards.unshare(as_(ada), board.id, ben)
    with pytest.raises(NotFound):
        await house.boards.save_pin(as_(ben, once), board.id, NewPin(url=URL))


async def test_who_may_save(house: House) -> None:
    ada, ben, cid = await house.person(), await house.person(), await house.person()
    board = await _board(house, ada)
    await house.boards.share(as_(ada), board.id, ben, "viewer")
    for person in (ben, cid):
        with pytest.raises(Forbidden):
            await _save(house, person, board)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    assert (await _save(house, ben, board)).saved_by == ben


async def test_editing_a_pin(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await _board(house, ada)
    pin = await _save(house, ada, board)
    await house.hear()
    new = await house.boards.change_pin(as_(ada), pin.id, PinChange(title=" T ", note="n", version=1))
    assert (new.pin.title, new.pin.note, new.pin.alt, new.pin.version) == ("T", "n", "", 2)
    again = await house.boards.change_pin(as_(ada), pin.id, PinChange(title="T", alt=UNSET))
    assert again.pin == new.pin
    with pytest.raises(Stale):
        await house.boards.change_pin(as_(ada), pin.id, PinChange(title="U", version=1))
    with pytest.raises(Invalid) as caught:
        await house.boards.change_pin(as_(ada), pin.id, PinChange(note="n" * 1001))
    assert caught.value.field == "note"
    with pytest.raises(Forbidden):
        await house.boards.change_pin(as_(ben), pin.id, PinChange(title="U"))
    [event] = await house.hear()
    assert (event.envelope.type, event.body) == ("pin_changed", new.pin)


async def test_edits_at_once_all_count(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    pin = await _save(house, ada, board)
    changes = [PinChange(title="t"), PinChange(note="n"), PinChange(alt="a")]
    await asyncio.gather(*(house.boards.change_pin(as_(ada), pin.id, change) for change in changes))
    now = (await house.boards.pin(as_(ada), pin.id)).pin
    assert (now.title, now.note, now.alt, now.version) == ("t", "n", "a", 4)


async def test_deleting_and_restoring_a_pin(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    pin = await _save(house, ada, board)
    await house.hear()
    with pytest.raises(Stale):
        await house.boards.delete_pin(as_(ada), pin.id, 2)
    await house.boards.delete_pin(as_(ada), pin.id, 1)
    await house.boards.delete_pin(as_(ada), pin.id, 1)
    assert await _count(house, board) == 0
    assert await house.boards.pins(as_(ada), [pin.id]) == [None]
    with pytest.raises(NotFound):
        await house.boards.pin(as_(ada), pin.id)
    with pytest.raises(NotFound):
        await house.boards.change_pin(as_(ada), pin.id, PinChange(title="t"))
    back = (await house.boards.restore_pin(as_(ada), pin.id)).pin
    assert (await house.boards.restore_pin(as_(ada), pin.id)).pin == back
    assert (back.trashed, back.deleted_at, back.live_link, back.version) == (0, None, pin.link, 3)
    assert await _count(house, board) == 1
    assert await house.types() == ["pin_deleted", "pin_restored"]


async def test_a_link_saved_again_keeps_the_deleted_one_out(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    pin = await _save(house, ada, board)
    await house.boards.delete_pin(as_(ada), pin.id)
    again = await _save(house, ada, board)
    assert again.id != pin.id
    with pytest.raises(Exists):
        await house.boards.restore_pin(as_(ada), pin.id)
    await house.boards.delete_pin(as_(ada), again.id)
    assert (await house.boards.restore_pin(as_(ada), pin.id)).pin.live_link == pin.link


async def test_a_deleted_pin_can_be_restored_for_thirty_days(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    pin = await _save(house, ada, board)
    await house.boards.delete_pin(as_(ada), pin.id)
    house.clock.pass_s(30 * DAY_S)
    with pytest.raises(NotFound):
        await house.boards.restore_pin(as_(ada), pin.id)


async def test_editors_delete_and_restore_viewers_do_not(house: House) -> None:
    ada, ben, cid = await house.person(), await house.person(), await house.person()
    board = await _board(house, ada, "private")
    await house.boards.share(as_(ada), board.id, ben, "editor")
    await house.boards.share(as_(ada), board.id, cid, "viewer")
    pin = await _save(house, ada, board)
    with pytest.raises(Forbidden):
        await house.boards.delete_pin(as_(cid), pin.id)
    await house.boards.delete_pin(as_(ben), pin.id)
    with pytest.raises(NotFound):
        await house.boards.restore_pin(as_(cid), pin.id)
    assert [item.pin and item.pin.id for item in (await house.boards.trash(as_(ada), None, 10)).items] == [pin.id]
    assert (await house.boards.restore_pin(as_(ben), pin.id)).pin.id == pin.id


async def test_a_board_page_by_page(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    saved = [await _save(house, ada, board, f"https://example.org/{number}") for number in range(7)]
    first = await house.boards.board_pins(as_(ada), board.id, None, 3)
    await _save(house, ada, board, "https://example.org/later")
    found, after = list(first.items), first.next
    while after is not None:
        page = await house.boards.board_pins(as_(ada), board.id, after, 3)
        found, after = found + page.items, page.next
    assert found == saved[::-1]
    with pytest.raises(Invalid) as caught:
        await house.boards.board_pins(as_(ada), board.id, b"nonsense", 3)
    assert caught.value.field == "cursor"


async def test_a_page_that_ends_with_the_board_has_no_next(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    for number in range(3):
        await _save(house, ada, board, f"https://example.org/{number}")
    assert (await house.boards.board_pins(as_(ada), board.id, None, 3)).next is None


async def test_pins_come_in_order_and_hidden_ones_are_none(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    public, private = await _board(house, ada), await _board(house, ada, "private")
    seen, hidden, gone = await _save(house, ada, public), await _save(house, ada, private), house.clock.new_id(PIN, 7)
    shown = await house.boards.pins(as_(ben), [hidden.id, seen.id, gone, seen.id])
    assert [one and (one.pin, one.access.rights) for one in shown] == [None, (seen, "public"), None, (seen, "public")]
    assert await house.boards.pins(NOBODY, [seen.id, hidden.id]) == [
        (await house.boards.pins(NOBODY, [seen.id]))[0],
        None,
    ]
    for pin in (hidden.id, gone):
        with pytest.raises(NotFound) as caught:
            await house.boards.pin(as_(ben), pin)
        assert caught.value.detail == "there is no such pin, or you may not see it"


async def test_a_block_hides_pins_on_others_boards_but_not_on_ones_own(house: House) -> None:
    ada, ben, cid = await house.person(), await house.person(), await house.person()
    board = await _board(house, ada)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    pin = await _save(house, ben, board)
    assert await _listed(house, cid, board) == [pin.id]
    await house.graph.block(as_(cid), ben)
    assert await _listed(house, cid, board) == []
    assert await house.boards.pins(as_(cid), [pin.id]) == [None]
    with pytest.raises(NotFound):
        await house.boards.pin(as_(cid), pin.id)
    await house.graph.block(as_(ada), ben)
    assert await _listed(house, ada, board) == [pin.id]
    await house.boards.delete_pin(as_(ada), pin.id)
    assert await house.boards.access(as_(ben), [board.id]) == [None]


async def test_the_address_of_a_picture(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await _board(house, ada)
    pin = (await house.boards.save_pin(as_(ada), board.id, NewPin(upload=await house.photo(ada)))).pin
    name = pin.picture_name
    assert await house.boards.of_address(pin.id, 1, name, None) == pin
    await _no_address(house, pin.id, 2, name, None)
    await _no_address(house, pin.id, 1, "other", None)
    await _no_address(house, pin.id, 1, "", None)
    await _no_address(house, house.clock.new_id(PIN, 1), 1, name, None)
    await house.boards.change(as_(ada), board.id, BoardChange(visibility="private"))
    for generation in (1, 2):
        await _no_address(house, pin.id, generation, name, None)
    assert await house.boards.of_address(pin.id, 2, name, ada) == pin
    await _no_address(house, pin.id, 2, name, ben)
    await house.boards.share(as_(ada), board.id, ben, "viewer")
    assert await house.boards.of_address(pin.id, 2, name, ben) == pin
    await house.graph.block(as_(ben), ada)
    await _no_address(house, pin.id, 2, name, ben)
    await house.boards.change(as_(ada), board.id, BoardChange(visibility="public"))
    await _no_address(house, pin.id, 1, name, None)
    assert await house.boards.of_address(pin.id, 2, name, None) == pin
    await house.boards.delete_pin(as_(ada), pin.id)
    await _no_address(house, pin.id, 2, name, None)
    await house.boards.restore_pin(as_(ada), pin.id)
    await house.boards.delete(as_(ada), board.id)
    await _no_address(house, pin.id, 2, name, None)
    await _no_address(house, pin.id, 2, name, ada)


async def _no_address(house: House, pin: Id, generation: int, name: str, viewer: Id | None) -> None:
    with pytest.raises(NotFound):
        await house.boards.of_address(pin, generation, name, viewer)


async def test_a_pin_without_a_picture_has_no_address(house: House) -> None:
    ada = await house.person()
    pin = await _save(house, ada, await _board(house, ada))
    await _no_address(house, pin.id, 1, "", None)


async def test_covers(house: House) -> None:
    ada, ben, cid = await house.person(), await house.person(), await house.person()
    board, bare = await _board(house, ada), await _board(house, ada)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    saved: list[Id] = []
    for number in range(6):
        upload = await house.photo(ada, number)
        saved.append((await house.boards.save_pin(as_(ada), board.id, NewPin(upload=upload))).pin.id)
        await _save(house, ada, board, f"https://example.org/{number}")
    upload = await house.photo(ben, 99)
    theirs = (await house.boards.save_pin(as_(ben), board.id, NewPin(upload=upload))).pin.id
    await _save(house, ada, bare)
    newest = [theirs, *saved[:2:-1]]
    assert [[pin.id for pin in pins] for pins in await house.boards.covers(NOBODY, [board.id, bare.id])] == [newest, []]
    await house.graph.block(as_(cid), ben)
    [pins] = await house.boards.covers(as_(cid), [board.id])
    assert [pin.id for pin in pins] == saved[:1:-1]


async def test_a_board_has_no_most(house: House) -> None:
    ada = await house.person()
    board = await _board(house, ada)
    for start in range(0, 600, 100):
        await asyncio.gather(
            *(_save(house, ada, board, f"https://example.org/{start + number}") for number in range(100))
        )
    assert await _count(house, board) == 600
    found: list[Pin] = []
    after: bytes | None = None
    while True:
        page = await house.boards.board_pins(as_(ada), board.id, after, 100)
        found += page.items
        if (after := page.next) is None:
            break
    assert len({pin.url for pin in found}) == 600
