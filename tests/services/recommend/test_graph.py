"""What the graph holds after everything that may happen to a board or a pin: only what everybody may see."""

from collections.abc import Awaitable, Callable

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import NewPin
from bowerbird.contracts.events import CHANGES
from tests.services.recommend.circle import DOGS, Circle
from tests.support.house import PASSWORD, by
from tests.support.placement import APART, TOGETHER

Deed = Callable[[Circle, Id, Id, Id], Awaitable[object]]


async def boards_of(circle: Circle, picture: str) -> set[Id]:
    """Return on which boards the graph holds a picture."""
    await circle.settle()
    thing = await circle.thing_of(picture)
    return {board for held, board in circle.edges() if held == thing}


async def test_a_thing_leaves_a_board_with_its_last_pin_there(circle: Circle) -> None:
    [ann] = await circle.people(1)
    board = await circle.board(ann)
    first, second = await circle.photos(ann, board, "dog/1", "dog/1")
    assert await boards_of(circle, "dog/1") == {board}
    await circle.boards.delete_pin(by(ann), first)
    assert await boards_of(circle, "dog/1") == {board}
    await circle.boards.delete_pin(by(ann), second)
    assert await boards_of(circle, "dog/1") == set()
    assert circle.topics() == {}
    await circle.boards.restore_pin(by(ann), first)
    assert await boards_of(circle, "dog/1") == {board}
    assert circle.topics() == {await circle.thing_of("dog/1"): DOGS}


async def test_both_of_two_pins_that_go_together_take_their_thing_along(circle: Circle) -> None:
    [ann] = await circle.people(1)
    board = await circle.board(ann)
    pins = await circle.photos(ann, board, "loaf", "loaf")
    assert await boards_of(circle, "loaf") == {board}
    for pin in pins:
        await circle.boards.delete_pin(by(ann), pin)
    assert await boards_of(circle, "loaf") == set()


async def test_the_day_of_a_thing_is_that_of_its_newest_pin_there(circle: Circle) -> None:
    [ann] = await circle.people(1)
    board, place = await circle.board(ann), await circle.thing_of("loaf")
    await circle.photo(ann, board, "loaf")
    await circle.settle()
    [old] = circle.edges().values()
    circle.house.world.pass_s(5 * 86_400)
    newer = await circle.photo(ann, board, "loaf")
    await circle.settle()
    assert circle.edges() == {(place, board): old + 5}
    await circle.boards.delete_pin(by(ann), newer)
    await circle.settle()
    assert circle.edges() == {(place, board): old}


async def test_a_board_is_there_while_everybody_may_see_it(circle: Circle) -> None:
    [ann] = await circle.people(1)
    board = await circle.board(ann, "private")
    await circle.photo(ann, board, "dog/1")
    assert await boards_of(circle, "dog/1") == set()
    assert circle.topics() == {}
    for _ in range(2):
        await circle.show(ann, board, "public")
        assert await boards_of(circle, "dog/1") == {board}
        assert set(circle.topics().values()) == {DOGS}
        await circle.show(ann, board, "private")
        assert await boards_of(circle, "dog/1") == set()
        assert circle.topics() == {}


async def test_a_shared_board_is_there_if_everybody_may_see_it_and_not_else(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    board = await circle.board(ann, "private")
    await circle.boards.share(by(ann), board, bob, "editor")
    pin = await circle.photo(bob, board, "loaf")
    assert await boards_of(circle, "loaf") == set()
    public = await circle.board(bob)
    copied = await circle.move(bob, pin, public, copy=True)
    assert await boards_of(circle, "loaf") == {public}
    await circle.move(bob, copied, board)
    assert await boards_of(circle, "loaf") == set()


async def trash_and_take_back(circle: Circle, ann: Id, board: Id, _pin: Id) -> None:
    await circle.boards.delete(by(ann), board)
    assert await boards_of(circle, "loaf") == set()
    await circle.boards.restore(by(ann), board)
    assert await boards_of(circle, "loaf") == {board}
    await circle.boards.delete(by(ann), board)


async def purge_pin(circle: Circle, ann: Id, _board: Id, pin: Id) -> None:
    await circle.boards.delete_pin(by(ann), pin)
    circle.house.world.pass_s(40 * 86_400)


async def purge_board(circle: Circle, ann: Id, board: Id, _pin: Id) -> None:
    await circle.boards.delete(by(ann), board)
    circle.house.world.pass_s(40 * 86_400)


async def move_away(circle: Circle, ann: Id, _board: Id, pin: Id) -> None:
    await circle.move(ann, pin, await circle.board(ann, "private"))


async def privatise_and_erase(circle: Circle, ann: Id, board: Id, _pin: Id) -> None:
    await circle.show(ann, board, "private")
    await circle.house.services.identity.delete_account(by(ann), PASSWORD)


async def erase(circle: Circle, ann: Id, _board: Id, _pin: Id) -> None:
    await circle.house.services.identity.delete_account(by(ann), PASSWORD)


@pytest.mark.parametrize("deed", [trash_and_take_back, purge_pin, purge_board, move_away, privatise_and_erase, erase])
async def test_nothing_is_left_of_what_is_gone(circle: Circle, deed: Deed) -> None:
    [ann] = await circle.people(1)
    board = await circle.board(ann)
    pin = await circle.photo(ann, board, "loaf")
    assert await boards_of(circle, "loaf") == {board}
    await deed(circle, ann, board, pin)
    assert await boards_of(circle, "loaf") == set()
    assert circle.edges() == {}


async def test_what_others_keep_of_somebody_who_is_gone_stays_and_nobody_saved_it(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    board = await circle.board(bob)
    await circle.boards.share(by(bob), board, ann, "editor")
    pin = await circle.photo(ann, board, "loaf")
    await circle.see(ann, pin, 3)
    await circle.settle()
    await circle.house.services.identity.delete_account(by(ann), PASSWORD)
    assert await boards_of(circle, "loaf") == {board}
    tastes, thing = circle.house.engines.tastes, await circle.thing_of("loaf")
    [save] = await tastes.saves([pin])
    assert save is not None
    assert save.person is None
    assert await tastes.of_person(ann, None, 10) == []
    assert await tastes.shown(ann, [thing]) == [0]


async def test_the_same_link_is_one_thing_wherever_it_is_saved(circle: Circle) -> None:
    ann, bob = await circle.people(2)
    first, second = await circle.board(ann), await circle.board(bob)
    pins = [await circle.link(ann, first, "bread"), await circle.link(bob, second, "bread")]
    await circle.settle()
    [thing] = await circle.things(*pins)
    assert set(circle.edges()) == {(thing, first), (thing, second)}


async def test_a_link_without_a_picture_goes_and_comes_with_its_board(circle: Circle) -> None:
    """Nobody sees it anew, so that no event tells of the pin itself."""
    [ann] = await circle.people(1)
    board = await circle.board(ann)
    pin = (await circle.boards.save_pin(by(ann), board, NewPin(url="https://example.org/away"))).pin.id
    await circle.settle()
    thing, tastes = await circle.thing(pin), circle.house.engines.tastes
    there = (await tastes.saves([pin]), circle.edges())
    assert set(there[1]) == {(thing, board)}
    await circle.show(ann, board, "private")
    await circle.settle()
    assert (await tastes.holding([thing], 5), circle.edges()) == ([[]], {})
    await circle.show(ann, board, "public")
    await circle.settle()
    assert (await tastes.saves([pin]), circle.edges()) == there
    await circle.boards.delete(by(ann), board)
    await circle.settle()
    assert (await tastes.saves([pin]), circle.edges()) == ([None], {})
    await circle.boards.restore(by(ann), board)
    await circle.settle()
    assert (await tastes.saves([pin]), circle.edges()) == there


@pytest.mark.placements(TOGETHER, APART)  # a call that is made twice is heard twice
async def test_one_pin_in_no_order_keeps_no_other_from_being_taken_in(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ann] = await circle.people(1)
    board = await circle.board(ann)
    bad = await circle.photo(ann, board, "loaf")
    await circle.photo(ann, board, "oven")
    tastes = circle.house.engines.tastes
    saves = tastes.saves

    async def failing(pins: list[Id]) -> object:
        if bad in pins:
            raise ValueError("no order")
        return await saves(pins)

    monkeypatch.setattr(tastes, "saves", failing)
    assert await boards_of(circle, "oven") == {board}
    assert await boards_of(circle, "loaf") == set()


async def test_where_the_log_is_in_both_is_where_it_is_in_the_older(circle: Circle) -> None:
    [ann] = await circle.people(1)
    await circle.photo(ann, await circle.board(ann), "loaf")
    await circle.settle()
    [group] = [group for group in circle.house.wired.groups if group.name == "recommend"]
    assert group.applied is not None
    [last] = await circle.house.engines.log.end(CHANGES)
    assert await group.applied() == [last]
    walks, tastes = circle.house.engines.walks, circle.house.engines.tastes
    ahead = type(last)(last.partition, last.number + 3)
    await walks.change([], [ahead])
    assert await group.applied() == [last]
    await tastes.put([], [], [type(last)(last.partition, last.number + 7)])
    assert await group.applied() == [ahead]
    await walks.clear()
    assert await group.applied() == []
