"""One connection, either side of it: the peer is of the house, bytes become messages, what is none ends it."""

import asyncio
from abc import abstractmethod
from typing import cast

from typing_extensions import override

from bowerbird.base.network import Network
from bowerbird.rpc.frames import Frames, Untrusted
from bowerbird.rpc.limits import Limits, Stats
from bowerbird.rpc.wire import Malformed, Request, Response, decode, decode_whole


class Connection(asyncio.Protocol):
    """Either side of a connection; a subclass says what messages mean."""

    transport: asyncio.Transport
    is_ending = False

    def __init__(self, network: Network, limits: Limits, stats: Stats) -> None:
        self._network = network
        self._stats = stats
        self._frame_bytes_max = limits.frame_bytes_max
        self._frames = Frames(limits.frame_bytes_max)
        self._is_made = False

    @abstractmethod
    def opened(self) -> None:
        """Begin: the peer is known to be of the house."""

    @abstractmethod
    def received(self, message: Request | Response) -> None:
        """Take a message."""

    @abstractmethod
    def closed(self) -> None:
        """End: no further message comes or goes."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._is_made = True
        if self.is_ending:
            self.transport.abort()
            return
        if not self._network.is_trusted(transport):
            self._stats.strangers += 1
            self.abort()
            return
        self._stats.connections += 1
        self.opened()

    @override
    def data_received(self, data: bytes) -> None:
        try:
            if self._frames.is_between and len(data) <= self._frame_bytes_max:
                message = decode_whole(data)
                if message is not None:
                    self._take(message)
                    return
            for frame in self._frames.feed(data):
                self._take(decode(frame))
        except (Untrusted, Malformed):
            self._stats.malformed += 1
            self.abort()

    def _take(self, message: Request | Response) -> None:
        """Hand over a message, unless the connection was given up on account of one before it."""
        if not self.is_ending:
            self.received(message)

    def abort(self) -> None:
        """End at once, or never begin: nothing more is taken, and what is not sent yet is lost."""
        self.is_ending = True
        if self._is_made:
            self.transport.abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.closed()
