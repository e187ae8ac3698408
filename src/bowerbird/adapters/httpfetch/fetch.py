"""The asking side of fetching: follows redirects and tries pictures, one exchange at a time, politely."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, msgpack
from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.httpfetch.addresses import parse
from bowerbird.adapters.httpfetch.limits import Failed, FetchLimits, Got, Page, Step, Want
from bowerbird.base.hand import Hand, HandBusy, HandDied, HandTimedOut
from bowerbird.ports.fetch import Fetch, Fetched

_GRACE_MS: Final = 2000
"""How much later than its own deadline a hand is killed."""
_TRIES: Final = 2


def argv(limits: FetchLimits) -> list[str]:
    """Return the command of a hand that fetches within the limits."""
    # A hand runs elsewhere than whoever wrote the settings.
    there = replace(limits, ca_file=limits.ca_file and str(Path(limits.ca_file).absolute()))
    return [sys.executable, "-I", "-m", "bowerbird.adapters.httpfetch.hand", msgspec.json.encode(there).decode()]


class HttpFetch(Fetch):
    """Pages fetched by hands that run `argv` with the same limits."""

    def __init__(self, hand: Hand, limits: FetchLimits) -> None:
        self._hand = hand
        self._limits = limits
        self._hosts = HostSlots(limits.per_host_max, limits.waiting_max)

    @override
    async def fetch(self, url: str) -> Fetched:
        trip = _Trip(url, self._limits.total_ms)
        got = await self._follow(trip, "page")
        if got.failure or got.page is None:
            where = trip.url if got.picture else ""
            return Fetched(got.failure, got.status, trip.url, picture_url=where, picture=got.picture)
        return await self._with_picture(trip, got.status, got.page)

    async def _with_picture(self, trip: "_Trip", status: int, page: Page) -> Fetched:
        """Return the page with the first of its pictures that can be had; a page without one is as good."""
        fetched = Fetched("", status, trip.url, page.title, page.description, page.site)
        if page.no_pictures:
            return replace(fetched, failure="refused-by-site")
        for candidate in page.pictures[: self._limits.pictures_max]:
            side = _Trip(candidate, trip.left_ms)
            got = await self._follow(side, "picture")
            if got.failure == "busy":
                # What only this house lacks is no fault of the page, and the page is asked again.
                return Fetched("busy", 0, trip.url)
            trip.left_ms = side.left_ms
            if got.picture and not got.failure:
                return replace(fetched, picture_url=side.url, picture=got.picture)
        return fetched

    async def _follow(self, trip: "_Trip", want: Want) -> Got:
        """Make the trip, through redirects, and return what stands at its end."""
        status = 0
        for _ in range(self._limits.redirects_max + 1):
            try:
                got = await self._step(trip, want)
            except Failed as failed:
                return Got(failed.failure)
            trip.left_ms -= got.took_ms
            if got.failure or not got.moved_to:
                return got
            trip.url, status = got.moved_to, got.status
        return Got("too-many-redirects", status)

    async def _step(self, trip: "_Trip", want: Want) -> Got:
        host = parse(trip.url, self._limits).host
        if trip.left_ms <= 0:
            raise Failed("timeout")
        async with self._hosts.slot(host):
            answer = await self._ask(msgpack.encode(Step(trip.url, want, trip.left_ms)), trip.left_ms + _GRACE_MS)
        return msgpack.decode(answer, type=Got)

    async def _ask(self, request: bytes, timeout_ms: int) -> bytes:
        """Ask twice before a page is held to be the cause of a hand's death: the first may have been killed."""
        for _ in range(_TRIES):
            try:
                return await self._hand.ask(request, timeout_ms)
            except HandBusy as error:
                raise Failed("busy") from error
            except HandTimedOut as error:
                raise Failed("timeout") from error
            except HandDied:
                continue
        raise Failed("bad-answer")


class _Trip(Struct):
    """Where a fetch has got to, and how much network time it has left."""

    url: str
    left_ms: int


class HostSlots:
    """At most `per_host_max` at once to one host; at most `waiting_max` wait. Only hosts in use are remembered."""

    def __init__(self, per_host_max: int, waiting_max: int) -> None:
        self._per_host_max = per_host_max
        self._waiting_max = waiting_max
        self._waiting = 0
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._users: dict[str, int] = {}

    @property
    def hosts(self) -> int:
        """Return how many hosts are remembered."""
        return len(self._slots)

    @asynccontextmanager
    async def slot(self, host: str) -> AsyncGenerator[None]:
        """Hold a place at a host; Failed("busy") when too many wait for one."""
        slots = self._slots.setdefault(host, asyncio.Semaphore(self._per_host_max))
        if slots.locked() and self._waiting >= self._waiting_max:
            raise Failed("busy")
        self._users[host] = self._users.get(host, 0) + 1
        try:
            await self._acquire(slots)
            try:
                yield
            finally:
                slots.release()
        finally:
            self._users[host] -= 1
            if not self._users[host]:
                del self._users[host], self._slots[host]

    async def _acquire(self, slots: asyncio.Semaphore) -> None:
        self._waiting += 1
        try:
            await slots.acquire()
        finally:
            self._waiting -= 1
