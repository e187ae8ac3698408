"""Calls under way: many at once on one connection, bounded on both sides, with deadlines, cancelled or given up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import Raw
from typing_extensions import override

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import DeadlinePassed, Misfit, Overloaded, RemoteFailure
from bowerbird.rpc.limits import Limits
from bowerbird.rpc.server import serve
from bowerbird.rpc.wire import Response
from tests.support.rpc_pair import Pair, connected
from tests.support.rpc_work import FOREVER_MS, Asked, Work, Worker, begin, link_of, work_of
from tests.support.waiting import until


async def test_many_calls_share_one_connection_and_none_waits_for_another(pair: Pair, worker: Worker) -> None:
    work = work_of(pair.client)
    slow = await begin(worker, work, *[str(n) for n in range(200)])
    assert await work.drop(b"abc") == 3
    worker.gate.set()
    assert await asyncio.gather(*slow) == [str(n) for n in range(200)]
    assert pair.server.stats.connections == pair.client.stats.connections == 1


async def test_large_messages_pass_and_too_large_ones_do_not(pair: Pair) -> None:
    work, most = work_of(pair.client), Limits().frame_bytes_max
    assert await asyncio.gather(*[work.fill(most - 100) for _ in range(4)]) == [bytes(most - 100)] * 4
    assert await asyncio.gather(*[work.drop(bytes(most - 100)) for _ in range(4)]) == [most - 100] * 4
    with pytest.raises(Misfit, match="too many"):
        await work.drop(bytes(most))
    with pytest.raises(RemoteFailure):
        await work.fill(most)
    assert await work.drop(b"abc") == 3
    assert pair.client.stats.connections == 1


async def test_a_late_call_ends_on_both_sides(tmp_path: Path, worker: Worker) -> None:
    limits = Limits(timeout_ms=30)
    async with connected(tmp_path, serve(Work, worker), client_limits=limits) as pair:
        with pytest.raises(DeadlinePassed):
            await work_of(pair.client).wait("late")
        await until(lambda: worker.ended == ["late cancelled"])


class Noon(World):
    """It is always the same time of day."""

    @override
    def now_us(self) -> int:
        return 1_000_000


async def test_the_callers_deadline_travels(tmp_path: Path, worker: Worker) -> None:
    async with connected(tmp_path, serve(Work, worker), client_world=Noon()) as pair:
        work = work_of(pair.client)
        with pytest.raises(DeadlinePassed):
            await work.until(Asked(1_030_000), "near")
        with pytest.raises(DeadlinePassed):
            await work.until(Asked(999_999), "past")
        await until(lambda: worker.ended == ["near cancelled"])
        worker.gate.set()
        assert await work.until(Asked(), "none") == "none"
        assert await work.until(Asked(61_000_000), "far") == "far"
        assert worker.ended == ["near cancelled", "none", "far"]


async def test_a_cancelled_call_is_forgotten_here_and_goes_on_there(pair: Pair, worker: Worker) -> None:
    work = work_of(pair.client)
    (task,) = await begin(worker, work, "forgotten")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    worker.gate.set()
    assert await work.wait("next") == "next"
    assert worker.ended == ["forgotten", "next"]
    assert pair.client.stats.late == 1


async def test_calls_under_way_are_bounded_here(tmp_path: Path, worker: Worker) -> None:
    limits = Limits(in_flight_max=2)
    async with connected(tmp_path, serve(Work, worker), client_limits=limits) as pair:
        work = work_of(pair.client)
        slow = await begin(worker, work, "a", "b")
        with pytest.raises(Overloaded):
            await work.drop(b"")
        worker.gate.set()
        assert await asyncio.gather(*slow) == ["a", "b"]
        assert await work.drop(b"abc") == 3
        assert pair.client.stats.overloads == 1


async def test_calls_under_way_are_bounded_there(tmp_path: Path, worker: Worker) -> None:
    limits = Limits(in_flight_max=2)
    async with connected(tmp_path, serve(Work, worker), server_limits=limits) as pair:
        work = work_of(pair.client)
        slow = await begin(worker, work, "a", "b")
        with pytest.raises(Overloaded):
            await work.drop(b"")
        worker.gate.set()
        assert await asyncio.gather(*slow) == ["a", "b"]
        assert await work.drop(b"abc") == 3
        assert pair.server.stats.overloads == 1


@pytest.fixture
async def unheard(tmp_path: Path) -> AsyncIterator[Client]:
    """Return a client of a server that reads and never answers."""

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_unix_server(read, str(tmp_path / "silent"))
    client = Client(str(tmp_path / "silent"), Network(), World(), Limits(connect_timeout_ms=FOREVER_MS))
    await client.start()
    yield client
    await client.close()
    listener.close()


async def test_a_server_that_never_answers_costs_no_more_than_the_time(unheard: Client) -> None:
    await until(lambda: unheard.stats.connections == 1)
    for _ in range(2):
        with pytest.raises(DeadlinePassed):
            await unheard.call("any", (), 30)
    assert link_of(unheard)._waiting == {}


async def test_an_answer_that_comes_with_the_cancellation_is_late(unheard: Client) -> None:
    call = asyncio.create_task(unheard.call("any", (), FOREVER_MS))
    await until(lambda: unheard.stats.calls == 1)
    call.cancel()
    link_of(unheard).received(Response(0, None, Raw(b"\xc0")))
    with pytest.raises(asyncio.CancelledError):
        await call
    assert unheard.stats.late == 1


async def test_a_peer_that_does_not_read_is_not_written_to_without_bound(pair: Pair) -> None:
    reader, writer = await asyncio.open_unix_connection(pair.address)
    asked = b"\x94\x00\x01\xa9Work.fill\x92\x91\xcd\xff\xff\xce\x00\x0f\x00\x00"
    sent = 0
    for _ in range(400):
        writer.write(asked * 10)
        sent += 10
        try:
            await asyncio.wait_for(writer.drain(), 0.2)
        except TimeoutError:
            break
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    assert pair.server.stats.calls < 100
    assert await work_of(pair.client).drop(b"abc") == 3
    writer.transport.abort()
    assert reader is not None
