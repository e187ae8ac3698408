"""Calls under way: many at once, bounded, with deadlines, through lost connections, restarts and the server's end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import pytest
from msgspec import Raw, Struct
from typing_extensions import override

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import DeadlinePassed, Misfit, Overloaded, RemoteFailure, ReplyLost, Stopping, Unreachable
from bowerbird.rpc.limits import Limits
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import Server, serve
from bowerbird.rpc.wire import Response
from tests.support.rpc_pair import NO_ERRORS, Pair, connected

FOREVER_MS = 60_000


class Asked(Struct, frozen=True, array_like=True):
    """A first argument with a deadline, as callers have."""

    deadline_us: int = 0


class Work(Protocol):
    async def wait(self, name: str) -> str: ...

    async def fill(self, length: int) -> bytes: ...

    async def drop(self, data: bytes) -> int: ...

    async def until(self, asked: Asked, name: str) -> str: ...


@dataclass
class Worker:
    """Work that goes on until the test lets it end."""

    begun: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    ended: list[str] = field(default_factory=list[str])

    async def wait(self, name: str) -> str:
        self.begun.release()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.ended.append(f"{name} cancelled")
            raise
        self.ended.append(name)
        return name

    async def fill(self, length: int) -> bytes:
        return bytes(length)

    async def drop(self, data: bytes) -> int:
        return len(data)

    async def until(self, asked: Asked, name: str) -> str:
        assert asked.deadline_us >= 0
        return await self.wait(name)


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
async def pair(tmp_path: Path, worker: Worker) -> AsyncIterator[Pair]:
    async with connected(tmp_path, serve(Work, worker)) as made:
        yield made


def work_of(client: Client) -> Work:
    return remote(Work, client, NO_ERRORS)


async def begin(worker: Worker, work: Work, *names: str) -> list[asyncio.Task[str]]:
    """Call `wait` under each name and return when the server has begun all of them."""
    tasks = [asyncio.create_task(work.wait(name)) for name in names]
    for _ in names:
        await worker.begun.acquire()
    return tasks


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


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
        await eventually(lambda: worker.ended == ["late cancelled"])


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
        await eventually(lambda: worker.ended == ["near cancelled"])
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


async def test_nobody_there_is_said_in_time(tmp_path: Path) -> None:
    client = Client(str(tmp_path / "s"), Network(), World(), Limits(connect_timeout_ms=20))
    with pytest.raises(Unreachable):
        await work_of(client).drop(b"")
    await client.start()
    with pytest.raises(Unreachable):
        await work_of(client).drop(b"")
    await client.close()
    with pytest.raises(Unreachable):
        await work_of(client).drop(b"")


async def test_a_call_waits_for_a_server_that_is_just_starting(tmp_path: Path, worker: Worker) -> None:
    client = Client(
        str(tmp_path / "s"), Network(), World(), Limits(connect_timeout_ms=FOREVER_MS, timeout_ms=FOREVER_MS)
    )
    await client.start()
    call = asyncio.create_task(work_of(client).drop(b"abc"))
    await asyncio.sleep(0.03)
    server = Server(serve(Work, worker), Network(), World(), NO_ERRORS)
    await server.listen(str(tmp_path / "s"))
    assert await call == 3
    await client.close()
    await server.close()


async def test_a_lost_connection_is_said_and_made_again(tmp_path: Path, worker: Worker) -> None:
    async with connected(tmp_path, serve(Work, worker)) as pair:
        work = work_of(pair.client)
        slow = await begin(worker, work, "lost")
        await pair.server.close(drain_ms=0)
        with pytest.raises(ReplyLost):
            await slow[0]
        assert worker.ended == ["lost cancelled"]
        next_server = Server(serve(Work, worker), Network(), World(), NO_ERRORS)
        await next_server.listen(pair.address)
        assert await work.drop(b"abc") == 3
        assert pair.client.stats.connections == 2
        await next_server.close()


async def test_a_closing_server_ends_what_is_under_way_and_begins_nothing(pair: Pair, worker: Worker) -> None:
    work = work_of(pair.client)
    slow = await begin(worker, work, "a", "b")
    closing = asyncio.create_task(pair.server.close(drain_ms=FOREVER_MS))
    await asyncio.sleep(0)
    with pytest.raises(Unreachable, match="stopping"):
        await work.drop(b"")
    worker.gate.set()
    assert await asyncio.gather(*slow) == ["a", "b"]
    await closing
    assert worker.ended == ["a", "b"]


async def test_a_client_that_closes_fails_what_is_under_way(pair: Pair, worker: Worker) -> None:
    slow = await begin(worker, work_of(pair.client), "a")
    await pair.client.close()
    with pytest.raises(ReplyLost):
        await slow[0]


async def test_a_client_that_closes_fails_what_waits_for_a_connection(tmp_path: Path) -> None:
    client = Client(
        str(tmp_path / "s"), Network(), World(), Limits(connect_timeout_ms=FOREVER_MS, timeout_ms=FOREVER_MS)
    )
    await client.start()
    call = asyncio.create_task(work_of(client).drop(b""))
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(Unreachable):
        await asyncio.wait_for(call, 10)


class Late(Network):
    """Connects when it is told to, and does not hear of being called off."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.done = asyncio.Event()

    @override
    async def connect(self, address: str, protocol: Callable[[], asyncio.Protocol]) -> None:
        async def connect() -> None:
            await self.go.wait()
            await super(Late, self).connect(address, protocol)
            self.done.set()

        self.task = asyncio.create_task(connect())
        await asyncio.shield(self.task)


@pytest.mark.parametrize("connect_timeout_ms", [1, FOREVER_MS])
async def test_a_connection_that_comes_when_nobody_wants_it_any_more_is_ended(
    pair: Pair, connect_timeout_ms: int
) -> None:
    await eventually(lambda: pair.server.connected == 1)
    network = Late()
    client = Client(pair.address, network, World(), Limits(connect_timeout_ms=connect_timeout_ms))
    await client.start()
    await asyncio.sleep(0.02)
    await client.close()
    network.go.set()
    await network.done.wait()
    await eventually(lambda: pair.server.stats.connections >= 2)
    await eventually(lambda: pair.server.connected == 1)
    assert not client.is_up
    assert client.stats.connections == 0


async def test_a_server_answers_at_all_its_addresses(tmp_path: Path, worker: Worker) -> None:
    server = Server(serve(Work, worker), Network(), World(), NO_ERRORS)
    for name in ("a", "b"):
        await server.listen(str(tmp_path / name))
    for name in ("a", "b"):
        client = Client(str(tmp_path / name), Network(), World())
        await client.start()
        assert await work_of(client).drop(b"abc") == 3
        await client.close()
    await server.close()


async def test_who_is_stopping_is_left_at_once_for_who_comes_after(tmp_path: Path, worker: Worker) -> None:
    """What is under way there is still answered; what comes next waits for the next process."""
    limits = Limits(connect_timeout_ms=FOREVER_MS, timeout_ms=FOREVER_MS, backoff_first_ms=1, backoff_max_ms=1)
    async with connected(tmp_path, serve(Work, worker), client_limits=limits) as pair:
        work = work_of(pair.client)
        (slow,) = await begin(worker, work, "slow")
        closing = asyncio.create_task(pair.server.close(drain_ms=FOREVER_MS))
        await asyncio.sleep(0)
        with pytest.raises(Stopping):
            await work.drop(b"")
        next_call = asyncio.create_task(work.drop(b"abc"))
        second = Server(serve(Work, Worker()), Network(), World(), NO_ERRORS)
        await second.listen(pair.address)
        assert await next_call == 3
        assert not slow.done()
        worker.gate.set()
        assert await slow == "slow"
        await closing
        assert pair.client.is_up
        assert await work.drop(b"ab") == 2
        assert pair.client.stats.connections == 2
        await second.close()


async def test_who_has_nothing_under_way_hangs_up_when_the_server_stops(pair: Pair, worker: Worker) -> None:
    """And so a server that stops in order leaves no request unread, and need not wait."""
    work = work_of(pair.client)
    assert await work.drop(b"abc") == 3
    await asyncio.wait_for(pair.server.close(drain_ms=FOREVER_MS), 10)
    assert pair.server.connected == 0
    await eventually(lambda: not pair.client.is_up)
    second = Server(serve(Work, worker), Network(), World(), NO_ERRORS)
    await second.listen(pair.address)
    assert await work.drop(b"ab") == 2
    await second.close()


async def test_who_does_not_hang_up_is_not_waited_for_for_ever(pair: Pair) -> None:
    reader, writer = await asyncio.open_unix_connection(pair.address)
    await eventually(lambda: pair.server.connected == 2)
    await asyncio.wait_for(pair.server.close(drain_ms=50), 10)
    assert (await reader.read()).startswith(b"\x93\x02\xacrpc.stopping\x90")
    writer.close()


async def test_a_client_closes_though_its_peer_reads_nothing_any_more(tmp_path: Path) -> None:
    async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cast("asyncio.Transport", writer.transport).pause_reading()
        peers.append(writer)

    peers: list[asyncio.StreamWriter] = []
    listener = await asyncio.start_unix_server(deaf, str(tmp_path / "deaf"))
    client = Client(str(tmp_path / "deaf"), Network(), World(), Limits(connect_timeout_ms=FOREVER_MS))
    await client.start()
    await eventually(lambda: len(peers) == 1)
    call = asyncio.create_task(client.call("any", (bytes(4 << 20),), FOREVER_MS))
    await eventually(lambda: link_of(client).is_full)
    await asyncio.wait_for(client.close(), 10)
    with pytest.raises(ReplyLost):
        await call
    peers[0].transport.abort()
    listener.close()


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


def link_of(client: Client) -> Any:  # noqa: ANN401 - private: what it keeps, and when, cannot be met from outside
    return client._link  # pyright: ignore[reportPrivateUsage] - as above


async def test_a_server_that_never_answers_costs_no_more_than_the_time(unheard: Client) -> None:
    await eventually(lambda: unheard.stats.connections == 1)
    for _ in range(2):
        with pytest.raises(DeadlinePassed):
            await unheard.call("any", (), 30)
    assert link_of(unheard)._waiting == {}


async def test_an_answer_that_comes_with_the_cancellation_is_late(unheard: Client) -> None:
    call = asyncio.create_task(unheard.call("any", (), FOREVER_MS))
    await eventually(lambda: unheard.stats.calls == 1)
    call.cancel()
    link_of(unheard).received(Response(0, None, Raw(b"\xc0")))
    with pytest.raises(asyncio.CancelledError):
        await call
    assert unheard.stats.late == 1


class SlowWorld(World):
    """Notes how long it was asked to sleep, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    @override
    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


async def test_attempts_to_connect_come_at_growing_distances(tmp_path: Path) -> None:
    world = SlowWorld()
    limits = Limits(backoff_first_ms=10, backoff_max_ms=1000)
    client = Client(str(tmp_path / "s"), Network(), world, limits)
    await client.start()
    await eventually(lambda: len(world.slept) >= 12)
    await client.close()
    assert 0.005 <= world.slept[0] <= 0.01
    assert 0.01 <= world.slept[1] <= 0.02
    assert all(0.5 <= pause <= 1 for pause in world.slept[8:])


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
