"""Sealed calls: who does not hold the key is not heard, whatever of a call was changed, and all others are."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import msgpack  # pyright: ignore[reportMissingTypeStubs] - it has none
import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller, system
from bowerbird.rpc.errors import ReplyLost
from bowerbird.rpc.guard import SEAL_BYTES, Guard
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from bowerbird.rpc.wire import Malformed, Request, decode, encode_request, is_sealed
from tests.support.rpc_pair import NO_ERRORS, Pair, connected

GUARD = Guard(b"k" * 32)
OTHER = Guard(b"o" * 32)
encode = msgspec.msgpack.encode
decode_any = cast("Callable[[bytes], Any]", msgpack.unpackb)


class Rooms(Protocol):
    async def enter(self, caller: Caller, room: str) -> str: ...

    async def leave(self, caller: Caller, room: str) -> str: ...

    async def count(self) -> int: ...


@dataclass
class Hotel:
    entered: list[tuple[Caller, str]] = field(default_factory=list[tuple[Caller, str]])

    async def enter(self, caller: Caller, room: str) -> str:
        self.entered.append((caller, room))
        return room

    async def leave(self, caller: Caller, room: str) -> str:
        assert caller is not None
        return room

    async def count(self) -> int:
        return len(self.entered)


@pytest.fixture
def hotel() -> Hotel:
    return Hotel()


@pytest.fixture
async def pair(tmp_path: Path, hotel: Hotel) -> AsyncIterator[Pair]:
    async with connected(tmp_path, serve(Rooms, hotel), server_guard=GUARD, client_guard=GUARD) as made:
        yield made


def sealed() -> bytes:
    return encode_request(5, "Rooms.enter", 1000, (Caller(trace="t"), "7"), GUARD)


async def sends(pair: Pair, frame: bytes) -> bytes:
    """Return what came until the server closed the connection."""
    reader, writer = await asyncio.open_unix_connection(pair.address)
    answer = b""
    with contextlib.suppress(ConnectionError):
        writer.write(frame)
        writer.write_eof()
        answer = await reader.read()
    writer.close()
    return answer


async def test_who_holds_the_key_is_heard(pair: Pair, hotel: Hotel) -> None:
    rooms = remote(Rooms, pair.client, NO_ERRORS)
    assert await rooms.enter(system("t-1"), "7") == "7"
    assert await rooms.count() == 1
    assert hotel.entered == [(system("t-1"), "7")]
    assert pair.server.stats.forged == 0
    assert decode_any(await sends(pair, sealed())) == [1, 5, None, "7"]


def forged() -> dict[str, bytes]:
    kind, number, method, (context, caller, room) = decode_any(sealed())
    seal: bytes = context[1]
    return {
        "no seal": encode([kind, number, method, [[1000], caller, room]]),
        "an empty seal": encode([kind, number, method, [[1000, b""], caller, room]]),
        "half a seal": encode([kind, number, method, [[1000, seal[:8]], caller, room]]),
        "a longer seal": encode([kind, number, method, [[1000, seal + b"\0"], caller, room]]),
        "another key's": encode_request(number, method, 1000, (Caller(trace="t"), "7"), OTHER),
        "another caller": encode([kind, number, method, [context, Caller(system=True, trace="t"), room]]),
        "another argument": encode([kind, number, method, [context, caller, "8"]]),
        "an argument more": encode([kind, number, method, [context, caller, room, None]]),
        "an argument less": encode([kind, number, method, [context, caller]]),
        "another method": encode([kind, number, "Rooms.leave", [context, caller, room]]),
        "an unknown method": encode([kind, number, "Rooms.burn", [context, caller, room]]),
        "a context that is none": encode([kind, number, method, ["", caller, room]]),
        "a seal that is text": encode([kind, number, method, [[1000, "s"], caller, room]]),
        "no params": encode([kind, number, method, []]),
        "params that are none": encode([kind, number, method, None]),
        "a ping": encode([kind, number, "rpc.ping", [[1000]]]),
        "a notification": encode([2, method, [[1000], caller, room]]),
    }


@pytest.mark.parametrize("name", forged())
async def test_who_does_not_is_not_answered_counted_and_let_go(pair: Pair, hotel: Hotel, name: str) -> None:
    assert await sends(pair, forged()[name]) == b""
    assert hotel.entered == []
    assert (pair.server.stats.forged, pair.server.stats.calls) == (1, 0)
    assert await remote(Rooms, pair.client, NO_ERRORS).enter(Caller(), "1") == "1"


async def test_what_came_behind_a_forged_call_is_not_heard(pair: Pair, hotel: Hotel) -> None:
    await sends(pair, forged()["another caller"] + sealed())
    assert hotel.entered == []


async def test_a_caller_without_the_key_finds_the_connection_closed(tmp_path: Path, hotel: Hotel) -> None:
    for guard in (None, OTHER):
        async with connected(tmp_path, serve(Rooms, hotel), server_guard=GUARD, client_guard=guard) as pair:
            with pytest.raises(ReplyLost):
                await remote(Rooms, pair.client, NO_ERRORS).enter(system(), "7")
    assert hotel.entered == []


@pytest.mark.parametrize(("late_s", "is_heard"), [(-1, True), (0, True), (20, True), (31, False), (3600, False)])
async def test_a_call_is_not_heard_long_after_its_callers_deadline(
    pair: Pair, hotel: Hotel, late_s: int, *, is_heard: bool
) -> None:
    """Whatever time it says that it has left: that is not sealed."""
    caller = Caller(deadline_us=World().now_us() - late_s * 1_000_000)
    answer = decode_any(await sends(pair, encode_request(5, "Rooms.enter", 60_000, (caller, "7"), GUARD)))
    assert (answer[3] == "7", len(hotel.entered), pair.server.stats.stale) == (is_heard, is_heard, not is_heard)
    assert is_heard or answer[2][0] == "rpc.deadline"


async def test_the_time_of_a_call_is_not_sealed(pair: Pair) -> None:
    kind, number, method, (context, caller, room) = decode_any(sealed())
    frame = encode([kind, number, method, [[context[0] - 1, context[1]], caller, room]])
    assert decode_any(await sends(pair, frame))[3] == "7"


many = st.lists(st.one_of(st.none(), st.integers(0, 9), st.text(max_size=9), st.binary(max_size=70_000)), max_size=40)


@given(st.text(max_size=20), many)
def test_whatever_is_sealed_is_found_sealed(method: str, arguments: list[object]) -> None:
    request = decode(encode_request(1, method, 7, tuple(arguments), GUARD))
    assert isinstance(request, Request)
    assert is_sealed(request, GUARD)
    assert not is_sealed(request, OTHER)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_sealed_call_that_was_changed_means_the_same_or_is_refused(data: st.DataObject) -> None:
    """Other bytes may be the same call: its number, its time, and lengths written in another way are free."""
    whole = sealed()
    at = data.draw(st.integers(0, len(whole) - 1))
    put = data.draw(st.binary(max_size=3))
    changed = whole[:at] + put + whole[at + data.draw(st.integers(0, 3)) :]
    assume(changed != whole)
    try:
        request = decode(changed)
    except Malformed:
        return
    if isinstance(request, Request) and is_sealed(request, GUARD):
        assert request.method == "Rooms.enter"
        assert decode_any(bytes(request.params))[1:] == decode_any(whole)[3][1:]


mutations = st.tuples(st.integers(0, len(sealed()) - 1), st.binary(max_size=3), st.integers(0, 3))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated=st.lists(mutations, min_size=1, max_size=4))
def test_mutated_calls_never_pass_nor_hurt_the_server(
    mutated: list[tuple[int, bytes, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    frame = bytearray(sealed())
    for at, put, dropped in mutated:
        frame[at : at + dropped] = put

    async def attack() -> None:
        hotel, folder = Hotel(), tmp_path_factory.mktemp("m")
        async with connected(folder, serve(Rooms, hotel), server_guard=GUARD, client_guard=GUARD) as pair:
            await sends(pair, bytes(frame))
            stats = pair.server.stats
            assert hotel.entered in ([], [(Caller(trace="t"), "7")])
            assert stats.failures == stats.misfits == stats.unknown == 0
            assert await remote(Rooms, pair.client, NO_ERRORS).leave(Caller(), "1") == "1"

    asyncio.run(attack())


@given(st.text(max_size=9), st.binary(max_size=99), st.text(max_size=9), st.binary(max_size=99))
def test_a_seal_is_of_one_call(method: str, arguments: bytes, other_method: str, others: bytes) -> None:
    seal = GUARD.seal(method, arguments)
    assert len(seal) == SEAL_BYTES
    assert GUARD.is_good(other_method, others, seal) == ((method, arguments) == (other_method, others))


def test_every_byte_of_the_arguments_counts() -> None:
    arguments = bytes(range(256)) * 8
    seal = GUARD.seal("m", arguments)
    assert GUARD.is_good("m", memoryview(arguments), seal)
    for at in range(len(arguments)):
        changed = bytearray(arguments)
        changed[at] ^= 1
        assert not GUARD.is_good("m", bytes(changed), seal)
    assert not GUARD.is_good("m", arguments + b"\0", seal)
    assert not GUARD.is_good("m", arguments[:-1], seal)


def test_a_key_has_a_length() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Guard(b"short")
