"""Bytes that are no calls: refused and counted, their connection closed, the peer alive for all others."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

import msgpack  # pyright: ignore[reportMissingTypeStubs] - it has none
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import Misfit, ReplyLost
from bowerbird.rpc.frames import Frames, Untrusted
from bowerbird.rpc.limits import Limits
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from bowerbird.rpc.wire import Malformed, Request, Response, decode, encode_request
from tests.support.rpc_pair import NO_ERRORS, Pair, connected
from tests.support.waiting import until

FRAME_BYTES_MAX = 64 << 10
VALID = encode_request(7, "Echo.say", 1000, (b"hello", ["a", "b"]))
ANSWER = b"\x94\x01\x07\xc0\xa5hello"
pack = cast("Callable[[object], bytes]", msgpack.packb)
encode = msgspec.msgpack.encode


class Echo(Protocol):
    async def say(self, what: bytes, to: list[str]) -> str: ...


@dataclass
class Speaker:
    said: list[bytes] = field(default_factory=list[bytes])
    to: list[str] = field(default_factory=list[str])
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def say(self, what: bytes, to: list[str]) -> str:
        self.begun.set()
        await self.gate.wait()
        self.said.append(what)
        self.to += to
        return what.decode("latin-1")


@pytest.fixture
def speaker() -> Speaker:
    return Speaker()


@pytest.fixture
async def pair(tmp_path: Path, speaker: Speaker) -> AsyncIterator[Pair]:
    limits = Limits(frame_bytes_max=FRAME_BYTES_MAX)
    async with connected(tmp_path, serve(Echo, speaker), server_limits=limits) as made:
        yield made


async def end_of(pair: Pair, sent: bytes, *, then_close: bool = False) -> None:
    """Send bytes, stop sending if `then_close`, and return when the server has closed the connection."""
    reader, writer = await asyncio.open_unix_connection(pair.address)
    with contextlib.suppress(ConnectionError):
        writer.write(sent)
        if then_close:
            writer.write_eof()
        await reader.read()
    writer.close()


async def assert_alive(pair: Pair) -> None:
    assert await remote(Echo, pair.client, NO_ERRORS).say(b"alive", []) == "alive"


async def ask(pair: Pair, frame: bytes) -> bytes:
    """Return one response to a request on a connection of its own."""
    reader, writer = await asyncio.open_unix_connection(pair.address)
    writer.write(frame)
    unpacker = Frames(1 << 20)
    frames: list[bytes] = []
    while not frames:
        data = await reader.read(1 << 16)
        assert data, "closed without an answer"
        frames = unpacker.feed(data)
    writer.close()
    return frames[0]


async def test_the_published_protocol_is_spoken(pair: Pair) -> None:
    assert await ask(pair, pack([0, 7, "Echo.say", [[1000], b"hello", []]])) == ANSWER
    assert await ask(pair, pack([0, 2**32 - 1, "Echo.say", [[1000], b"hello", []]]))


async def test_a_notification_is_carried_out_and_not_answered(pair: Pair, speaker: Speaker) -> None:
    assert await ask(pair, encode([2, "Echo.say", [[1000], b"quietly", []]]) + VALID) == ANSWER
    assert speaker.said == [b"quietly", b"hello"]


MALFORMED = {
    "never used": b"\xc1",
    "a number": b"\x07",
    "an empty array": b"\x90",
    "text": encode("GET / HTTP/1.1"),
    "five elements": encode([0, 1, "Echo.say", [], None]),
    "another kind": encode([3, 1, "Echo.say", []]),
    "a notification of a request's kind": encode([0, "Echo.say", []]),
    "a method that is no text": encode([0, 1, 5, []]),
    "a method that is no UTF-8": b"\x94\x00\x01\xa1\xff\x90",
    "a number that is none": encode([0, "1", "Echo.say", []]),
    "a number out of range": encode([0, 2**32, "Echo.say", []]),
    "a negative number": encode([0, -1, "Echo.say", []]),
    "a response": encode([1, 7, None, 1]),
    "a map": encode({"a": 1}),
    "nested too deep": b"\x91" * 5000,
    "a length too long, begun": b"\xc6\x7f\xff\xff\xff" + bytes(FRAME_BYTES_MAX),
    "an array too long, begun": b"\xdd\xff\xff\xff\xff" + bytes(FRAME_BYTES_MAX),
    "a frame too long, of short parts": b"\xdc\xff\xff" + b"\xa9123456789" * 65535,
    "a frame too long, whole": encode([0, 1, "Echo.say", [[1000], b"x" * (FRAME_BYTES_MAX - 10), []]]),
}


@pytest.mark.parametrize("frame", MALFORMED.values(), ids=MALFORMED)
async def test_malformed_bytes_close_their_connection_alone(pair: Pair, speaker: Speaker, frame: bytes) -> None:
    await end_of(pair, frame)
    assert pair.server.stats.malformed == 1
    assert speaker.said == []
    await assert_alive(pair)


MISFITS: list[tuple[str, object, str]] = [
    ("Echo.say", [], "length 3"),
    ("Echo.say", [[1000], b"x"], "length 3"),
    ("Echo.say", [[1000], b"x", [], 1], "length 3"),
    ("Echo.say", [[1000], "text", []], "Expected `bytes`"),
    ("Echo.say", [[1000], b"x", [1]], "Expected `str`"),
    ("Echo.say", [[-1], b"x", []], ">= 0"),
    ("Echo.say", [[10**12], b"x", []], "<= "),
    ("Echo.say", [[], b"x", []], "length 1"),
    ("Echo.say", {"what": b"x"}, "Expected `array`"),
    ("Echo.say", None, "Expected `array`"),
]


@pytest.mark.parametrize(("method", "params", "reason"), MISFITS)
async def test_a_misfit_is_answered(pair: Pair, method: str, params: object, reason: str) -> None:
    kind, number, error, result = msgspec.msgpack.decode(await ask(pair, encode([0, 3, method, params])))
    assert (kind, number, error[0], result) == (1, 3, "rpc.misfit", None)
    assert reason in error[1]
    assert (pair.server.stats.misfits, pair.server.stats.malformed) == (1, 0)
    await assert_alive(pair)


@pytest.mark.parametrize("method", ["Echo.shout", "", "rpc.stop", "Echo", "\0"])
async def test_an_unknown_method_is_refused_and_its_connection_closed(
    pair: Pair, speaker: Speaker, method: str
) -> None:
    reader, writer = await asyncio.open_unix_connection(pair.address)
    writer.write(encode([0, 3, method, [[1000]]]) + VALID)
    (frame,) = Frames(1 << 20).feed(await reader.read())
    kind, number, error, result = msgspec.msgpack.decode(frame)
    assert (kind, number, error[0], result) == (1, 3, "rpc.misfit", None)
    assert "no method" in error[1]
    assert (pair.server.stats.unknown, pair.server.stats.calls) == (1, 0)
    assert speaker.said == []
    writer.close()
    await assert_alive(pair)


async def test_a_call_whose_time_is_over_is_told_so(pair: Pair, speaker: Speaker) -> None:
    speaker.gate.clear()
    answer = msgspec.msgpack.decode(await ask(pair, encode([0, 3, "Echo.say", [[10], b"x", []]])))
    assert (answer[1], answer[2][0], answer[3]) == (3, "rpc.deadline", None)
    assert speaker.said == []
    assert pair.server.stats.failures == 0


async def test_a_connection_that_is_given_up_still_answers_what_is_under_way(pair: Pair, speaker: Speaker) -> None:
    speaker.gate.clear()
    reader, writer = await asyncio.open_unix_connection(pair.address)
    writer.write(VALID)
    await asyncio.wait_for(speaker.begun.wait(), 10)
    writer.write(encode([2, "Echo.shout", [[1000]]]))
    await until(lambda: pair.server.stats.unknown > 0)
    speaker.gate.set()
    assert await reader.read() == ANSWER
    writer.close()


async def test_a_connection_that_is_given_up_ends_though_its_peer_reads_nothing(
    tmp_path: Path, speaker: Speaker
) -> None:
    async with connected(tmp_path, serve(Echo, speaker), server_limits=Limits(drain_ms=50)) as pair:
        _, writer = await asyncio.open_unix_connection(pair.address)
        cast("asyncio.Transport", writer.transport).pause_reading()
        writer.write(encode([0, 7, "Echo.say", [[1000], bytes(4 << 20), []]]) + encode([2, "Echo.shout", []]))
        await until(lambda: pair.server.stats.unknown > 0)
        await until(lambda: pair.server.connected <= 1)
        writer.transport.abort()


async def test_a_frame_may_come_in_any_pieces(pair: Pair) -> None:
    whole = encode([0, 7, "Echo.say", [[1000], b"x" * 30_000, []]])
    reader, writer = await asyncio.open_unix_connection(pair.address)
    for start in range(0, len(whole), 7000):
        writer.write(whole[start : start + 7000])
        await asyncio.sleep(0.001)
    assert (await reader.readexactly(30_000 + 7))[:4] == b"\x94\x01\x07\xc0"
    writer.close()


@given(st.lists(st.binary(max_size=300), max_size=8), st.lists(st.integers(1, 40), max_size=30))
def test_cutting_a_stream_anywhere_changes_nothing(bodies: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(encode([0, n, "Echo.say", [[1], body, []]]) for n, body in enumerate(bodies))
    frames, found, at = Frames(FRAME_BYTES_MAX), list[bytes](), 0
    for length in [*cuts, len(whole)]:
        found += frames.feed(whole[at : at + length])
        at += length
    assert b"".join(found) == whole
    assert [msgspec.msgpack.decode(frame)[3][1] for frame in found] == bodies


@given(st.binary(max_size=500))
def test_any_bytes_are_messages_or_refused(data: bytes) -> None:
    try:
        messages = [decode(frame) for frame in Frames(FRAME_BYTES_MAX).feed(data)]
    except (Untrusted, Malformed):
        return
    assert all(isinstance(message, Request | Response) for message in messages)


mutations = st.tuples(st.integers(0, len(VALID) - 1), st.binary(max_size=3), st.integers(0, 3))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated=st.lists(mutations, min_size=1, max_size=4))
def test_mutated_calls_never_hurt_the_server(
    mutated: list[tuple[int, bytes, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    frame = bytearray(VALID)
    for at, put, dropped in mutated:
        frame[at : at + dropped] = put

    async def attack() -> None:
        limits = Limits(frame_bytes_max=FRAME_BYTES_MAX)
        folder = tmp_path_factory.mktemp("m")
        async with connected(folder, serve(Echo, Speaker()), server_limits=limits) as pair:
            await end_of(pair, bytes(frame), then_close=True)
            await assert_alive(pair)
            assert pair.server.stats.failures == 0

    asyncio.run(attack())


async def test_a_server_that_talks_nonsense_is_left(tmp_path: Path) -> None:
    replies = [b"\xc1", VALID, encode([1, 0, None, 5])]

    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(replies.pop(0))
        await reader.read()
        writer.close()

    address = str(tmp_path / "n")
    listener = await asyncio.start_unix_server(nonsense, address)
    client = Client(address, Network(), World())
    await client.start()
    echo = remote(Echo, client, NO_ERRORS)
    for expected in (ReplyLost, ReplyLost, Misfit):
        with pytest.raises(expected):
            await echo.say(b"", [])
    assert client.stats.malformed == 2
    await client.close()
    listener.close()


async def test_only_this_user_is_heard(tmp_path: Path, speaker: Speaker, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(tmp_path, serve(Echo, speaker)) as pair:
        await assert_alive(pair)
        monkeypatch.setattr("os.getuid", lambda: 12345)
        await end_of(pair, VALID)
        assert pair.server.stats.strangers == 1
        assert speaker.said == [b"alive"]


async def test_the_socket_is_this_users_alone(pair: Pair) -> None:
    assert os.stat(pair.address).st_mode & 0o777 == 0o600  # noqa: PTH116 - a test may block


async def test_a_dead_process_s_socket_is_replaced_and_a_living_ones_is_not(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "s"))
    async with connected(tmp_path, serve(Echo, Speaker())) as pair:
        await assert_alive(pair)
        with pytest.raises(OSError, match="in use"):
            async with connected(tmp_path, {}):
                pass
        await assert_alive(pair)
