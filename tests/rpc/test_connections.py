"""Connections of calls: made, lost and made again, through restarts and the end of either side."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from typing_extensions import override

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import ReplyLost, Stopping, Unreachable
from bowerbird.rpc.limits import Limits
from bowerbird.rpc.server import Server, serve
from tests.support.rpc_pair import NO_ERRORS, Pair, connected
from tests.support.rpc_work import FOREVER_MS, Work, Worker, begin, link_of, work_of
from tests.support.waiting import until


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


class Unsaid:
    """A transport that was closed while nobody was told, as uvloop's can be."""

    def write(self, _data: bytes) -> None:
        raise RuntimeError("the handler is closed")

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        """Do nothing: it is closed."""

    abort = close


async def test_a_connection_whose_end_nobody_was_told_of_is_lost_and_made_again(tmp_path: Path, worker: Worker) -> None:
    async with connected(tmp_path, serve(Work, worker)) as pair:
        work = work_of(pair.client)
        slow = await begin(worker, work, "slow")
        link = link_of(pair.client)
        transport, link.transport = link.transport, cast("asyncio.Transport", Unsaid())
        with pytest.raises(Unreachable):
            await work.drop(b"abc")
        with pytest.raises(ReplyLost):
            await slow[0]
        assert await work.drop(b"abc") == 3
        assert pair.client.stats.connections == 2
        transport.abort()


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
    await until(lambda: pair.server.connected == 1)
    network = Late()
    client = Client(pair.address, network, World(), Limits(connect_timeout_ms=connect_timeout_ms))
    await client.start()
    await asyncio.sleep(0.02)
    await client.close()
    network.go.set()
    await network.done.wait()
    await until(lambda: pair.server.stats.connections >= 2)
    await until(lambda: pair.server.connected == 1)
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
    await until(lambda: not pair.client.is_up)
    second = Server(serve(Work, worker), Network(), World(), NO_ERRORS)
    await second.listen(pair.address)
    assert await work.drop(b"ab") == 2
    await second.close()


async def test_who_does_not_hang_up_is_not_waited_for_for_ever(pair: Pair) -> None:
    reader, writer = await asyncio.open_unix_connection(pair.address)
    await until(lambda: pair.server.connected == 2)
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
    await until(lambda: len(peers) == 1)
    call = asyncio.create_task(client.call("any", (bytes(4 << 20),), FOREVER_MS))
    await until(lambda: link_of(client).is_full)
    await asyncio.wait_for(client.close(), 10)
    with pytest.raises(ReplyLost):
        await call
    peers[0].transport.abort()
    listener.close()


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
    await until(lambda: len(world.slept) >= 12)
    await client.close()
    assert 0.005 <= world.slept[0] <= 0.01
    assert 0.01 <= world.slept[1] <= 0.02
    assert all(0.5 <= pause <= 1 for pause in world.slept[8:])
