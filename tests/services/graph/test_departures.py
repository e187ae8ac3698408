"""What is under way when an account is deleted leaves nothing behind either."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.problems import NotFound
from bowerbird.services.graph.store import TOTALS
from tests.support.graph_house import GraphHouse, by

FOLLOWING = "block+follow+follow_total+follow_total"
BLOCKING = "block+follow"


async def _gone(house: GraphHouse, person: Id) -> Callable[[], Awaitable[None]]:
    async def leave() -> None:
        await house.leave(person)
        await _sweep(house)

    return leave


async def _sweep(house: GraphHouse) -> None:
    await house.settle()
    for sweep in house.consumer.sweeps().values():
        while await sweep():
            pass


async def _later(house: GraphHouse) -> None:
    for _ in range(2):
        house.house.clock.pass_s(600)
        await _sweep(house)


@pytest.mark.parametrize("who", [0, 1])
async def test_a_follow_while_either_leaves(house: GraphHouse, who: int) -> None:
    people = ada, eve = await house.join("ada", "eve")
    house.house.records.before[FOLLOWING] = await _gone(house, people[who])
    await house.graph.follow(by(ada), eve)
    await _later(house)
    assert await house.store.rows_of(ada, 10) == ([], [])
    assert await house.store.totals([ada, eve]) == [0, 0]
    assert await house.house.records.get(TOTALS, [(people[who],)]) == [None]
    assert await house.maps.members("followers", eve, None, 10) == []


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("side", [0, 1])
async def test_a_block_while_either_leaves(house: GraphHouse, who: int, side: int) -> None:
    people = ada, eve = await house.join("ada", "eve")
    leave = await _gone(house, people[who])

    async def second() -> None:
        house.house.records.before[BLOCKING] = leave

    house.house.records.before[BLOCKING] = second if side else leave
    with suppress(NotFound):
        await house.graph.block(by(ada), eve)
    await _later(house)
    assert await house.store.rows_of(ada, 10) == ([], [])
    assert await house.store.rows_of(eve, 10) == ([], [])
