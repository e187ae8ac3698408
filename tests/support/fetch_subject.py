"""Openers of the port Fetch for tests: on a hand, without one, and careless on purpose."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import httpx
from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.httpfetch.addresses import Reach
from bowerbird.adapters.httpfetch.exchange import Exchanger
from bowerbird.adapters.httpfetch.fetch import HttpFetch
from bowerbird.adapters.httpfetch.hand import answer, trust
from bowerbird.adapters.httpfetch.limits import FetchLimits
from bowerbird.base.processes import Processes
from bowerbird.ports.fetch import Fetch, Fetched
from bowerbird.runtime.hands import HandLimits, Hands
from tests.ports.fetch_checks import Subject
from tests.support import fetch_hand
from tests.support.web import open_web

LIMITS = FetchLimits(
    page_bytes_max=200_000,
    picture_bytes_max=300_000,
    per_host_max=2,
    contact_url="https://example.org/about",
)


def limits_for(port: int) -> FetchLimits:
    """Return limits under which the server may be met, but only on its first address: no port rule hides a hole."""
    return replace(LIMITS, ports=(80, 443, port), allowed_hosts=(f"127.0.0.1:{port}", "127.0.0.3/32"))


def hasty(limits: FetchLimits) -> FetchLimits:
    """Return limits with so little time that waiting for its end is no burden."""
    return replace(limits, total_ms=1_000)


@asynccontextmanager
async def open_hands(_: Path) -> AsyncGenerator[Subject]:
    """Run the checks on the hand's own processes."""
    async with open_web() as web:
        limits = limits_for(web.port)
        pool = Hands(Processes(), fetch_hand.argv(limits), HandLimits(hands_max=4, memory_bytes_max=512 << 20))
        try:
            yield Subject(HttpFetch(pool, limits), HttpFetch(pool, hasty(limits)), web, fetch_hand.named)
        finally:
            await pool.close()


class Here:
    """The hand's code in a thread of this process: quick, and seen by whoever measures coverage."""

    def __init__(self, exchanger: Exchanger) -> None:
        self._exchanger = exchanger

    async def ask(self, request: bytes, timeout_ms: int) -> bytes:
        _ = timeout_ms
        return await asyncio.to_thread(answer, self._exchanger, request)


def in_process(limits: FetchLimits) -> HttpFetch:
    return HttpFetch(Here(Exchanger(limits, trust(limits.ca_file), fetch_hand.resolve, time.monotonic)), limits)


@asynccontextmanager
async def open_here(_: Path) -> AsyncGenerator[Subject]:
    async with open_web() as web:
        limits = limits_for(web.port)
        yield Subject(in_process(limits), in_process(hasty(limits)), web, fetch_hand.named)


class Careless(Fetch):
    """What a first attempt looks like: a client that follows, believes and reads whatever it is given."""

    @override
    async def fetch(self, url: str) -> Fetched:
        async with httpx.AsyncClient(follow_redirects=True, trust_env=False, timeout=1) as client:
            try:
                answer = await client.get(url)
            except httpx.HTTPError as error:
                return Fetched("bad-answer", 0, url, title=str(error))
        title = re.search("<title>(.*?)</title>", answer.text)
        return Fetched("", answer.status_code, str(answer.url), title=title.group(1) if title else "")


class FirstAddressOnly(Reach):
    """Believes that a name's first address speaks for all; what it lets through is met on this machine alone."""

    @override
    def check(self, host: str, port: int, found: Sequence[str]) -> list[IPv4Address | IPv6Address]:
        super().check(host, port, found[:1])
        return local(found)


class GlobalIsPublic(Reach):
    """Takes the standard library's word for what is public, embedded addresses included."""

    @override
    def check(self, host: str, port: int, found: Sequence[str]) -> list[IPv4Address | IPv6Address]:
        super().check(host, port, [address for address in found if not ip_address(address).is_global])
        return local(found)


def local(found: Sequence[str]) -> list[IPv4Address | IPv6Address]:
    """Return those addresses that lead to this machine."""
    return [address for address in map(ip_address, found) if address.is_loopback]


def careless(_: FetchLimits) -> Fetch:
    return Careless()


def with_reach(reach: type[Reach]) -> Callable[[FetchLimits], Fetch]:
    def make(limits: FetchLimits) -> Fetch:
        exchanger = Exchanger(limits, trust(""), fetch_hand.resolve, time.monotonic)
        vars(exchanger)["_reach"] = reach(limits)
        return HttpFetch(Here(exchanger), limits)

    return make


def with_limits(**changed: int) -> Callable[[FetchLimits], Fetch]:
    return lambda limits: in_process(replace(limits, **changed))
