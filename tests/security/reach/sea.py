"""What makes an island of a process: every address that there is leads to itself, and names are asked of itself.

The process must be in a network and a mount namespace of its own (`unshare --map-root-user --net --mount`).
"""

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path
from typing import Final

_SIOCSIFFLAGS, _UP = 0x8914, 1
_LOOPBACK: Final = 1
_NEW_ROUTE: Final = 24
_REQUEST_ACK_CREATE: Final = 0x405
_LOCAL_TABLE, _BOOT, _HOST, _LOCAL = 255, 3, 254, 2
_OUT: Final = 4
_BIND: Final = 4096

FILES: Final = {
    "/etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:2 attempts:2\n",
    "/etc/nsswitch.conf": "hosts: files dns\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost\n",
}


def surround(folder: Path) -> None:
    """Cut this process off from everything else. OSError where the kernel does not let it."""
    _raise_loopback()
    for family in (socket.AF_INET, socket.AF_INET6):
        _lead_home(family)
    for path, text in FILES.items():
        if Path(path).exists():
            ours = folder / Path(path).name
            ours.write_text(text)
            _bind(ours, path)


def opened() -> int:
    """Return how many TCP connections were begun from here, as the kernel counts them, refused ones too."""
    names, values = (line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line[:4] == "Tcp:")
    return int(values[names.index("ActiveOpens")])


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _UP))


def _lead_home(family: socket.AddressFamily) -> None:
    """Add the route by which every address of a family is one of this machine's own."""
    route = struct.pack("BBBBBBBBI", family, 0, 0, 0, _LOCAL_TABLE, _BOOT, _HOST, _LOCAL, 0)
    out = struct.pack("HHI", 8, _OUT, _LOOPBACK)
    head = struct.pack("IHHII", 16 + len(route) + len(out), _NEW_ROUTE, _REQUEST_ACK_CREATE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as netlink:
        netlink.send(head + route + out)
        error = struct.unpack_from("i", netlink.recv(4096), 16)[0]
    if error:
        raise OSError(-error, os.strerror(-error))


def _bind(ours: Path, path: str) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.mount(bytes(ours), path.encode(), None, _BIND, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)
