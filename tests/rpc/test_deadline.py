"""Deadlines that travel: what is called on behalf of a call has no longer than that call has left."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

from bowerbird.base.deadline import Deadline, left_ms
from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import DeadlinePassed
from bowerbird.rpc.limits import Limits
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import Server, serve
from tests.support.rpc_pair import NO_ERRORS, Pair, connected
from tests.support.rpc_stand_in import Clock
from tests.support.set_clock import Ahead

MOST_MS = 600_000


def test_without_a_deadline_there_is_all_the_time() -> None:
    assert left_ms(World(), 77) == 77


def test_what_is_left() -> None:
    clock = Clock()
    with Deadline(clock.now_s + 2):
        assert left_ms(clock, MOST_MS) == 2000
        assert left_ms(clock, 500) == 500
        clock.now_s += 1.5
        assert left_ms(clock, MOST_MS) == 500
        clock.now_s += 1
        assert left_ms(clock, MOST_MS) == 0
    assert left_ms(clock, MOST_MS) == MOST_MS


def test_the_nearer_end_of_two_counts() -> None:
    clock = Clock()
    with Deadline(clock.now_s + 2):
        with Deadline(clock.now_s + 5):
            assert left_ms(clock, MOST_MS) == 2000
        with Deadline(clock.now_s + 1):
            assert left_ms(clock, MOST_MS) == 1000
        assert left_ms(clock, MOST_MS) == 2000


async def test_what_outlives_a_request_is_not_bound_by_it() -> None:
    clock, over = Clock(), asyncio.Event()

    async def stay() -> tuple[int, int]:
        before = left_ms(clock, MOST_MS)
        await over.wait()
        clock.now_s += 100
        return before, left_ms(clock, MOST_MS)

    with Deadline(clock.now_s + 1):
        task = asyncio.create_task(stay())
        await asyncio.sleep(0)
    over.set()
    assert await task == (1000, MOST_MS)


class Behind(Protocol):
    async def left(self) -> int: ...


class Front(Protocol):
    async def asks(self, caller: Caller, pause_ms: int) -> int: ...


class Last:
    """Says how much time its own calls would have."""

    async def left(self) -> int:
        return left_ms(World(), MOST_MS)


class Middle:
    """Asks the last, after a pause."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind

    async def asks(self, caller: Caller, pause_ms: int) -> int:
        assert caller is not None
        await asyncio.sleep(pause_ms / 1000)
        return await self._behind.left()


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """Return the way to the middle, which has one of its own to the last."""
    limits = Limits(timeout_ms=MOST_MS)
    folders = [tmp_path / "last", tmp_path / "middle"]
    for folder in folders:
        folder.mkdir()
    async with connected(folders[0], serve(Behind, Last()), client_limits=limits) as last:
        middle = Middle(remote(Behind, last.client, NO_ERRORS))
        async with connected(folders[1], serve(Front, middle), client_limits=limits) as made:
            yield made


def front(client: Client) -> Front:
    return remote(Front, client, NO_ERRORS)


async def test_two_calls_on_there_is_less_time_than_the_first_was_given(pair: Pair) -> None:
    deadline_us = World().now_us() + 60_000_000
    assert 30_000 < await front(pair.client).asks(Caller(deadline_us=deadline_us), 0) <= 60_000
    assert 30_000 < await front(pair.client).asks(Caller(deadline_us=deadline_us), 50) <= 59_950
    assert 300_000 < await front(pair.client).asks(Caller(), 0) <= MOST_MS
    with Deadline(World().monotonic_s() + 60):
        assert 30_000 < await front(pair.client).asks(Caller(), 0) <= 60_000


async def test_what_was_waited_for_a_connection_is_spent(tmp_path: Path) -> None:
    world, address = Ahead(), str(tmp_path / "s")
    client = Client(address, Network(), world, Limits(timeout_ms=60_000))
    server = Server(serve(Behind, Last()), Network(), World(), NO_ERRORS)
    asking = asyncio.create_task(remote(Behind, client, NO_ERRORS).left())
    try:
        await client.start()
        await asyncio.sleep(0)
        world.ahead_s = 40
        await server.listen(address)
        assert await asking <= 20_000
    finally:
        await client.close()
        await server.close(drain_ms=0)


async def test_a_time_that_is_over_is_not_spent(pair: Pair) -> None:
    with Deadline(World().monotonic_s()), pytest.raises(DeadlinePassed):
        await front(pair.client).asks(Caller(), 0)
    assert pair.server.stats.calls == 0
