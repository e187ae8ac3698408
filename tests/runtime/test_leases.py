"""Work that one process does at a time, under a clock of the test's own: never two, and never none for long."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from typing_extensions import override

from bowerbird.adapters.memory.leases import MemoryLeases
from bowerbird.ports.leases import Lease, Leases
from bowerbird.ports.records import EngineUnavailable
from bowerbird.runtime.leases import ASK_S, RENEW_S, TTL_MS, Held
from tests.support.jumping_time import Time

TTL_S = TTL_MS / 1000


class Way(Leases):
    """A process's way to the engine, which can be cut."""

    def __init__(self, engine: Leases) -> None:
        self.engine = engine
        self.cut = False

    @override
    async def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        if self.cut:
            raise EngineUnavailable("cut")
        return await self.engine.acquire(name, holder, ttl_ms)

    @override
    async def release(self, lease: Lease) -> None:
        if self.cut:
            raise EngineUnavailable("cut")
        await self.engine.release(lease)


class Process:
    """Somebody who would do the work."""

    def __init__(self, holder: str, engine: Leases, time: Time) -> None:
        self.way = Way(engine)
        self.works = False
        self.failure: Exception | None = None
        self._held = Held(self.way, "work", holder, time)
        self.task: asyncio.Task[None] | None = None

    async def work(self) -> None:
        self.works = True
        try:
            await asyncio.Event().wait()
        finally:
            self.works = False

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        self.task = asyncio.create_task(self._held.run(self.work))
        try:
            yield
        finally:
            self.task.cancel()
            await asyncio.wait({self.task})


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def engine(time: Time) -> MemoryLeases:
    return MemoryLeases(time)


async def test_one_works_until_it_ends_and_then_the_other_soon(time: Time, engine: MemoryLeases) -> None:
    one, other = Process("one", engine, time), Process("other", engine, time)
    async with other.running():
        async with one.running():
            for _ in range(50):
                await time.pass_s(0.3)
                assert one.works + other.works == 1
            assert other.works
        await time.pass_s(ASK_S)
        assert other.works
    async with one.running():
        await time.pass_s(ASK_S)
        assert one.works


async def test_who_cannot_reach_the_engine_ends_before_another_begins(time: Time, engine: MemoryLeases) -> None:
    one, other = Process("one", engine, time), Process("other", engine, time)
    async with one.running():
        await time.pass_s(ASK_S)
        async with other.running():
            one.way.cut = True
            began_s, none_s = time.s, 0.0
            while not other.works:
                assert time.s - began_s < TTL_S + 2 * ASK_S
                none_s += 0.05 if not one.works else 0
                await time.pass_s(0.05)
            assert not one.works
            assert none_s >= 1
            one.way.cut = False
            await time.pass_s(2 * TTL_S)
            assert (one.works, other.works) == (False, True)


async def test_a_successor_of_the_same_name_need_not_wait(time: Time, engine: MemoryLeases) -> None:
    assert await engine.acquire("work", "one", TTL_MS)
    one = Process("one", engine, time)
    async with one.running():
        await time.pass_s(0.01)
        assert one.works


async def test_an_engine_that_forgot_is_asked_anew(time: Time, engine: MemoryLeases) -> None:
    one = Process("one", engine, time)
    async with one.running():
        await time.pass_s(ASK_S)
        one.way.engine = MemoryLeases(time)
        await time.pass_s(RENEW_S + ASK_S)
        assert one.works


async def test_work_that_fails_is_not_hidden(time: Time, engine: MemoryLeases) -> None:
    async def fail() -> None:
        raise OSError("as planned")

    with pytest.raises(OSError, match="as planned"):
        await time.run(Held(engine, "work", "one", time).run(fail))
    assert await engine.acquire("work", "other", TTL_MS)


async def test_work_that_ends_is_done_once_and_leaves_the_name_to_others(time: Time, engine: MemoryLeases) -> None:
    done = 0

    async def work() -> None:
        nonlocal done
        done += 1
        assert done == 1

    await time.run(Held(engine, "work", "one", time).run(work))
    assert done == 1
    assert await engine.acquire("work", "other", TTL_MS)
