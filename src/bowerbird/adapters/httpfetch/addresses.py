"""Which hosts may be met: only what the public internet can reach, unless the settings name them."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from ada_url import URL
from msgspec import Struct

from bowerbird.adapters.httpfetch.limits import Failed, FetchLimits

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PORTS: Final = {"http:": 80, "https:": 443}
_HOST: Final = re.compile(r"[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\]", re.ASCII)

# IANA's special-purpose registries, and what clouds answer on. What embeds an IPv4 address is refused whole: nothing
# public is reached by it alone.
_REFUSED_4: Final = [
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
    )
]
_PUBLIC_6: Final = IPv6Network("2000::/3")
_REFUSED_6: Final = [
    IPv6Network(network)
    for network in (
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
        # ORCHID and 6bone, given back
        *("2001:10::/28", "2001:20::/28", "3ffe::/16"),
    )
]


def is_public(address: Address) -> bool:
    """Return whether an address is an ordinary one of the public internet."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _REFUSED_4)
    special = address.scope_id is not None or any(address in network for network in _REFUSED_6)
    return address in _PUBLIC_6 and address.is_global and not special


class Target(Struct, frozen=True):
    """A web address, taken apart: `host` has no brackets, `authority` is what the Host header says."""

    href: str
    scheme: str
    host: str
    port: int
    authority: str
    path: str


def parse(url: str, limits: FetchLimits, base: str | None = None) -> Target:
    """Read an address as browsers do (WHATWG), relative to `base`: http(s), with a host, without a user's name.

    Raises Failed("bad-address").
    """
    try:
        read = URL(url, base=base)
    except ValueError as error:
        raise Failed("bad-address") from error
    port = int(read.port) if read.port else _PORTS.get(read.protocol, 0)
    plain = _HOST.fullmatch(read.hostname) and not read.username and not read.password
    if not plain or not port or read.protocol not in _PORTS:
        raise Failed("bad-address")
    read.hash = ""
    if len(read.href) > limits.url_characters_max:
        raise Failed("bad-address")
    scheme, host = read.protocol.removesuffix(":"), read.hostname.strip("[]")
    return Target(read.href, scheme, host, port, read.host, read.pathname + read.search)


class Reach:
    """The settings' word on who may be met."""

    def __init__(self, limits: FetchLimits) -> None:
        self._ports = frozenset(limits.ports)
        self._networks: list[Network] = []
        self._names: set[str] = set()
        for entry in limits.allowed_hosts:
            try:
                self._networks.append(ip_network(entry, strict=False))
            except ValueError:
                self._names.add(entry.lower())

    @property
    def tcp_ports(self) -> tuple[int, ...] | None:
        """Every port that may be reached, or None where the settings leave it open."""
        named = [name.rpartition(":")[2] for name in self._names]
        if self._networks or not all(port.isdigit() for port in named):
            return None
        return tuple(sorted(self._ports | {int(port) for port in named}))

    def check(self, host: str, port: int, found: Sequence[str]) -> list[Address]:
        """Return the addresses that a host has, or raise Failed: one that may not be met refuses all of them."""
        addresses = [ip_address(address) for address in found]
        if self._is_named(host, port):
            return addresses
        foreign = [a for a in addresses if not self._is_allowed(a)]
        if foreign and port not in self._ports:
            raise Failed("port-refused")
        if not all(is_public(address) for address in foreign):
            raise Failed("not-public")
        return addresses

    def _is_named(self, host: str, port: int) -> bool:
        bracketed = f"[{host}]" if ":" in host else host
        return host in self._names or f"{bracketed}:{port}" in self._names

    def _is_allowed(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._networks)
