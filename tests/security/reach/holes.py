"""Holes to plant, one or more for each class of cases: what a hurried hand might have written instead.

Edits are of `adapters/httpfetch`.
"""

from typing import Final

from msgspec import Struct

from tests.support.spoiled import Edits


class Hole(Struct, frozen=True):
    """A hole in words, the class of cases that must find it, and how it is made."""

    told: str
    found_by: str
    edits: Edits


_JUDGED: Final = '    """Return whether an address is an ordinary one of the public internet."""\n'
_CHECK: Final = "        addresses = self._reach.check(host, port, found)\n"
_READ: Final = "        read = URL(url, base=base)\n"
_DIAL: Final = "        dial = Dial(self._reach, "
_OPEN: Final = 'Reach(FetchLimits(allowed_hosts=("0.0.0.0/0", "::/0")))'
_PLAIN: Final = "_HOST.fullmatch(read.hostname) and not read.username and not read.password"
_TYPES: Final = ("from ipaddress import IPv6Address\n", "from ipaddress import IPv6Address, ip_address\n")


_AS_TYPED: Final = {
    "exchange": (
        _DIAL,
        (
            "        import contextlib\n"
            '        typed = step.url.partition("://")[2].partition("/")[0].strip("[]")\n'
            "        with contextlib.suppress(ValueError):\n"
            "            self._reach.check(typed, 80, [typed])\n"
            f"        dial = Dial({_OPEN}, "
        ),
    )
}


def lets_through(*networks: str) -> Edits:
    """Return the edit by which some networks count as public."""
    listed = ", ".join(f"{network!r}" for network in networks)
    return {
        "addresses": (
            _JUDGED,
            f"{_JUDGED}    if any(address in ip_network(each) for each in ({listed},)):\n        return True\n",
        )
    }


NETWORKS: Final = {
    "this machine": ("127.0.0.0/8", "::1/128"),
    "private networks": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    "no address at all": ("0.0.0.0/8", "::/128"),
    "carrier-grade NAT": ("100.64.0.0/10",),
    "link-local, and what clouds answer on": ("169.254.0.0/16", "fe80::/10", "168.63.129.16/32", "fd00:ec2::/32"),
    "multicast, broadcast, reserved": ("224.0.0.0/4", "240.0.0.0/4", "ff00::/8"),
    "documentation, benchmarks, relays": (
        *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "192.0.0.0/24", "192.88.99.0/24"),
        *("2001:db8::/32", "3fff::/20", "2001::/23", "100::/64", "5f00::/16", "2620:4f:8000::/48"),
    ),
    "unique-local and site-local": ("fc00::/7", "fec0::/10"),
    "IPv4 within IPv6": (
        "::ffff:0:0/96",
        "::/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
    ),
}
"""The networks of which each class holds cases: any of them let through is found."""

HOLES: Final = [
    *(
        Hole(f"counts {network} as public", name, lets_through(network))
        for name, each in NETWORKS.items()
        for network in each
    ),
    Hole(
        "judges an address as it was typed, and believes whatever else it stands for", "numbers in disguise", _AS_TYPED
    ),
    Hole("judges an address as it was typed, and not what Unicode makes of it", "letters in disguise", _AS_TYPED),
    Hole(
        "takes zone ids off before it reads an address",
        "zone ids",
        {"addresses": (_READ, '        read = URL(re.sub(r"%(25)?\\w+(?=\\])", "", url), base=base)\n')},
    ),
    Hole(
        "judges the host that one parser finds, and calls the one that another finds",
        "users, ports and slashes around a host",
        {
            "addresses": (_PLAIN, "_HOST.fullmatch(read.hostname)"),
            "exchange": (
                _DIAL,
                (
                    "        import re\n"
                    '        first = re.split(r"[@/\\\\?#]", step.url.partition("//")[2])[0].partition(":")[0]\n'
                    "        self._reach.check(first, 80, self._resolve(first, 80))\n"
                    f"        dial = Dial({_OPEN}, "
                ),
            ),
        },
    ),
    Hole(
        "reads an address that names a user",
        "users, ports and slashes around a host",
        {"addresses": (_PLAIN, "_HOST.fullmatch(read.hostname)")},
    ),
    Hole(
        "calls any port",
        "ports",
        {"addresses": ("if foreign and port not in self._ports:", "if foreign and port not in range(65536):")},
    ),
    Hole(
        "takes ftp for http",
        "schemes",
        {
            "addresses": (
                '_PORTS: Final = {"http:": 80,',
                '_PORTS: Final = {"ftp:": 80, "ws:": 80, "wss:": 443, "http:": 80,',
            )
        },
    ),
    Hole(
        "judges a name's first address alone",
        "names",
        {
            "dial": ("check(host, port, found)", "check(host, port, found[:1]) and [*map(ip_address, found)]"),
            "dial 2": _TYPES,
        },
    ),
    Hole(
        "judges IPv4 alone",
        "names",
        {
            "dial": (
                "check(host, port, found)",
                'check(host, port, [each for each in found if ":" not in each]) and [*map(ip_address, found)]',
            ),
            "dial 2": _TYPES,
        },
    ),
    Hole(
        "judges numbers, and believes names",
        "names",
        {
            "dial": (
                _CHECK,
                (
                    '        number = host[:1].isdigit() or ":" in host\n'
                    "        checked = self._reach.check(host, port, found) if number else found\n"
                    "        addresses = [*map(ip_address, map(str, checked))]\n"
                ),
            ),
            "dial 2": _TYPES,
        },
    ),
    Hole(
        "looks a name up once more to call it",
        "names that change their mind",
        {"dial": ("connect_tcp(str(address), port, seconds)", "connect_tcp(host, port, seconds)")},
    ),
    Hole(
        "remembers that a host was found good",
        "names that change their mind",
        {
            "addresses": (
                "        addresses = [ip_address(address) for address in found]\n",
                (
                    "        addresses = [ip_address(address) for address in found]\n"
                    '        good = vars(self).setdefault("good", set())\n'
                    "        if host in good:\n"
                    "            return addresses\n"
                    "        if all(is_public(address) for address in addresses):\n"
                    "            good.add(host)\n"
                ),
            )
        },
    ),
    Hole(
        "judges the first address of a chain alone",
        "redirects",
        {
            "exchange": (
                '        if status in _MOVED and "location" in headers:\n',
                f'        if status in _MOVED and "location" in headers:\n            self._reach = {_OPEN}\n',
            )
        },
    ),
    Hole("follows for ever", "redirects", {"fetch": ("self._limits.redirects_max + 1", "50")}),
    Hole(
        "follows what is no redirect",
        "redirects",
        {"exchange": ('status in _MOVED and "location" in headers', '"location" in headers')},
    ),
    Hole(
        "judges pages, and not their pictures",
        "pictures of a page",
        {"exchange": (_DIAL, f'        dial = Dial({_OPEN} if step.want == "picture" else self._reach, ')},
    ),
]
