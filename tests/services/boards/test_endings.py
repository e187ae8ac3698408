"""The trash, purging, and what is left when an account is deleted."""

from random import Random

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Board
from bowerbird.contracts.caller import NOBODY, system
from bowerbird.contracts.events import Event
from bowerbird.contracts.identity import User
from bowerbird.contracts.problems import NotFound
from bowerbird.services.boards.store import BOARD, DEPARTURE, INVITATION, PIN, SHARE
from tests.support.boards_house import DAY_S, PASSWORD, House, as_


async def _trash(house: House, person: Id, limit: int = 100) -> list[Id]:
    found: list[Id] = []
    after: bytes | None = None
    while True:
        page = await house.boards.trash(as_(person), after, limit)
        found += [(item.pin or item.board or _nothing()).id for item in page.items]
        if (after := page.next) is None:
            return found


def _nothing() -> Board:
    raise AssertionError("something was trashed")


async def _deleted(house: House, person: Id) -> Event[User]:
    """Delete an account, and return what is said of it."""
    await house.hear()
    await house.identity.delete_account(as_(person), PASSWORD)
    [envelope] = [one for one in await _envelopes(house) if one.envelope.type == "user_deleted"]
    return envelope


async def _envelopes(house: House) -> list[Event[User]]:
    """Take what waits, readable or not: of an erased person only envelopes are left."""
    return await house.hear(erased=True)


async def test_the_trash_page_by_page(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    deleted: list[Id] = []
    for number in range(9):
        if number % 3:
            pin = await house.link(ada, board, number)
            await house.boards.delete_pin(as_(ada), pin.id)
            deleted.append(pin.id)
        else:
            other = await house.board(ada)
            await house.boards.delete(as_(ada), other.id)
            deleted.append(other.id)
    for limit in (1, 2, 4, 100):
        assert await _trash(house, ada, limit) == deleted[::-1]


async def test_the_trash_tells_what_a_pin_was_of(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board, other = await house.board(ada), await house.board(ada)
    pin, hidden = await house.link(ada, board), await house.link(ada, other)
    await house.boards.delete_pin(as_(ada), pin.id)
    await house.boards.delete_pin(as_(ada), hidden.id)
    await house.boards.delete(as_(ada), other.id)
    [first, second] = (await house.boards.trash(as_(ada), None, 10)).items
    assert first.board is not None
    assert (first.board.id, first.pin) == (other.id, None)
    assert second.board is not None
    assert second.pin is not None
    assert (second.board.id, second.pin.id) == (board.id, pin.id)
    assert second.pin.deleted_at is not None
    assert second.purge_at == second.pin.deleted_at + 30 * DAY_S * 1_000_000
    assert await _trash(house, ben) == []


async def test_what_is_thirty_days_old_is_purged(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board, other = await house.board(ada), await house.board(ada)
    pins = [await house.link(ada, board, number) for number in range(120)]
    kept = await house.link(ada, other)
    gone = await house.link(ada, other, 1)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    await house.boards.delete_pin(as_(ada), pins[0].id)
    await house.boards.delete(as_(ada), board.id)
    await house.boards.delete_pin(as_(ada), gone.id)
    house.clock.pass_s(29 * DAY_S)
    await house.sweep()
    await house.hear()
    house.clock.pass_s(DAY_S)
    await house.sweep()
    await house.sweep()
    rows = await house.records.scan(PIN, "trash", (ada,))
    assert [row.id for row in rows] == [kept.id]
    assert await house.records.get(BOARD, [(board.id,)]) == [None]
    assert await house.records.scan(SHARE, "", (board.id,)) == []
    assert await house.records.scan(INVITATION, "", (ben,)) == []
    types = await house.types()
    assert (types.count("pin_purged"), types.count("board_purged"), len(types)) == (121, 1, 122)
    assert types[-1] == "board_purged"


async def test_a_tombstone_is_the_pin_as_it_was_last(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    pin = await house.link(ada, board)
    await house.boards.delete_pin(as_(ada), pin.id)
    [row] = await house.records.get(PIN, [(pin.id,)])
    house.clock.pass_s(31 * DAY_S)
    await house.hear()
    await house.sweep()
    [event] = await house.hear()
    assert (event.envelope.type, event.body) == ("pin_purged", row)


async def test_what_was_restored_is_not_purged(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    pin = await house.link(ada, board)
    await house.boards.delete_pin(as_(ada), pin.id)
    await house.boards.delete(as_(ada), board.id)
    house.clock.pass_s(29 * DAY_S)
    await house.boards.restore(as_(ada), board.id)
    await house.boards.restore_pin(as_(ada), pin.id)
    house.clock.pass_s(40 * DAY_S)
    await house.sweep()
    assert (await house.boards.pin(NOBODY, pin.id)).pin.id == pin.id


async def test_an_invitation_does_not_come_back_after_the_purge(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    await house.boards.delete(as_(ada), board.id)
    late = await house.hear()
    house.clock.pass_s(31 * DAY_S)
    await house.sweep()
    await house.tell(house.consumer.handlers(), late)
    assert await house.records.scan(INVITATION, "", (ben,)) == []


@pytest.mark.parametrize("seed", [None, 1, 2])
async def test_a_deleted_account(house: House, seed: int | None) -> None:
    ada, ben, cid = [await house.person() for _ in range(3)]
    gone, shared, others = [await house.board(owner) for owner in (ada, ada, ben)]
    trashed = await house.board(ada, "private")
    await house.boards.share(as_(ada), shared.id, ben, "editor")
    await house.boards.share(as_(ben), others.id, ada, "editor")
    pins = [await house.link(ada, gone, number) for number in range(60)]
    await house.link(ben, shared)
    kept = [await house.link(ada, others, number) for number in range(60)]
    await house.boards.delete_pin(as_(ada), kept[0].id)
    bens = await house.link(ben, others, 99)
    await house.boards.delete(as_(ada), trashed.id)
    event = await _deleted(house, ada)
    told = [event] if seed is None else [event, event]
    await house.tell(house.consumer.handlers(), told)
    everything = [gone.id, trashed.id, shared.id]
    for person in (cid, ben, ada):
        assert await house.boards.access(as_(person), everything) == [None] * 3
    assert await house.boards.pins(NOBODY, [pin.id for pin in pins]) == [None] * 60
    with pytest.raises(NotFound):
        await house.boards.restore(as_(ada), trashed.id)
    await house.sweep()
    if seed is not None:
        await house.tell(house.consumer.handlers(), told)
        await house.settle(Random(seed))
        await house.sweep()
    assert await house.records.scan(BOARD, "owner", (ada,)) == []
    assert await house.records.scan(PIN, "trash", (ada,)) == []
    assert await house.records.scan(INVITATION, "", (ada,)) == []
    assert await house.records.scan(INVITATION, "", (ben,)) == []
    assert await house.boards.shares(as_(ben), others.id) == []
    now = (await house.boards.board_pins(as_(cid), others.id, None, 100)).items
    assert {(pin.id, pin.saved_by) for pin in now} == {(bens.id, ben), *((pin.id, None) for pin in kept[1:])}
    assert (await house.boards.restore_pin(as_(ben), kept[0].id)).pin.saved_by is None
    house.clock.pass_s(600)
    await house.sweep()
    assert await house.records.get(DEPARTURE, [(ada,)]) == [None]


async def test_pins_saved_as_a_former_editor_lose_their_name_too(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ben)
    await house.boards.share(as_(ben), board.id, ada, "editor")
    pin = await house.link(ada, board)
    await house.boards.unshare(as_(ada), board.id, ada)
    event = await _deleted(house, ada)
    await house.tell(house.consumer.handlers(), [event])
    await house.sweep()
    assert (await house.boards.pin(system(), pin.id)).pin.saved_by is None
    told = [one for one in await house.hear() if one.envelope.entity == pin.id]
    assert [(one.envelope.type, one.body.saved_by, one.envelope.version) for one in told] == [("pin_changed", None, 2)]


@pytest.mark.parametrize("owner", [0, 1])
async def test_pins_that_others_moved_away_lose_their_name_too(house: House, owner: int) -> None:
    people = ada, ben = [await house.person() for _ in range(2)]
    gone = await house.person()
    board, other = await house.board(ada), await house.board(people[owner])
    await house.boards.share(as_(ada), board.id, gone, "editor")
    if owner:
        await house.boards.share(as_(ben), other.id, ada, "editor")
    pin = await house.link(gone, board)
    [moved] = await house.boards.move_pins(as_(ada), [pin.id], other.id, copy=False)
    assert moved.now is not None
    event = await _deleted(house, gone)
    await house.tell(house.consumer.handlers(), [event])
    await house.sweep()
    assert (await house.boards.pin(system(), moved.now)).pin.saved_by is None
    assert await house.records.scan(INVITATION, "", (gone,)) == []


async def test_many_boards_vanish_at_once(house: House) -> None:
    ada = await house.person()
    boards = [await house.board(ada) for _ in range(250)]
    event = await _deleted(house, ada)
    await house.tell(house.consumer.handlers(), [event])
    assert await house.boards.access(NOBODY, [board.id for board in boards]) == [None] * 250


async def test_who_is_gone_makes_nothing_more(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    await _deleted(house, ada)
    for attempt in (house.board(ada), house.link(ada, board)):
        with pytest.raises(NotFound):
            await attempt
