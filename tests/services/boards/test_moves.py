"""Moving and copying pins, on one shard and between two."""

from random import Random

import pytest

from bowerbird.base.ids import Id, shard_of
from bowerbird.contracts.boards import Board, Moved, NewPin, Pin, PinChange
from bowerbird.contracts.caller import Once
from bowerbird.contracts.kinds import PIN
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound
from tests.support.boards_house import House, as_


async def _photo(house: House, person: Id, board: Board, seed: int = 0) -> Pin:
    new = NewPin(upload=await house.photo(person, seed), title="Loaf", note="n", alt="a")
    return (await house.boards.save_pin(as_(person), board.id, new)).pin


async def _move(house: House, person: Id, pins: list[Id], board: Board, *, copy: bool = False) -> list[Moved]:
    return await house.boards.move_pins(as_(person), pins, board.id, copy=copy)


async def _on(house: House, board: Board) -> list[Pin]:
    found = (await house.boards.board_pins(as_(board.owner), board.id, None, 100)).items
    [access] = await house.boards.access(as_(board.owner), [board.id])
    assert access is not None
    assert access.board.pins == len(found)
    return found


async def _two(house: House) -> tuple[Id, Id]:
    """Return two people on different shards."""
    ada, ben = await house.person(), await house.person()
    while shard_of(ben) == shard_of(ada):
        ben = await house.person()
    return ada, ben


async def test_moving_on_one_shard(house: House) -> None:
    ada = await house.person()
    source, target = await house.board(ada, "private"), await house.board(ada, "private")
    pins = [await _photo(house, ada, source, number) for number in range(3)]
    stays = await house.link(ada, target)
    await house.hear()
    ids = [pin.id for pin in pins]
    assert await _move(house, ada, ids, target) == [Moved(pin, pin, "") for pin in ids]
    now = await _on(house, target)
    assert [pin.id for pin in now] == [*ids, stays.id]
    assert [(pin.published_at, pin.saved_by, pin.version) for pin in now[:3]] == [
        (pin.published_at, ada, 2) for pin in pins
    ]
    assert {pin.last_board for pin in now[:3]} == {source.id}
    assert await _on(house, source) == []
    assert await house.types() == ["pin_changed"] * 3
    assert await _move(house, ada, ids, target) == [Moved(pin, pin, "") for pin in ids]
    assert await house.types() == []


async def test_moving_to_another_shard(house: House) -> None:
    ada, ben = await _two(house)
    source, target = await house.board(ada, "private"), await house.board(ben, "private")
    await house.boards.share(as_(ben), target.id, ada, "editor")
    old = await _photo(house, ada, source)
    await house.hear()
    [moved] = await _move(house, ada, [old.id], target)
    assert moved.now is not None
    assert (moved.pin, moved.problem) == (old.id, "")
    assert shard_of(moved.now) == shard_of(ben)
    [now] = await _on(house, target)
    assert (now.id, now.owner, now.saved_by, now.moved_from) == (moved.now, ben, ada, old.id)
    assert (now.title, now.note, now.alt, now.published_at) == ("Loaf", "n", "a", old.published_at)
    assert now.media is not None
    assert await house.owner_of(now.media) == ben
    assert await _on(house, source) == []
    assert (await house.boards.pin(as_(ada), old.id)).pin == now
    assert await house.boards.pins(as_(ada), [old.id, now.id]) == [None, await house.boards.pin(as_(ada), now.id)]
    events = await house.said()
    types = [event.envelope.type for event in events]
    assert types == ["pin_moving", "pin_changed", "pin_deleted", "pin_saved", "pin_published"]
    assert events[3].body == now
    forward = events[2].body
    assert (forward.id, forward.trashed, forward.moved_to, forward.deleted_at) == (old.id, 1, now.id, None)
    assert (forward.media, forward.title, forward.note, forward.picture_name) == (None, "", "", "")


async def test_an_old_address_forwards_only_for_those_who_may_see(house: House) -> None:
    ada, ben = await _two(house)
    cid = await house.person()
    source, target = await house.board(ada), await house.board(ben, "private")
    await house.boards.share(as_(ben), target.id, ada, "editor")
    old = await house.link(ada, source)
    await _move(house, ada, [old.id], target)
    with pytest.raises(NotFound):
        await house.boards.pin(as_(cid), old.id)
    assert (await house.boards.change_pin(as_(ben), old.id, PinChange(title="T"))).pin.title == "T"
    with pytest.raises(NotFound):
        await house.boards.of_address(old.id, 1, "", None)


async def test_there_and_back_again(house: House) -> None:
    ada, ben = await _two(house)
    ours, theirs = await house.board(ada, "private"), await house.board(ben, "private")
    await house.boards.share(as_(ben), theirs.id, ada, "editor")
    old = await house.link(ada, ours)
    at = old.id
    for number in range(7):
        [moved] = await _move(house, ada, [at], (theirs, ours)[number % 2])
        assert moved.now is not None
        assert moved.now != at
        at = moved.now
    assert (await house.boards.pin(as_(ada), old.id)).pin.id == at
    assert [pin.id for pin in await _on(house, theirs)] == [at]
    assert await _on(house, ours) == []
    assert (await house.boards.trash(as_(ada), None, 100)).items == []
    assert (await house.boards.trash(as_(ben), None, 100)).items == []


async def test_a_move_repeated_moves_once(house: House) -> None:
    ada, ben = await _two(house)
    source, target = await house.board(ada, "private"), await house.board(ben, "private")
    await house.boards.share(as_(ben), target.id, ada, "editor")
    old = await _photo(house, ada, source)
    first = await _move(house, ada, [old.id], target)
    assert await _move(house, ada, [old.id, old.id], target) == first * 2
    assert len(await _on(house, target)) == 1


async def test_each_pin_moves_or_stays_by_itself(house: House) -> None:
    ada, ben = await _two(house)
    mine, theirs, public = await house.board(ada, "private"), await house.board(ben, "private"), await house.board(ben)
    target = await house.board(ada, "private")
    moves, twin = await house.link(ada, mine, 1), await house.link(ada, mine, 2)
    present = await house.link(ada, target, 2)
    hidden, seen = await house.link(ben, theirs, 3), await house.link(ben, public, 4)
    trashed = await house.link(ada, mine, 5)
    await house.boards.delete_pin(as_(ada), trashed.id)
    absent = house.clock.new_id(PIN, 5)
    ids = [twin.id, hidden.id, moves.id, seen.id, trashed.id, absent]
    assert await _move(house, ada, ids, target) == [
        Moved(twin.id, None, "exists"),
        Moved(hidden.id, None, "not-found"),
        Moved(moves.id, moves.id, ""),
        Moved(seen.id, None, "forbidden"),
        Moved(trashed.id, None, "not-found"),
        Moved(absent, None, "not-found"),
    ]
    assert {pin.id for pin in await _on(house, target)} == {present.id, moves.id}
    assert {pin.id for pin in await _on(house, mine)} == {twin.id}


async def test_copying(house: House) -> None:
    ada, ben = await _two(house)
    source, target = await house.board(ben), await house.board(ada, "private")
    photo, link = await _photo(house, ben, source), await house.link(ben, source)
    results = await _move(house, ada, [photo.id, link.id], target, copy=True)
    assert [one.problem for one in results] == ["", ""]
    first, second = await _on(house, target)
    assert [first.id, second.id] == [one.now for one in results]
    assert (first.title, first.owner, first.saved_by, second.url) == ("Loaf", ada, ada, link.url)
    assert first.media is not None
    assert await house.owner_of(first.media) == ada
    assert first.published_at is not None
    assert photo.published_at is not None
    assert first.published_at > photo.published_at
    assert second.details == "pending"
    assert len(await _on(house, source)) == 2
    assert [one.problem for one in await _move(house, ada, [link.id], target, copy=True)] == ["exists"]


async def test_copying_repeated_copies_once(house: House) -> None:
    ada = await house.person()
    source, target = await house.board(ada, "private"), await house.board(ada, "private")
    ids = [(await _photo(house, ada, source, number)).id for number in range(3)]
    caller = as_(ada, Once(key=b"k" * 32, request=b"r" * 32))
    first = await house.boards.move_pins(caller, ids, target.id, copy=True)
    await house.boards.delete_pin(as_(ada), ids[0])
    assert await house.boards.move_pins(caller, ids, target.id, copy=True) == first
    assert len(await _on(house, target)) == 3


async def test_a_hundred_pins_keep_their_order(house: House) -> None:
    ada = await house.person()
    source, target = await house.board(ada, "private"), await house.board(ada, "private")
    ids = [(await house.link(ada, source, number)).id for number in range(100)]
    Random(1).shuffle(ids)
    results = await _move(house, ada, ids, target)
    assert [one.now for one in results] == ids
    assert [pin.id for pin in await _on(house, target)] == ids
    with pytest.raises(Invalid):
        await _move(house, ada, [*ids, ids[0]], target)


async def test_where_one_may_not_save_nothing_moves(house: House) -> None:
    ada, ben = await _two(house)
    mine, hidden, public = await house.board(ada, "private"), await house.board(ben, "private"), await house.board(ben)
    pin = await house.link(ada, mine)
    with pytest.raises(NotFound):
        await _move(house, ada, [pin.id], hidden)
    with pytest.raises(Forbidden):
        await _move(house, ada, [pin.id], public, copy=True)
    assert [one.id for one in await _on(house, mine)] == [pin.id]


async def test_a_repeated_save_answers_with_the_pin_where_it_is_now(house: House) -> None:
    ada, ben = await _two(house)
    source, target = await house.board(ada, "private"), await house.board(ben, "private")
    await house.boards.share(as_(ben), target.id, ada, "editor")
    once, new = Once(key=bytes(32), request=bytes(32)), NewPin(url="https://example.org/oak", note="mine")
    saved = await house.boards.save_pin(as_(ada, once), source.id, new)
    [moved] = await _move(house, ada, [saved.pin.id], target)
    again = await house.boards.save_pin(as_(ada, once), source.id, new)
    assert (again.pin.id, again.pin.board, again.pin.note) == (moved.now, target.id, "mine")
