"""The bad network for tests: it does what it says, a caller notices nothing, and a seed says what happens."""

from collections import Counter
from pathlib import Path
from typing import Protocol

import pytest

from bowerbird.base.calls import idempotent, keyed
from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller, Once
from bowerbird.rpc.chaos import Chaotic
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import ReplyLost, RpcError, Stopping
from bowerbird.rpc.limits import Stats
from bowerbird.rpc.peer import Nature
from bowerbird.rpc.peers import Peers
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import Server, serve
from tests.support.rpc_pair import NO_ERRORS
from tests.support.rpc_stand_in import Clock, StandIn

REPEATABLE = Nature(repeatable=True)
CALLS = 2000


class Book(Protocol):
    @idempotent
    async def read(self, caller: Caller, number: int) -> int: ...

    async def add(self, caller: Caller, number: int) -> int: ...

    @keyed
    async def put(self, caller: Caller, number: int) -> int: ...


class Counted:
    """Counts how often each was carried out."""

    def __init__(self) -> None:
        self.read_times = Counter[int]()
        self.added = Counter[int]()
        self.put_times = Counter[int]()

    async def read(self, _caller: Caller, number: int) -> int:
        self.read_times[number] += 1
        return number

    async def add(self, _caller: Caller, number: int) -> int:
        self.added[number] += 1
        return number

    async def put(self, _caller: Caller, number: int) -> int:
        self.put_times[number] += 1
        return number


async def test_a_caller_notices_nothing_and_nothing_is_done_twice_that_must_not_be(tmp_path: Path) -> None:
    counted, stats, address = Counted(), Stats(), str(tmp_path / "s")
    server = Server(serve(Book, counted), Network(), World(), NO_ERRORS)
    await server.listen(address)
    peers = Peers([Chaotic(Client(address, Network(), Clock(), stats=stats), seed=1)], stats)
    await peers.start()
    book = remote(Book, peers, NO_ERRORS)
    for number in range(CALLS):
        assert await book.read(Caller(), number) == number
        assert await book.add(Caller(), number) == number
        assert await book.put(Caller(), number) == number
        assert await book.put(Caller(once=Once(b"k", b"r")), CALLS + number) == CALLS + number
    assert set(counted.added.values()) == {1}
    assert {counted.put_times[number] for number in range(CALLS)} == {1}
    assert set(counted.read_times.values()) >= {1, 2, 3}
    assert {counted.put_times[CALLS + number] for number in range(CALLS)} >= {1, 2, 3}
    assert stats.retries > CALLS / 10
    assert (stats.openings, stats.refusals) == (0, 0)
    await peers.close()
    await server.close()


async def outcomes(seed: int, nature: Nature) -> tuple[list[type], StandIn]:
    """Return what becomes of many calls, nobody trying again."""
    peer = StandIn(Clock())
    chaotic, found = Chaotic(peer, seed), list[type]()
    for number in range(CALLS):
        try:
            await chaotic.call("m", (number,), 1000, nature)
            found.append(type(None))
        except RpcError as error:
            found.append(type(error))
    return found, peer


async def test_each_trouble_happens_and_a_seed_says_when() -> None:
    found, peer = await outcomes(5, REPEATABLE)
    counts = Counter(found)
    assert counts[Stopping] > CALLS / 50 < counts[ReplyLost]
    assert len(peer.calls) > CALLS - counts[Stopping] + CALLS / 50
    assert len(peer.clock.slept_s) > CALLS / 50
    assert (await outcomes(5, REPEATABLE))[0] == found != (await outcomes(6, REPEATABLE))[0]


async def test_what_must_not_be_repeated_is_lost_only_before_it_is_sent() -> None:
    found, peer = await outcomes(5, Nature())
    assert set(found) == {type(None), Stopping}
    assert len(peer.calls) == found.count(type(None))
    assert len({arguments for _, arguments, _ in peer.calls}) == len(peer.calls)


@pytest.mark.parametrize("share", [0.5, 1.0])
async def test_what_was_lost_is_not_lost_again(share: float) -> None:
    peer = StandIn(Clock())
    chaotic = Chaotic(peer, 3, share)
    for number in range(100):
        arguments = (number,)
        try:
            await chaotic.call("m", arguments, 1000, REPEATABLE)
        except RpcError:
            await chaotic.call("m", arguments, 1000, REPEATABLE)
