"""A DNS server for tests: it answers from a zone, and may answer differently each time that it is asked (RFC 1035)."""

import asyncio
import struct
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Final

from msgspec import Struct
from typing_extensions import override

_A, _CNAME, _AAAA = 1, 5, 28
_INTERNET: Final = 1
_ANSWER, _NO_SUCH_NAME = 0x8580, 0x8583
_CHAIN_MAX: Final = 8


class Name(Struct, frozen=True, omit_defaults=True):
    """What a name answers: another name that it stands for, or its addresses of each family, one list a time asked.

    The last list stays. Nothing at all is a name that does not exist.
    """

    stands_for: str = ""
    v4: tuple[tuple[str, ...], ...] = ()
    v6: tuple[tuple[str, ...], ...] = ()


class Nameserver(asyncio.DatagramProtocol):
    """Answers from `zone`, which may be set anew at any time by `serve`; `asked` are the names of every question."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._zone: Mapping[str, Name] = {}
        self._times: dict[tuple[str, int], int] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def serve(self, zone: Mapping[str, Name]) -> None:
        """Forget what was asked, and answer from another zone."""
        self.asked.clear()
        self._times.clear()
        self._zone = zone

    @override
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, end = _name_at(data, 12)
        (kind,) = struct.unpack_from(">H", data, end)
        self.asked.append(name)
        records = list(self._records(name, kind))
        known = self._zone.get(name, Name()) != Name()
        head = struct.pack(">2sHHHHH", data[:2], _ANSWER if known else _NO_SUCH_NAME, 1, len(records), 0, 0)
        if self._transport is not None:
            self._transport.sendto(head + data[12 : end + 4] + b"".join(records), addr)

    def _records(self, name: str, kind: int) -> Iterator[bytes]:
        for _ in range(_CHAIN_MAX):
            found = self._zone.get(name, Name())
            if not found.stands_for:
                yield from (_record(name, kind, ip_address(each).packed) for each in self._addresses(name, found, kind))
                return
            yield _record(name, _CNAME, _encoded(found.stands_for))
            name = found.stands_for

    def _addresses(self, name: str, found: Name, kind: int) -> tuple[str, ...]:
        answers = {_A: found.v4, _AAAA: found.v6}.get(kind, ())
        time = self._times[name, kind] = self._times.get((name, kind), -1) + 1
        return answers[min(time, len(answers) - 1)] if answers else ()


def _record(name: str, kind: int, data: bytes) -> bytes:
    return _encoded(name) + struct.pack(">HHIH", kind, _INTERNET, 0, len(data)) + data


def _encoded(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def _name_at(data: bytes, at: int) -> tuple[str, int]:
    """Return the name that stands there, in lower case, and where it ends."""
    labels: list[str] = []
    while length := data[at]:
        labels.append(data[at + 1 : at + 1 + length].decode("latin-1").lower())
        at += 1 + length
    return ".".join(labels), at + 1
