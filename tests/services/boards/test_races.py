"""What comes between the units of one deed, or between what a deed reads and what it writes."""

from collections.abc import Awaitable, Callable

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import NewPin
from bowerbird.contracts.caller import system
from bowerbird.contracts.problems import Forbidden, NotFound
from bowerbird.services.boards.store import BOARD, INVITATION, PIN, SHARE
from tests.support.boards_house import DAY_S, PASSWORD, House, as_

Deed = Callable[[], Awaitable[object]]


def _before_commit(house: House, number: int, deed: Deed) -> None:
    """Let something happen before commit number `number` from now on (0: the next)."""

    async def hook() -> None:
        if number:
            _before_commit(house, number - 1, deed)
        else:
            await deed()

    house.records.before_commit.append(hook)


async def _leave(house: House, person: Id) -> None:
    """Delete an account, and do all that follows at once."""
    await house.identity.delete_account(as_(person), PASSWORD)
    await house.tell(house.consumer.handlers(), await house.hear(erased=True))
    await house.sweep()


async def _later(house: House) -> None:
    """Handle what waits, and do what comes due in the next hour."""
    for _ in range(2):
        await house.settle()
        house.clock.pass_s(1800)
        await house.sweep()


@pytest.mark.parametrize("number", [0, 1])
async def test_a_share_with_somebody_who_leaves_meanwhile_ends(house: House, number: int) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada)
    _before_commit(house, number, lambda: _leave(house, ben))
    await house.boards.share(as_(ada), board.id, ben, "editor")
    await _later(house)
    assert await house.records.scan(SHARE, "", (board.id,)) == []
    assert await house.records.scan(INVITATION, "", (ben,)) == []
    assert await house.boards.shares(as_(ada), board.id) == []


async def test_a_board_made_while_its_owner_leaves_goes_too(house: House) -> None:
    ada = await house.person()
    _before_commit(house, 0, lambda: _leave(house, ada))
    board = await house.board(ada)
    await _later(house)
    assert await house.records.get(BOARD, [(board.id,)]) == [None]


async def test_a_pin_saved_while_its_saver_leaves_is_nobodys(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ben)
    await house.boards.share(as_(ben), board.id, ada, "editor")
    await house.settle()
    photo = await house.photo(ada)
    _before_commit(house, 0, lambda: _leave(house, ada))
    with pytest.raises((Forbidden, NotFound)):
        await house.boards.save_pin(as_(ada), board.id, NewPin(upload=photo))
    await _later(house)
    rows = await house.records.scan(PIN, "board", (board.id,))
    assert [row.saved_by for row in rows] == [None] * len(rows)


async def test_a_board_restored_while_it_is_purged_is_whole_or_gone(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    pins = [await house.link(ada, board, number) for number in range(60)]
    await house.boards.delete(as_(ada), board.id)
    house.clock.pass_s(30 * DAY_S - 1)

    async def purge_some() -> None:
        house.clock.pass_s(60)
        await house.consumer.sweep_trash()

    _before_commit(house, 0, purge_some)
    with pytest.raises(NotFound):
        await house.boards.restore(as_(ada), board.id)
    await house.sweep()
    assert await house.boards.pins(system(), [pin.id for pin in pins]) == [None] * 60


async def test_a_board_restored_in_time_is_not_purged_by_a_sweep_under_way(house: House) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada)
    pins = [await house.link(ada, board, number) for number in range(3)]
    await house.boards.share(as_(ada), board.id, ben, "viewer")
    await house.boards.delete(as_(ada), board.id)

    async def restore() -> None:
        house.clock.pass_s(-60)
        await house.boards.restore(as_(ada), board.id)
        house.clock.pass_s(60)

    house.clock.pass_s(30 * DAY_S + 1)
    _before_commit(house, 0, restore)
    await house.consumer.sweep_trash()
    assert all(await house.boards.pins(as_(ada), [pin.id for pin in pins]))
    assert [share.person for share in await house.boards.shares(as_(ada), board.id)] == [ben]


async def test_details_of_a_pin_deleted_meanwhile_are_no_public_ones(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    url = house.page("/bread", "Bread")
    pin = (await house.boards.save_pin(as_(ada), board.id, NewPin(url=url))).pin
    waiting = await house.hear()
    _before_commit(house, 0, lambda: house.boards.delete_pin(as_(ada), pin.id))
    await house.tell(house.details.handlers(), waiting)
    assert (await house.links.put(system(), url)).public == 0
