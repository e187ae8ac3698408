"""Sockets: the only door to connections between our own processes, so that a simulation can stand in its place.

An address is a path, of a unix socket, or `host:port`. Nobody but the house is heard: at a path that is this user, by
the kernel's word; over TCP it is whoever the house's own authority has signed a certificate for, both ways.
"""

import asyncio
import os
import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

_CREDENTIALS = struct.Struct("iII")
"""Process, user and group, as SO_PEERCRED gives them."""
_LISTEN_BACKLOG = 128
_HANDSHAKE_TIMEOUT_S: Final = 5.0


class Certificates(Struct, frozen=True):
    """Paths of PEM files: the authority whose word counts, and this process's certificate (it names its host) and key.

    `server_context` and `client_context` raise OSError (ssl.SSLError among it) for files that are absent or none.
    """

    authority: str
    certificate: str
    key: str

    def server_context(self) -> ssl.SSLContext:
        """Return how it listens: peers show a certificate of the authority's too."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.verify_mode = ssl.CERT_REQUIRED
        return self._complete(context)

    def client_context(self) -> ssl.SSLContext:
        """Return how it connects: the certificate that it meets is the authority's, and names the host."""
        return self._complete(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    def _complete(self, context: ssl.SSLContext) -> ssl.SSLContext:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(self.authority)
        context.load_cert_chain(self.certificate, self.key)
        return context


class Network:
    """The real one. Whoever connects or listens is handed an instance; TCP needs certificates."""

    def __init__(self, certificates: Certificates | None = None) -> None:
        self._client_tls = certificates and certificates.client_context()
        self._server_tls = certificates and certificates.server_context()

    async def connect(self, address: str, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Connect to whoever listens at the address; OSError when nobody does, or nobody of the house."""
        loop = asyncio.get_running_loop()
        if is_path(address):
            await loop.create_unix_connection(protocol, address)
        else:
            host, port = host_and_port(address)
            await loop.create_connection(protocol, host, port, ssl=_needed(self._client_tls))

    async def listen(self, address: str, protocol: Callable[[], asyncio.Protocol]) -> asyncio.AbstractServer:
        """Listen at an address that only the house can reach; OSError when somebody listens there already."""
        loop = asyncio.get_running_loop()
        if is_path(address):
            listener = bound_at(address)
            try:
                return await loop.create_unix_server(protocol, sock=listener, backlog=_LISTEN_BACKLOG)
            except BaseException:
                listener.close()
                raise
        host, port = host_and_port(address)
        return await loop.create_server(
            protocol,
            host,
            port,
            backlog=_LISTEN_BACKLOG,
            ssl=_needed(self._server_tls),
            ssl_handshake_timeout=_HANDSHAKE_TIMEOUT_S,
        )

    def is_trusted(self, transport: asyncio.BaseTransport) -> bool:
        """Return whether the process at the other end is one of the house."""
        if transport.get_extra_info("ssl_object") is not None:
            return bool(transport.get_extra_info("peercert"))  # it was verified before the connection stood
        peer: socket.socket = transport.get_extra_info("socket")
        found = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, user, _ = _CREDENTIALS.unpack(found)
        return peer.family == socket.AF_UNIX and user == os.getuid()


def is_path(address: str) -> bool:
    """Return whether an address is of a unix socket."""
    return "/" in address


def host_and_port(address: str) -> tuple[str, int]:
    """Return the parts of `host:port`, IPv6 in brackets; ValueError for anything else."""
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16):
        raise ValueError(f"{address!r} is neither a path nor host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _needed(context: ssl.SSLContext | None) -> ssl.SSLContext:
    """Return the context; over TCP nothing is said in the clear."""
    if context is None:
        raise OSError("a TCP address needs certificates")
    return context


def bound_at(address: str) -> socket.socket:
    """Return a socket bound to the path with mode 0600, in the place of one that a dead process left behind.

    OSError when somebody listens there.
    """
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
