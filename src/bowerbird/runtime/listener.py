"""Listening sockets that workers share: the supervisor opens one once, each worker inherits its descriptor.

Why it is one socket, and why it is stopped as it is: docs/decisions/0002-granian.md.
"""

import ctypes
import os
import socket
import struct
from pathlib import Path
from typing import Final

from typing_extensions import override

from bowerbird.base.network import bound_at

BACKLOG: Final = 1024

_SO_ATTACH_FILTER: Final = 26
_BPF_RETURN: Final = 0x06
_TCP_INFO_BYTES: Final = 104
_UNACKED_AT: Final = 24
"""Where `struct tcp_info` has the length of a listening socket's queue."""


class _Listening:
    """The supervisor's end: inherited by workers under the number of `descriptor`."""

    def __init__(self, bound: socket.socket) -> None:
        self._socket = bound
        try:
            bound.listen(BACKLOG)
        except OSError:
            bound.close()
            raise

    @property
    def descriptor(self) -> int:
        """Return the number under which workers inherit it."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close it, when no worker holds it any more."""
        self._socket.close()


class LocalListener(_Listening):
    """A unix socket for this user's processes alone; it takes the place of one that a dead process left behind."""

    def __init__(self, path: Path) -> None:
        """Open the socket; OSError when somebody listens there."""
        super().__init__(bound_at(str(path)))
        self._path = path

    @override
    def close(self) -> None:
        """Close it and remove its file, when no worker holds it any more."""
        self._path.unlink(missing_ok=True)
        super().close()


class Listener(_Listening):
    """A TCP socket."""

    def __init__(self, host: str, port: int) -> None:
        """Open the socket; OSError when the address is taken or not ours."""
        super().__init__(_bound_to(host, port))

    def ignore_new(self) -> None:
        """Let the kernel drop what arrives for the socket, by a filter of one instruction that returns 0.

        Those who wait to be accepted stay; closing the socket, or shutting it down, would reset them.
        """
        program = ctypes.create_string_buffer(struct.pack("HBBI", _BPF_RETURN, 0, 0, 0))
        filter_ = struct.pack("HxxxxxxP", 1, ctypes.addressof(program))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, filter_)

    def waiting(self) -> int:
        """Return how many connections no worker has accepted yet."""
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        return struct.unpack_from("I", info, _UNACKED_AT)[0]


def leave(descriptor: int) -> None:
    """Take this process out of those that accept: a socket that nobody knows takes the place of the shared one."""
    with socket.socket(socket.AF_UNIX if is_local(descriptor) else socket.AF_INET) as nobody:
        nobody.bind("" if is_local(descriptor) else ("127.0.0.1", 0))
        nobody.listen(1)
        nobody.settimeout(0)
        os.dup2(nobody.fileno(), descriptor)


def is_local(descriptor: int) -> bool:
    """Return whether a listening socket is a unix socket."""
    with socket.socket(fileno=os.dup(descriptor)) as same:
        return same.family == socket.AF_UNIX


def _bound_to(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # What is accepted inherits it; without, an answer's second part waits 40 ms for the first to be acknowledged.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        bound.bind((host, port))
    except (OSError, OverflowError):
        bound.close()
        raise
    return bound
