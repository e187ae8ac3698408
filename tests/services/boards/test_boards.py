"""Boards themselves: making, changing, deleting, restoring, and that whoever may not see one learns nothing."""

from collections.abc import Awaitable, Callable

import pytest

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.boards import BoardChange, Boards
from bowerbird.contracts.caller import NOBODY, READ, WRITE, Caller, Once, system
from bowerbird.contracts.kinds import BOARD
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound, Stale, Unauthenticated
from tests.support.boards_house import DAY_S, House, as_


async def test_a_new_board(house: House) -> None:
    ada = await house.person()
    board = await house.boards.create(as_(ada), "  Cafe\u0301 ", "Crust\r\nand crumb", "private")
    assert (board.name, board.description) == ("Café", "Crust\nand crumb")
    assert (board.owner, board.visibility, board.generation, board.pins, board.version) == (ada, "private", 1, 0, 1)
    assert shard_of(board.id) == shard_of(ada)
    [access] = await house.boards.access(as_(ada), [board.id])
    assert access is not None
    assert (access.board, access.rights) == (board, "owner")
    [*_, event] = await house.hear()
    assert (event.envelope.type, event.envelope.actor, event.body) == ("board_created", ada, board)


@pytest.mark.parametrize(
    ("name", "description", "visibility", "field"),
    [
        ("", "", "public", "name"),
        ("  ", "", "public", "name"),
        ("a" * 101, "", "public", "name"),
        ("a\nb", "", "public", "name"),
        ("a\0b", "", "public", "name"),
        ("a", "b" * 1089, "public", "description"),
        ("a", "b\0", "public", "description"),
        ("a", "", "hidden", "visibility"),
        ("a", "", "", "visibility"),
    ],
)
async def test_bad_words_name_their_field(
    house: House, name: str, description: str, visibility: str, field: str
) -> None:
    ada = await house.person()
    board = await house.boards.create(as_(ada), "Bread", "", "public")
    await house.hear()
    with pytest.raises(Invalid) as caught:
        await house.boards.create(as_(ada), name, description, visibility)
    assert caught.value.field == field
    change = BoardChange(name=name, description=description, visibility=visibility)
    with pytest.raises(Invalid) as caught:
        await house.boards.change(as_(ada), board.id, change)
    assert caught.value.field == field
    assert await house.types() == []


async def test_words_are_counted_after_cleaning(house: House) -> None:
    ada = await house.person()
    board = await house.boards.create(as_(ada), "e\u0301" * 100 + " ", "b" * 1088, "public")
    assert len(board.name) == 100


async def test_changing_a_board(house: House) -> None:
    ada = await house.person()
    old = await house.boards.create(as_(ada), "Bread", "", "public")
    await house.hear()
    new = await house.boards.change(as_(ada), old.id, BoardChange(name="Loaves", version=1))
    assert (new.name, new.version, new.generation) == ("Loaves", 2, 1)
    assert new.updated_at > old.updated_at
    assert await house.boards.change(as_(ada), old.id, BoardChange(name=" Loaves")) == new
    with pytest.raises(Stale):
        await house.boards.change(as_(ada), old.id, BoardChange(name="Rolls", version=1))
    [event] = await house.hear()
    assert (event.envelope.type, event.body) == ("board_changed", new)


async def test_turning_private_begins_a_generation(house: House) -> None:
    ada = await house.person()
    board = await house.boards.create(as_(ada), "Bread", "", "public")
    generations = [board.generation]
    for visibility in ("private", "private", "public", "private"):
        board = await house.boards.change(as_(ada), board.id, BoardChange(visibility=visibility))
        generations.append(board.generation)
    assert generations == [1, 2, 2, 2, 3]


async def test_a_request_repeated_makes_one_board(house: House) -> None:
    ada = await house.person()
    once = Once(key=bytes(32), request=bytes(32))
    first = await house.boards.create(as_(ada, once), "Bread", "", "public")
    assert await house.boards.create(as_(ada, once), "Bread", "", "public") == first
    with pytest.raises(Invalid) as caught:
        await house.boards.create(as_(ada, Once(key=bytes(32), request=b"1" * 32)), "Cake", "", "public")
    assert caught.value.field == "Idempotency-Key"
    assert (await house.boards.of_person(as_(ada), ada, None, 10)).items[0].board == first
    assert (await house.types()).count("board_created") == 1


async def test_deleting_and_restoring(house: House) -> None:
    ada = await house.person()
    board = await house.boards.create(as_(ada), "Bread", "", "public")
    await house.hear()
    with pytest.raises(Stale):
        await house.boards.delete(as_(ada), board.id, 2)
    await house.boards.delete(as_(ada), board.id, 1)
    await house.boards.delete(as_(ada), board.id, 1)
    assert await house.boards.access(as_(ada), [board.id]) == [None]
    [kept] = await house.boards.access(system(), [board.id])
    assert kept is not None
    assert kept.board.trashed
    back = await house.boards.restore(as_(ada), board.id)
    assert await house.boards.restore(as_(ada), board.id) == back
    assert (back.trashed, back.deleted_at, back.version, back.generation) == (0, None, 3, 1)
    assert await house.types() == ["board_deleted", "board_restored"]


async def test_the_trash_keeps_a_board_for_thirty_days(house: House) -> None:
    ada = await house.person()
    board = await house.boards.create(as_(ada), "Bread", "", "public")
    await house.boards.delete(as_(ada), board.id)
    house.clock.pass_s(30 * DAY_S - 1)
    assert len((await house.boards.trash(as_(ada), None, 10)).items) == 1
    house.clock.pass_s(1)
    assert (await house.boards.trash(as_(ada), None, 10)).items == []
    with pytest.raises(NotFound):
        await house.boards.restore(as_(ada), board.id)


async def test_scopes(house: House) -> None:
    ada = await house.person()
    board = await house.boards.create(as_(ada), "Bread", "", "public")
    reads, writes = Caller(person=ada, scopes=READ), Caller(person=ada, scopes=WRITE)
    with pytest.raises(Unauthenticated):
        await house.boards.create(NOBODY, "Bread", "", "public")
    for change in (_change, _delete, _restore, _share, _move):
        with pytest.raises(Forbidden):
            await change(house.boards, reads, board.id)
    with pytest.raises(Forbidden):
        await house.boards.access(writes, [board.id])
    assert (await house.boards.change(writes, board.id, BoardChange(name="Loaves"))).name == "Loaves"
    with pytest.raises(Unauthenticated):
        await house.boards.trash(NOBODY, None, 10)


Call = Callable[[Boards, Caller, Id], Awaitable[object]]


async def _pins(boards: Boards, caller: Caller, board: Id) -> object:
    return await boards.board_pins(caller, board, None, 10)


async def _change(boards: Boards, caller: Caller, board: Id) -> object:
    return await boards.change(caller, board, BoardChange(name="Mine"))


async def _delete(boards: Boards, caller: Caller, board: Id) -> object:
    return await boards.delete(caller, board)


async def _restore(boards: Boards, caller: Caller, board: Id) -> object:
    return await boards.restore(caller, board)


async def _shares(boards: Boards, caller: Caller, board: Id) -> object:
    return await boards.shares(caller, board)


async def _share(boards: Boards, caller: Caller, board: Id) -> object:
    return await boards.share(caller, board, board, "viewer")


async def _unshare(boards: Boards, caller: Caller, board: Id) -> object:
    return await boards.unshare(caller, board, board)


async def _leave(boards: Boards, caller: Caller, board: Id) -> object:
    assert caller.person is not None
    return await boards.unshare(caller, board, caller.person)


async def _move(boards: Boards, caller: Caller, board: Id) -> object:
    return await boards.move_pins(caller, [], board, copy=False)


CALLS: list[Call] = [_pins, _change, _delete, _restore, _shares, _share, _unshare, _leave, _move]
OWNERS_ALONE: list[Call] = [_change, _delete, _restore, _shares, _share, _unshare, _move]


@pytest.mark.parametrize("hidden", ["absent", "private", "trashed", "blocks", "blocked"])
async def test_what_one_may_not_see_is_not_there(house: House, hidden: str) -> None:
    ada, ben = await house.person(), await house.person()
    board = (await house.boards.create(as_(ada), "Bread", "", "private" if hidden == "private" else "public")).id
    if hidden == "absent":
        board = house.clock.new_id(BOARD, shard_of(ada))
    if hidden == "trashed":
        await house.boards.delete(as_(ada), board)
    if hidden == "blocks":
        await house.graph.block(as_(ben), ada)
    if hidden == "blocked":
        await house.graph.block(as_(ada), ben)
    await house.hear()
    assert await house.boards.access(as_(ben), [board]) == [None]
    for call in CALLS:
        with pytest.raises(NotFound) as caught:
            await call(house.boards, as_(ben), board)
        assert (caught.value.detail, caught.value.field) == ("there is no such board, or you may not see it", "")
    assert await house.types() == []


@pytest.mark.parametrize("call", OWNERS_ALONE)
async def test_seeing_is_not_changing(house: House, call: Call) -> None:
    ada, ben = await house.person(), await house.person()
    board = await house.boards.create(as_(ada), "Bread", "", "public")
    await house.hear()
    with pytest.raises(Forbidden):
        await call(house.boards, as_(ben), board.id)
    assert await house.types() == []


async def test_nobody_sees_what_is_public(house: House) -> None:
    ada = await house.person()
    public = await house.boards.create(as_(ada), "Bread", "", "public")
    private = await house.boards.create(as_(ada), "Cake", "", "private")
    [seen, hidden] = await house.boards.access(NOBODY, [public.id, private.id])
    assert seen is not None
    assert (seen.rights, hidden) == ("public", None)
    [all_of_it, too] = await house.boards.access(system(), [private.id, public.id])
    assert all_of_it is not None
    assert too is not None


async def test_at_most_500_at_once(house: House) -> None:
    ada = await house.person()
    ids = [house.clock.new_id(BOARD, 1) for _ in range(501)]
    assert await house.boards.access(as_(ada), ids[:500]) == [None] * 500
    with pytest.raises(Invalid):
        await house.boards.access(as_(ada), ids)
    with pytest.raises(Invalid):
        await house.boards.pins(as_(ada), ids)
    assert await house.boards.access(as_(ada), []) == []
    assert await house.boards.pins(as_(ada), []) == []
