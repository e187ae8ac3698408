"""Pins that are there: editing, deleting, restoring and listing them, and the addresses of their pictures."""

import asyncio

import pytest
from msgspec import UNSET

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board, BoardChange, NewPin, Pin, PinChange
from bowerbird.contracts.caller import NOBODY
from bowerbird.contracts.kinds import PIN
from bowerbird.contracts.problems import Exists, Forbidden, Invalid, NotFound, Stale
from tests.support.boards_house import DAY_S, House, as_


async def _listed(house: House, person: Id, board: Board) -> list[Id]:
    return [pin.id for pin in (await house.boards.board_pins(as_(person), board.id, None, 100)).items]


async def test_editing_a_pin(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada)
    pin = await house.link(ada, board)
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
    board = await house.board(ada)
    pin = await house.link(ada, board)
    changes = [PinChange(title="t"), PinChange(note="n"), PinChange(alt="a")]
    await asyncio.gather(*(house.boards.change_pin(as_(ada), pin.id, change) for change in changes))
    now = (await house.boards.pin(as_(ada), pin.id)).pin
    assert (now.title, now.note, now.alt, now.version) == ("t", "n", "a", 4)


async def test_deleting_and_restoring_a_pin(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    pin = await house.link(ada, board)
    await house.hear()
    with pytest.raises(Stale):
        await house.boards.delete_pin(as_(ada), pin.id, 2)
    await house.boards.delete_pin(as_(ada), pin.id, 1)
    await house.boards.delete_pin(as_(ada), pin.id, 1)
    assert await house.count(board) == 0
    assert await house.boards.pins(as_(ada), [pin.id]) == [None]
    with pytest.raises(NotFound):
        await house.boards.pin(as_(ada), pin.id)
    with pytest.raises(NotFound):
        await house.boards.change_pin(as_(ada), pin.id, PinChange(title="t"))
    back = (await house.boards.restore_pin(as_(ada), pin.id)).pin
    assert (await house.boards.restore_pin(as_(ada), pin.id)).pin == back
    assert (back.trashed, back.deleted_at, back.live_link, back.version) == (0, None, pin.link, 3)
    assert await house.count(board) == 1
    assert await house.types() == ["pin_deleted", "pin_restored"]


async def test_a_link_saved_again_keeps_the_deleted_one_out(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    pin = await house.link(ada, board)
    await house.boards.delete_pin(as_(ada), pin.id)
    again = await house.link(ada, board)
    assert again.id != pin.id
    with pytest.raises(Exists):
        await house.boards.restore_pin(as_(ada), pin.id)
    await house.boards.delete_pin(as_(ada), again.id)
    assert (await house.boards.restore_pin(as_(ada), pin.id)).pin.live_link == pin.link


async def test_a_deleted_pin_can_be_restored_for_thirty_days(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    pin = await house.link(ada, board)
    await house.boards.delete_pin(as_(ada), pin.id)
    house.clock.pass_s(30 * DAY_S)
    with pytest.raises(NotFound):
        await house.boards.restore_pin(as_(ada), pin.id)


async def test_editors_delete_and_restore_viewers_do_not(house: House) -> None:
    ada, ben, cid = await house.person(), await house.person(), await house.person()
    board = await house.board(ada, "private")
    await house.boards.share(as_(ada), board.id, ben, "editor")
    await house.boards.share(as_(ada), board.id, cid, "viewer")
    pin = await house.link(ada, board)
    with pytest.raises(Forbidden):
        await house.boards.delete_pin(as_(cid), pin.id)
    await house.boards.delete_pin(as_(ben), pin.id)
    with pytest.raises(NotFound):
        await house.boards.restore_pin(as_(cid), pin.id)
    assert [item.pin and item.pin.id for item in (await house.boards.trash(as_(ada), None, 10)).items] == [pin.id]
    assert (await house.boards.restore_pin(as_(ben), pin.id)).pin.id == pin.id


async def test_a_board_page_by_page(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    saved = [await house.link(ada, board, number) for number in range(7)]
    first = await house.boards.board_pins(as_(ada), board.id, None, 3)
    await house.link(ada, board, 7)
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
    board = await house.board(ada)
    for number in range(3):
        await house.link(ada, board, number)
    assert (await house.boards.board_pins(as_(ada), board.id, None, 3)).next is None


async def test_pins_come_in_order_and_hidden_ones_are_none(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    public, private = await house.board(ada), await house.board(ada, "private")
    seen, hidden, gone = await house.link(ada, public), await house.link(ada, private), house.clock.new_id(PIN, 7)
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
    board = await house.board(ada)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    pin = await house.link(ben, board)
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
    board = await house.board(ada)
    pin = await house.save(ada, board, NewPin(upload=await house.photo(ada)))
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
    pin = await house.link(ada, await house.board(ada))
    await _no_address(house, pin.id, 1, "", None)


async def test_covers(house: House) -> None:
    ada, ben, cid = await house.person(), await house.person(), await house.person()
    board, bare = await house.board(ada), await house.board(ada)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    saved: list[Id] = []
    for number in range(6):
        upload = await house.photo(ada, number)
        saved.append((await house.save(ada, board, NewPin(upload=upload))).id)
        await house.link(ada, board, number)
    upload = await house.photo(ben, 99)
    theirs = (await house.save(ben, board, NewPin(upload=upload))).id
    await house.link(ada, bare)
    newest = [theirs, *saved[:2:-1]]
    assert [[pin.id for pin in pins] for pins in await house.boards.covers(NOBODY, [board.id, bare.id])] == [newest, []]
    await house.graph.block(as_(cid), ben)
    [pins] = await house.boards.covers(as_(cid), [board.id])
    assert [pin.id for pin in pins] == saved[:1:-1]


async def test_a_board_has_no_most(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    for start in range(0, 600, 100):
        await asyncio.gather(*(house.link(ada, board, start + number) for number in range(100)))
    assert await house.count(board) == 600
    found: list[Pin] = []
    after: bytes | None = None
    while True:
        page = await house.boards.board_pins(as_(ada), board.id, after, 100)
        found += page.items
        if (after := page.next) is None:
            break
    assert len({pin.url for pin in found}) == 600
