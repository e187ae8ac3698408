"""What a call reads: no more for a page than for a pin, and the same whatever it finds; and what comes in between."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.boards import Board, Boards, NewPin, Pin, PinChange
from bowerbird.contracts.kinds import BOARD, PIN
from bowerbird.contracts.problems import Forbidden, NotFound, Unavailable
from bowerbird.ports.records import EngineUnavailable
from tests.support.boards_house import House, as_
from tests.support.placement import APART, TOGETHER

pytestmark = pytest.mark.placements(TOGETHER, APART)  # a call that is made twice reads twice

URL = "https://example.org/bread"


async def _reads(house: House, call: Awaitable[object]) -> list[tuple[str, int]]:
    house.records.reads.clear()
    await call
    return list(house.records.reads)


async def test_a_page_of_pins_is_one_read_of_each_table(house: House) -> None:
    ada, ben, cid = [await house.person() for _ in range(3)]
    boards = [await house.board(owner) for owner in (ada, ben, ada, ben)]
    pins = [await house.link(board.owner, board, number) for number in range(6) for board in boards]
    found = await _reads(house, house.boards.pins(as_(cid), [pin.id for pin in pins]))
    assert found == [("pin", 24), ("board", 4), ("share", 4), ("block", 2), ("user", 2)]
    found = await _reads(house, house.boards.access(as_(cid), [board.id for board in boards]))
    assert found == [("board", 4), ("share", 4), ("block", 2), ("user", 2)]


async def test_a_public_picture_is_two_rows(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    pin = (await house.boards.save_pin(as_(ada), board.id, NewPin(upload=await house.photo(ada)))).pin
    found = await _reads(house, house.boards.of_address(pin.id, 1, pin.picture_name, None))
    assert found == [("pin", 1), ("board", 1)]
    found = await _reads(house, house.boards.of_address(pin.id, 1, pin.picture_name, ada))
    assert found == [("pin", 1), ("board", 1), ("share", 1), ("block", 1), ("user", 1)]


Ask = Callable[[Boards, Id | None, Id, Id], Awaitable[object]]


async def _access(boards: Boards, person: Id | None, board: Id, _pin: Id) -> object:
    return await boards.access(as_(person), [board])


async def _page(boards: Boards, person: Id | None, board: Id, _pin: Id) -> object:
    return await boards.board_pins(as_(person), board, None, 25)


async def _shares(boards: Boards, person: Id | None, board: Id, _pin: Id) -> object:
    return await boards.shares(as_(person), board)


async def _pin(boards: Boards, person: Id | None, _board: Id, pin: Id) -> object:
    return await boards.pin(as_(person), pin)


async def _pins(boards: Boards, person: Id | None, _board: Id, pin: Id) -> object:
    return await boards.pins(as_(person), [pin])


async def _picture(boards: Boards, person: Id | None, _board: Id, pin: Id) -> object:
    return await boards.of_address(pin, 1, "x" * 22, person)


async def _save_to(boards: Boards, person: Id | None, board: Id, _pin: Id) -> object:
    return await boards.save_pin(as_(person), board, NewPin(url=URL))


async def _edit(boards: Boards, person: Id | None, _board: Id, pin: Id) -> object:
    return await boards.change_pin(as_(person), pin, PinChange(title="T"))


async def _delete(boards: Boards, person: Id | None, board: Id, _pin: Id) -> object:
    return await boards.delete(as_(person), board)


@pytest.mark.parametrize("ask", [_access, _page, _shares, _pin, _pins, _picture, _save_to, _edit, _delete])
async def test_hidden_things_are_as_much_work_as_none(house: House, ask: Ask) -> None:
    ada, ben, cid = [await house.person() for _ in range(3)]
    await house.graph.block(as_(cid), ben)
    works: list[list[tuple[str, int]]] = []
    for hidden in ("absent", "private", "trashed", "blocked"):
        owner = cid if hidden == "blocked" else ada
        board = await house.board(owner, "private" if hidden == "private" else "public")
        pin = (await house.link(owner, board)).id
        if hidden == "trashed":
            await house.boards.delete(as_(owner), board.id)
        if hidden == "absent":
            pin = house.clock.new_id(PIN, shard_of(ada))
        board_id = house.clock.new_id(BOARD, shard_of(ada)) if hidden == "absent" else board.id
        works.append(await _reads(house, _unanswered(ask, house, ben, board_id, pin)))
    assert works == [works[0]] * 4


async def _unanswered(ask: Ask, house: House, person: Id, board: Id, pin: Id) -> None:
    with suppress(NotFound):
        assert await ask(house.boards, person, board, pin) == [None]


Attempt = Callable[[House, Id, Board, Pin], Awaitable[object]]


async def _saves(house: House, person: Id, board: Board, _pin: Pin) -> object:
    return await house.boards.save_pin(as_(person), board.id, NewPin(upload=await house.photo(person)))


async def _edits(house: House, person: Id, _board: Board, pin: Pin) -> object:
    return await house.boards.change_pin(as_(person), pin.id, PinChange(title="T"))


async def _deletes(house: House, person: Id, _board: Board, pin: Pin) -> object:
    return await house.boards.delete_pin(as_(person), pin.id)


@pytest.mark.parametrize("attempt", [_saves, _edits, _deletes])
async def test_a_role_taken_back_in_between(house: House, attempt: Attempt) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.board(ada)
    await house.boards.share(as_(ada), board.id, ben, "editor")
    pin = await house.link(ben, board)
    house.records.before_commit.append(lambda: house.boards.unshare(as_(ada), board.id, ben))
    with pytest.raises(Forbidden):
        await attempt(house, ben, board, pin)
    assert (await house.boards.board_pins(as_(ada), board.id, None, 10)).items == [pin]


@pytest.mark.parametrize("attempt", [_saves, _edits, _deletes])
async def test_a_board_deleted_in_between(house: House, attempt: Attempt) -> None:
    ada = await house.person()
    board = await house.board(ada)
    pin = await house.link(ada, board)
    house.records.before_commit.append(lambda: house.boards.delete(as_(ada), board.id))
    with pytest.raises(NotFound):
        await attempt(house, ada, board, pin)
    await house.boards.restore(as_(ada), board.id)
    assert (await house.boards.board_pins(as_(ada), board.id, None, 10)).items == [pin]


async def test_a_link_saved_in_between(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    other: list[Pin] = []

    async def be_faster() -> None:
        other.append(await house.save(ada, board, NewPin(url=URL)))

    house.records.before_commit.append(be_faster)
    saved = await house.boards.save_pin(as_(ada), board.id, NewPin(url=URL))
    assert (saved.pin, saved.created) == (other[0], False)


async def test_a_move_meets_an_edit_in_between(house: House) -> None:
    ada = await house.person()
    source, target = await house.board(ada), await house.board(ada)
    pin = await house.link(ada, source)
    change = PinChange(title="T")
    house.records.before_commit.append(lambda: house.boards.change_pin(as_(ada), pin.id, change))
    await house.boards.move_pins(as_(ada), [pin.id], target.id, copy=False)
    now = (await house.boards.pin(as_(ada), pin.id)).pin
    assert (now.board, now.title, now.version) == (target.id, "T", 3)


async def test_a_writer_that_is_away(house: House) -> None:
    ada = await house.person()
    board = await house.board(ada)
    pin = await house.link(ada, board)

    async def away() -> None:
        raise EngineUnavailable

    for attempt in (_saves, _edits, _deletes):
        house.records.before_commit.append(away)
        with pytest.raises(Unavailable) as caught:
            await attempt(house, ada, board, pin)
        assert caught.value.retry_after_s == 1
    assert (await house.boards.board_pins(as_(ada), board.id, None, 10)).items == [pin]


async def test_others_who_are_always_faster(house: House) -> None:
    ada = await house.person()
    pin = await house.link(ada, await house.board(ada))
    numbers = iter(range(100))

    async def be_faster() -> None:
        await house.boards.change_pin(as_(ada), pin.id, PinChange(title=f"T{next(numbers)}"))
        house.records.before_commit.append(be_faster)

    house.records.before_commit.append(be_faster)
    with pytest.raises(Unavailable):
        await house.boards.change_pin(as_(ada), pin.id, PinChange(note="n"))
    assert (await house.boards.pin(as_(ada), pin.id)).pin.note == ""
