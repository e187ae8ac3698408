"""Facts on lease, under a clock of the test's own: what was hidden is seen by no read that begins afterwards."""

import asyncio
from collections.abc import Coroutine, Sequence
from random import Random
from typing import Any, Protocol

import pytest
from typing_extensions import override

from bowerbird.base.calls import always, leased, outlasts_leases
from bowerbird.contracts.caller import Caller
from bowerbird.rpc.leased import DRIFT, Leases, on_lease, outlasting
from tests.support.jumping_time import Time

LEASE_MS = 1000
ROOM = 1 << 20
READS = 60


def _is_real(_caller: Caller, door: int) -> bool:
    return door > 0


class Doors(Protocol):
    """Doors that are open or shut, each with a number; `ajar` asks after one."""

    @leased(lambda open_: open_, each="doors")
    async def open(self, caller: Caller, doors: Sequence[int]) -> list[bool]: ...

    @leased(always)
    async def ajar(self, door: int) -> str: ...

    @outlasts_leases(_is_real)
    async def shut(self, caller: Caller, door: int) -> None: ...

    async def unlock(self, door: int) -> None: ...


class House(Doors):
    """The service: reading and shutting take time on the way there, at the rows, and on the way back."""

    def __init__(self, time: Time, dice: Random) -> None:
        self.shut_doors: set[int] = set()
        self.asked: list[Sequence[int]] = []
        self._time = time
        self._dice = dice

    async def _way(self) -> None:
        await self._time.sleep(self._dice.uniform(0, 0.4))

    @override
    async def open(self, caller: Caller, doors: Sequence[int]) -> list[bool]:
        self.asked.append(doors)
        await self._way()
        found = [door not in self.shut_doors for door in doors]
        await self._way()
        return found

    @override
    async def ajar(self, door: int) -> str:
        self.asked.append([door])
        if door in self.shut_doors:
            raise LookupError
        return f"door {door}"

    @override
    async def shut(self, caller: Caller, door: int) -> None:
        await self._way()
        self.shut_doors.add(door)

    @override
    async def unlock(self, door: int) -> None:
        self.shut_doors.discard(door)


@pytest.mark.parametrize("seed", range(40))
async def test_what_was_hidden_is_seen_by_no_read_that_begins_after_its_acknowledgement(seed: int) -> None:
    dice = Random(seed)
    time = Time()
    house = House(time, dice)
    service = outlasting(Doors, house, LEASE_MS, time)
    edges = [on_lease(Doors, service, Leases(LEASE_MS, ROOM, time)) for _ in range(3)]
    hidden: dict[int, float] = {}

    async def reader(edge: Doors) -> None:
        for _ in range(READS):
            await time.sleep(dice.uniform(0, 0.3))
            began_s, wanted = time.s, dice.sample(range(1, 9), 3)
            found = await edge.open(Caller(trace=str(began_s)), wanted)
            for door, open_ in zip(wanted, found, strict=True):
                assert not (open_ and began_s >= hidden.get(door, began_s + 1))

    async def hider() -> None:
        for door in dice.sample(range(1, 9), 6):
            await time.sleep(dice.uniform(0, 1.5))
            await service.shut(Caller(), door)
            hidden[door] = time.s

    await time.run(gathered(hider(), *map(reader, edges)))
    assert sum(map(len, house.asked)) < 0.9 * len(edges) * READS * 3


async def gathered(*work: Coroutine[Any, Any, Any]) -> None:
    await asyncio.gather(*work)


@pytest.fixture
def time() -> Time:
    return Time()


async def test_only_what_shows_something_is_kept_and_of_many_those_alone_are_asked_that_are_not(time: Time) -> None:
    house = House(time, Random(1))
    leases = Leases(LEASE_MS, ROOM, time)
    edge = on_lease(Doors, house, leases)
    house.shut_doors = {2}
    one, other = Caller(trace="a"), Caller(trace="b", deadline_us=5)
    assert await time.run(edge.open(one, [1, 2])) == [True, False]
    house.shut_doors = set()
    assert await time.run(edge.open(other, [1, 2, 1])) == [True, True, True]
    assert house.asked == [[1, 2], [2]]
    await time.run(edge.open(Caller(scopes=1), [1]))
    assert house.asked[2:] == [[1]]
    house.shut_doors = {3}
    with pytest.raises(LookupError):
        await edge.ajar(3)
    house.shut_doors = set()
    assert [await edge.ajar(3), await edge.ajar(3)] == ["door 3"] * 2
    assert house.asked[3:] == [[3], [3]]


async def test_a_lease_counts_from_when_it_was_asked_for_and_then_is_over(time: Time) -> None:
    house = House(time, Random(1))
    edge = on_lease(Doors, house, Leases(LEASE_MS, ROOM, time))
    await edge.ajar(1)
    time.s = 0.999
    await edge.ajar(1)
    assert len(house.asked) == 1
    time.s = 1.0
    await edge.ajar(1)
    assert len(house.asked) == 2


async def test_an_acknowledgement_waits_only_where_something_may_have_been_hidden(time: Time) -> None:
    service = outlasting(Doors, House(time, Random(1)), LEASE_MS, time)
    await time.run(service.shut(Caller(), -1))
    assert time.s < 1
    await service.unlock(1)
    began_s = time.s
    await time.run(service.shut(Caller(), 1))
    assert time.s - began_s >= DRIFT * LEASE_MS / 1000
    at_once = outlasting(Doors, House(time, Random(1)), 0, time)
    began_s = time.s
    await time.run(at_once.shut(Caller(), 1))
    assert time.s - began_s < 1


async def test_what_is_kept_takes_no_more_than_its_room(time: Time) -> None:
    leases = Leases(LEASE_MS, 2000, time)
    edge = on_lease(Doors, House(time, Random(1)), leases)
    for door in range(100):
        await edge.ajar(door)
        assert leases.bytes <= 2000
    assert leases.bytes > 1000
