"""Peers that hang: found while calls wait, and those that only take their time are left in peace."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import ReplyLost
from bowerbird.rpc.heartbeat import BEATS_MAX, PING_AT, Heartbeat
from bowerbird.rpc.limits import Limits
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.rpc_pair import NO_ERRORS, connected
from tests.support.rpc_work import FOREVER_MS, Work, Worker

SILENCE_MS = 50
QUICK = Limits(silence_ms_max=SILENCE_MS, connect_timeout_ms=FOREVER_MS, timeout_ms=FOREVER_MS)


@pytest.fixture
async def hung(tmp_path: Path) -> AsyncIterator[Client]:
    """Return a client of a process that accepts and does nothing more."""
    peers: list[asyncio.StreamWriter] = []

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cast("asyncio.Transport", writer.transport).pause_reading()
        peers.append(writer)

    listener = await asyncio.start_unix_server(hang, str(tmp_path / "hung"))
    client = Client(str(tmp_path / "hung"), Network(), World(), QUICK)
    await client.start()
    yield client
    await client.close()
    for peer in peers:
        peer.transport.abort()
    listener.close()


@pytest.mark.parametrize("argument", [b"small", bytes(4 << 20)], ids=["small", "large"])
async def test_who_says_nothing_is_given_up_and_all_that_wait_hear_of_it(hung: Client, argument: bytes) -> None:
    calls = [asyncio.create_task(hung.call("m", (argument,), FOREVER_MS)) for _ in range(3)]
    outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
    assert [type(outcome) for outcome in outcomes] == [ReplyLost] * 3
    assert hung.stats.silent >= 1


async def test_who_takes_long_but_answers_pings_is_waited_for(tmp_path: Path) -> None:
    worker = Worker()
    async with connected(tmp_path, serve(Work, worker), client_limits=QUICK) as pair:
        call = asyncio.create_task(remote(Work, pair.client, NO_ERRORS).wait("long"))
        await asyncio.sleep(SILENCE_MS * 10 / 1000)
        assert not call.done()
        worker.gate.set()
        assert await call == "long"
        assert pair.client.stats.silent == pair.client.stats.late == 0
        assert (pair.server.stats.calls, pair.server.stats.unknown) == (1, 0)


class Peer:
    """What a heartbeat hears and does."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.is_waiting = True
        self.unsent_bytes = 0
        self.heartbeat = Heartbeat(
            1000,
            lambda: self.is_waiting,
            lambda: self.unsent_bytes,
            lambda: self.done.append("ping"),
            lambda: self.done.append("given up"),
        )
        self.heartbeat.watch()

    def beats(self, count: int) -> "Peer":
        for _ in range(count):
            self.heartbeat._beat()  # pyright: ignore[reportPrivateUsage] - its timer's part, without the time
        return self


async def test_beats_of_silence() -> None:
    peer = Peer().beats(PING_AT - 1)
    assert peer.done == []
    assert peer.beats(1).done == ["ping"]
    assert peer.beats(BEATS_MAX - PING_AT).done == ["ping", "given up"]


async def test_any_sign_of_life_begins_the_count_anew() -> None:
    peer = Peer().beats(BEATS_MAX - 1)
    peer.heartbeat.heard()
    assert peer.beats(BEATS_MAX - 1).done == ["ping", "ping"]
    peer.heartbeat.stop()


async def test_bytes_that_go_out_are_a_sign_of_life() -> None:
    peer = Peer()
    for left in range(3 * BEATS_MAX, 0, -1):
        peer.unsent_bytes = left
        peer.beats(1)
    assert "given up" not in peer.done
    assert peer.beats(BEATS_MAX).done[-1] == "given up"
    peer.heartbeat.stop()


async def test_nobody_is_given_up_while_nobody_waits() -> None:
    peer = Peer().beats(BEATS_MAX - 1)
    peer.is_waiting = False
    peer.beats(2 * BEATS_MAX)
    assert peer.done == ["ping"]
    peer.is_waiting = True
    peer.heartbeat.watch()
    assert peer.beats(BEATS_MAX - 1).done == ["ping", "ping"]
    peer.heartbeat.stop()
