"""Sockets: the only door to connections between our own processes, so that a simulation can stand in its place."""

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

_CREDENTIALS = struct.Struct("iII")
"""Process, user and group, as SO_PEERCRED gives them."""
_LISTEN_BACKLOG = 128


class Network:
    """The real one, over unix sockets; an address is a path. Whoever connects or listens is handed an instance."""

    async def connect(self, address: str, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Connect to whoever listens at the address; OSError when nobody does."""
        await asyncio.get_running_loop().create_unix_connection(protocol, address)

    async def listen(self, address: str, protocol: Callable[[], asyncio.Protocol]) -> asyncio.AbstractServer:
        """Listen at an address that only this user can reach; OSError when somebody listens there already."""
        listener = _bound(address)
        try:
            return await asyncio.get_running_loop().create_unix_server(protocol, sock=listener, backlog=_LISTEN_BACKLOG)
        except BaseException:
            listener.close()
            raise

    def is_same_user(self, transport: asyncio.BaseTransport) -> bool:
        """Return whether the process at the other end runs as this process's user, by the kernel's word."""
        peer: socket.socket = transport.get_extra_info("socket")
        found = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, user, _ = _CREDENTIALS.unpack(found)
        return user == os.getuid()


def _bound(address: str) -> socket.socket:
    """Return a socket bound to the path with mode 0600, in the place of one that a dead process left behind."""
    _remove_dead(address)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(listener.fileno(), 0o600)  # bind gives the file this mode: there is no moment with a wider one
        listener.bind(address)
    except BaseException:
        listener.close()
        raise
    return listener


def _remove_dead(address: str) -> None:
    """Remove a socket file that nobody listens at; a living one is left, and binding to it fails."""
    if not Path(address).is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(address)
        except ConnectionRefusedError:
            Path(address).unlink(missing_ok=True)
