"""Several processes of one service: in turn, those that are up, without those that fail, as long as that is bounded."""

import asyncio
import contextlib
from pathlib import Path
from typing import Protocol

import pytest

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.breaker import IN_A_ROW, PAUSE_FIRST_S
from bowerbird.rpc.errors import BreakerOpen, ReplyLost, Unreachable
from bowerbird.rpc.limits import Limits, Stats
from bowerbird.rpc.peer import Nature
from bowerbird.rpc.peers import Peers, peers_at
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import Server, serve
from tests.support.rpc_pair import NO_ERRORS
from tests.support.rpc_stand_in import ANSWER, Clock, StandIn
from tests.support.waiting import until

REPEATABLE = Nature(repeatable=True)


class Set:
    """Some stand-ins as the processes of one service."""

    def __init__(self, count: int) -> None:
        self.clock = Clock()
        self.stand_ins = [StandIn(self.clock) for _ in range(count)]
        self.stats = Stats()
        self.peers = Peers(self.stand_ins, self.stats)

    async def call(self, times: int = 1) -> None:
        for _ in range(times):
            assert await self.peers.call("m", (), 10_000, REPEATABLE) is ANSWER

    async def counts(self, times: int) -> list[int]:
        """Return how often each is called while so many calls are made."""
        before = [len(each.calls) for each in self.stand_ins]
        await self.call(times)
        return [len(each.calls) - count for each, count in zip(self.stand_ins, before, strict=True)]

    async def fail(self, *failing: int) -> None:
        """Let some fail until their breakers are open."""
        for number in failing:
            self.stand_ins[number].errors += [ReplyLost("x")] * IN_A_ROW
        while any(self.stand_ins[number].errors for number in failing):
            with contextlib.suppress(ReplyLost, BreakerOpen):
                await self.call()
            self.clock.now_s += 0.001


async def test_all_that_are_up_have_their_turn() -> None:
    some = Set(3)
    assert await some.counts(30) == [10, 10, 10]
    some.stand_ins[1].up = False
    assert await some.counts(30) == [15, 0, 15]
    some.stand_ins[0].up = some.stand_ins[2].up = False
    assert some.peers.is_up is False
    assert await some.counts(30) == [10, 10, 10]  # nobody is up: whoever comes first


async def test_who_fails_is_left_out_and_taken_back() -> None:
    some = Set(5)
    await some.fail(3)
    assert (await some.counts(40))[3] == 0
    some.clock.now_s += PAUSE_FIRST_S
    assert (await some.counts(40))[3] == 8
    assert some.stats.openings == 1


@pytest.mark.parametrize(("count", "failing"), [(2, 1), (3, 1), (5, 1), (10, 2)])
async def test_up_to_a_fifth_is_left_out_and_one_in_any_case(count: int, failing: int) -> None:
    some = Set(count)
    await some.fail(*range(failing))
    some.stats.refusals = 0
    await some.call(5 * count)
    assert some.stats.refusals == 0


@pytest.mark.parametrize(("count", "failing"), [(3, 2), (5, 2), (10, 3)])
async def test_those_beyond_that_keep_their_turn_and_refuse_it(count: int, failing: int) -> None:
    some = Set(count)
    await some.fail(*range(failing))
    some.stats.refusals = 0
    some.clock.now_s += 0.1
    eligible = count - max(1, count // 5)
    for _ in range(eligible):
        await some.call()
        some.clock.now_s += 0.01
    assert 1 <= some.stats.refusals <= 4


async def test_the_last_one_is_never_left_out() -> None:
    alone = Set(1)
    await alone.fail(0)
    with pytest.raises(BreakerOpen):
        await alone.call()
    left = Set(2)
    await left.fail(1)
    left.stand_ins[0].up = False
    with pytest.raises(BreakerOpen):
        await left.call()


async def test_what_one_did_not_begin_another_does() -> None:
    some = Set(2)
    for each in some.stand_ins:
        each.errors += [Unreachable("x")]
    assert await some.peers.call("m", (), 10_000) is ANSWER
    assert some.stats.retries == 2


def test_a_service_without_an_address_is_none() -> None:
    with pytest.raises(ValueError, match="at least one"):
        peers_at([], Network(), World())


class Names(Protocol):
    async def name(self) -> str: ...


class Named:
    def __init__(self, name: str) -> None:
        self._name = name

    async def name(self) -> str:
        return self._name


async def test_processes_come_and_go_and_no_call_fails(tmp_path: Path) -> None:
    """Each in turn is replaced by another at the same address, in order, while calls go on that nobody may repeat."""
    limits = Limits(connect_timeout_ms=10_000, backoff_first_ms=1, backoff_max_ms=5)
    addresses = [str(tmp_path / name) for name in ("a", "b")]
    peers = peers_at(addresses, Network(), World(), limits=limits)
    running = [await listening(address, f"{address} 0") for address in addresses]
    await peers.start()
    names, heard, over = remote(Names, peers, NO_ERRORS), set[str](), asyncio.Event()

    async def ask() -> None:
        while not over.is_set():
            heard.add(await names.name())

    asking = [asyncio.create_task(ask()) for _ in range(8)]
    for address in addresses:
        await heard_of(heard, f"{address} 0")
    for turn in range(1, 4):
        for place, address in enumerate(addresses):
            await running[place].close()
            running[place] = await listening(address, f"{address} {turn}")
            await heard_of(heard, f"{address} {turn}")
    over.set()
    await asyncio.gather(*asking)
    await peers.close()
    for server in running:
        await server.close()
    assert len(heard) == 8
    assert peers.stats.openings == 0


async def listening(address: str, name: str) -> Server:
    server = Server(serve(Names, Named(name)), Network(), World(), NO_ERRORS)
    await server.listen(address)
    return server


async def heard_of(heard: set[str], name: str) -> None:
    await until(lambda: name in heard)
