"""Calls over TCP: between those whom the house's authority vouches for, under TLS 1.3, and with nobody else."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from msgspec.structs import replace

from bowerbird.base.calls import idempotent
from bowerbird.base.network import Certificates, Network, host_and_port, is_path
from bowerbird.base.world import World
from bowerbird.rpc.client import Client
from bowerbird.rpc.errors import RpcError
from bowerbird.rpc.limits import Limits
from bowerbird.rpc.peers import peers_at
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import Server, serve
from tests.support.house_certificates import HouseAuthority
from tests.support.rpc_pair import NO_ERRORS

PATIENT = Limits(connect_timeout_ms=30_000, timeout_ms=30_000)
BRIEF = Limits(connect_timeout_ms=300, timeout_ms=300)
"""For calls that come to nothing: how soon they are told."""


class Echo(Protocol):
    @idempotent
    async def say(self, what: bytes) -> bytes: ...


class Speaker:
    def __init__(self) -> None:
        self.said: list[bytes] = []

    async def say(self, what: bytes) -> bytes:
        self.said.append(what)
        return what


@pytest.fixture
def house(tmp_path: Path) -> HouseAuthority:
    return HouseAuthority(tmp_path)


def free_address(host: str = "127.0.0.1") -> str:
    with socket.create_server((host, 0)) as found:
        return f"{host}:{found.getsockname()[1]}"


@asynccontextmanager
async def listening(server_files: Certificates) -> AsyncGenerator[tuple[Server, Speaker, str]]:
    speaker, address = Speaker(), free_address()
    server = Server(serve(Echo, speaker), Network(server_files), World(), NO_ERRORS)
    await server.listen(address)
    yield server, speaker, address
    await server.close(drain_ms=0)


async def say(address: str, network: Network, what: bytes = b"hello", limits: Limits = PATIENT) -> bytes:
    client = Client(address, network, World(), limits)
    await client.start()
    try:
        return await remote(Echo, client, NO_ERRORS).say(what)
    finally:
        await client.close()


async def test_those_of_the_house_hear_each_other(house: HouseAuthority) -> None:
    async with listening(house.certificates("boards")) as (server, _, address):
        whole = bytes(range(256)) * 20_000
        assert await say(address, Network(house.certificates("edge")), whole) == whole
        assert (server.stats.connections, server.stats.strangers) == (1, 0)


async def is_refused(address: str, network: Network) -> bool:
    try:
        await say(address, network, limits=BRIEF)
    except RpcError:
        return True
    return False


async def test_who_shows_no_good_certificate_is_not_heard(house: HouseAuthority, tmp_path: Path) -> None:
    stranger = HouseAuthority(tmp_path, "stranger")
    theirs = stranger.certificates("edge")
    async with listening(house.certificates("boards")) as (server, speaker, address):
        for files in (theirs, replace(theirs, authority=str(house.file)), house.certificates("old", days=-1)):
            assert await is_refused(address, Network(files))
        assert (server.stats.connections, speaker.said) == (0, [])
        assert await say(address, Network(house.certificates("edge"))) == b"hello"


async def test_who_answers_must_show_one_too_and_for_that_host(house: HouseAuthority, tmp_path: Path) -> None:
    stranger = HouseAuthority(tmp_path, "stranger")
    own = Network(house.certificates("edge"))
    ours = str(house.file)
    for files in (
        replace(stranger.certificates("boards"), authority=ours),
        house.certificates("elsewhere", address="127.0.0.2"),
        house.certificates("old", days=-1),
    ):
        async with listening(files) as (_, speaker, address):
            assert await is_refused(address, own)
            assert speaker.said == []


async def test_nothing_is_said_in_the_clear(house: HouseAuthority) -> None:
    with pytest.raises(OSError, match="certificates"):
        await Network().listen(free_address(), asyncio.Protocol)
    with pytest.raises(OSError, match="certificates"):
        await Network().connect(free_address(), asyncio.Protocol)
    async with listening(house.certificates("boards")) as (server, speaker, address):
        host, port = host_and_port(address)
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"\x94\x00\x01\xa8Echo.say\x92\x91\xcd\xff\xff\xc4\x00" * 100)
        writer.write_eof()
        with contextlib.suppress(ConnectionError):
            assert not (await reader.read()).startswith(b"\x94")
        writer.close()
        assert (server.stats.connections, speaker.said) == (0, [])
        assert await say(address, Network(house.certificates("edge"))) == b"hello"


async def test_no_older_protocol_is_spoken(house: HouseAuthority) -> None:
    files = house.certificates("edge")
    old = files.client_context()
    old.minimum_version = ssl.TLSVersion.TLSv1_2
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with listening(house.certificates("boards")) as (server, _, address):
        host, port = host_and_port(address)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection(host, port, ssl=old)
        assert server.stats.connections == 0


async def test_a_handshake_that_never_ends_is_given_up_here(house: HouseAuthority) -> None:
    """Somebody accepts and says nothing: the connection is tried again, and the call is told in time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert await is_refused(address, Network(house.certificates("edge")))


async def test_a_process_that_comes_back_is_found_again(house: HouseAuthority) -> None:
    files = house.certificates("boards")
    async with listening(files) as (first, _, address):
        peers = peers_at([address], Network(house.certificates("edge")), World(), limits=PATIENT)
        await peers.start()
        echo = remote(Echo, peers, NO_ERRORS)
        assert await echo.say(b"one") == b"one"
        await first.close(drain_ms=0)
        second = Server(serve(Echo, Speaker()), Network(files), World(), NO_ERRORS)
        await second.listen(address)
        assert await echo.say(b"two") == b"two"
        await peers.close()
        await second.close(drain_ms=0)


@pytest.mark.parametrize(
    ("address", "parts"), [("a:1", ("a", 1)), ("[::1]:9000", ("::1", 9000)), ("10.0.0.5:65535", ("10.0.0.5", 65535))]
)
def test_an_address_of_a_host(address: str, parts: tuple[str, int]) -> None:
    assert not is_path(address)
    assert host_and_port(address) == parts


@pytest.mark.parametrize("address", ["", "a", "a:", ":1", "a:0", "a:65536", "a:x", "a:-1", "a:²"])
def test_an_address_of_nothing(address: str) -> None:
    with pytest.raises(ValueError, match="neither a path nor host:port"):
        host_and_port(address)


def test_a_path_is_no_host() -> None:
    assert is_path("/run/a:1")
    assert is_path("run/core.sock")


@pytest.mark.parametrize("field", ["authority", "certificate", "key"])
def test_files_that_are_not_there_are_told_at_once(house: HouseAuthority, field: str) -> None:
    files = replace(house.certificates("edge"), **{field: "/nowhere"})
    with pytest.raises(OSError, match=r"[Nn]o such file"):
        Network(files)
