"""Connections that go where they were checked to go, and end when their time or their bytes are used up."""

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv6Address
from typing import Any, Final

import httpcore
from typing_extensions import override

from bowerbird.adapters.httpfetch.addresses import Address, Reach
from bowerbird.adapters.httpfetch.limits import Failed

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host, as text; OSError when it has none."""

_ADDRESSES_MAX: Final = 4


def system_resolve(host: str, port: int) -> list[str]:
    """Ask the system. It also reads what is no name but a number in disguise: 0x7f.1, 017700000001, 2130706433."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Budget:
    """What is left of an exchange: seconds until its deadline by the given clock, and bytes to read."""

    def __init__(self, clock: Callable[[], float], seconds: float, bytes_max: int) -> None:
        self._clock = clock
        self._deadline = clock() + seconds
        self._bytes = bytes_max

    def seconds(self) -> float:
        """Return the seconds left; Failed("timeout") when there are none."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise Failed("timeout")
        return left

    def spend(self, count: int) -> None:
        """Take bytes off; Failed("too-large") when there are not so many."""
        self._bytes -= count
        if self._bytes < 0:
            raise Failed("too-large")


class Dial(httpcore.NetworkBackend):
    """Looks a host up once, checks every address, and connects to one of these, by number."""

    def __init__(self, reach: Reach, resolve: Resolve, budget: Budget, connect_s: float) -> None:
        self._reach = reach
        self._resolve = resolve
        self._budget = budget
        self._connect_s = connect_s
        self._sockets = httpcore.SyncBackend()

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        for address in self._addresses(host, port)[:_ADDRESSES_MAX]:
            try:
                seconds = min(self._budget.seconds(), self._connect_s)
                return Bounded(self._sockets.connect_tcp(str(address), port, seconds), self._budget)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        raise Failed("unreachable")

    def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Failed("no-such-host") from error
        addresses = self._reach.check(host, port, found)
        if not addresses:
            raise Failed("no-such-host")
        # Both families are tried, IPv4 first: it works more often where only one of them does.
        return sorted(addresses, key=lambda address: isinstance(address, IPv6Address))


class Bounded(httpcore.NetworkStream):
    """A stream that shares its exchange's budget, before and after it is encrypted."""

    def __init__(self, inner: httpcore.NetworkStream, budget: Budget) -> None:
        self._inner = inner
        self._budget = budget

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._budget.seconds())
        self._budget.spend(len(data))
        return data

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._budget.seconds())

    @override
    def close(self) -> None:
        self._inner.close()

    @override
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return Bounded(self._inner.start_tls(ssl_context, server_hostname, self._budget.seconds()), self._budget)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
