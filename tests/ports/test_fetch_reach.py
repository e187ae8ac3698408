"""Who may be met: the table of addresses, and what the settings say about hosts and ports."""

from ipaddress import ip_address

import pytest

from bowerbird.adapters.httpfetch.addresses import Reach, is_public
from bowerbird.adapters.httpfetch.dial import system_resolve
from bowerbird.adapters.httpfetch.limits import Failed, FetchLimits

PUBLIC = ("1.1.1.1", "8.8.8.8", "93.184.215.14", "223.255.255.254", "2606:4700:4700::1111", "2a00:1450:4001:82a::200e")
NOT_PUBLIC = (
    *("0.0.0.0", "0.255.255.255"),  # noqa: S104 - judged, not bound
    *("10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.255"),
    *("169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1"),
    *("192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
    *("::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::8.8.8.8"),
    *(
        "100::1",
        "2001::1",
        "2001:0:808:808::",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:808:808::",
    ),
    *("3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_all_others_are_not(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    ("allowed", "host", "port", "found", "failure"),
    [
        ((), "a.org", 443, ["1.1.1.1"], ""),
        ((), "a.org", 8080, ["1.1.1.1"], "port-refused"),
        ((), "a.org", 443, ["1.1.1.1", "10.0.0.1"], "not-public"),
        (("wiki",), "wiki", 8080, ["10.0.0.1"], ""),
        (("WIKI",), "wiki", 80, ["10.0.0.1"], ""),
        (("wiki",), "wiki.evil.org", 80, ["10.0.0.1"], "not-public"),
        (("wiki:80",), "wiki", 80, ["10.0.0.1"], ""),
        (("wiki:80",), "wiki", 8080, ["10.0.0.1"], "port-refused"),
        (("wiki:80",), "wiki", 443, ["10.0.0.1"], "not-public"),
        (("10.1.0.0/16",), "any.org", 8080, ["10.1.2.3"], ""),
        (("10.1.0.0/16",), "any.org", 80, ["10.2.0.1"], "not-public"),
        (("10.1.0.0/16",), "any.org", 80, ["10.1.0.1", "10.2.0.1"], "not-public"),
        (("10.1.0.0/16",), "any.org", 80, ["10.1.0.1", "1.1.1.1"], ""),
        (("10.1.0.0/16",), "any.org", 81, ["10.1.0.1", "1.1.1.1"], "port-refused"),
        (("fd00::/8",), "any.org", 81, ["fd00::1"], ""),
        (("[fd00::1]:81",), "fd00::1", 81, ["fd00::1"], ""),
        (("10.0.0.1",), "any.org", 81, ["10.0.0.1"], ""),
    ],
)
def test_the_settings_say_who_may_be_met(
    allowed: tuple[str, ...], host: str, port: int, found: list[str], failure: str
) -> None:
    reach = Reach(FetchLimits(allowed_hosts=allowed))
    if failure:
        with pytest.raises(Failed, match=failure):
            reach.check(host, port, found)
    else:
        assert [str(address) for address in reach.check(host, port, found)] == found


@pytest.mark.parametrize(
    ("allowed", "ports"),
    [((), (80, 443)), (("a:81", "b:82"), (80, 81, 82, 443)), (("a",), None), (("10.0.0.0/8", "a:81"), None)],
)
def test_the_kernel_is_told_which_ports_are_enough(allowed: tuple[str, ...], ports: tuple[int, ...] | None) -> None:
    assert Reach(FetchLimits(allowed_hosts=allowed)).tcp_ports == ports


def test_the_system_reads_numbers_in_disguise() -> None:
    for host in ("127.0.0.2", "127.2", "0x7f000002", "2130706434"):
        assert system_resolve(host, 80) == ["127.0.0.2"]
