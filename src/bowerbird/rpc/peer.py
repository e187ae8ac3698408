"""What a remote calls: a peer, whether one connection, several processes of one service, or something between."""

from abc import abstractmethod
from typing import Any, Final, Protocol

from msgspec import Struct
from typing_extensions import override

from bowerbird.base.world import World
from bowerbird.rpc.limits import Limits
from bowerbird.rpc.wire import Response


class Nature(Struct, frozen=True):
    """What a call bears. `repeatable`: it may be made again when its reply was lost; `slow`: it may take seconds."""

    repeatable: bool = False
    slow: bool = False


PLAIN: Final = Nature()


class Peer(Protocol):
    """Somebody who answers calls; `limits` has the time that a call gets at most."""

    limits: Limits
    world: World

    @property
    def is_up(self) -> bool:
        """Return whether a call made now would be sent at once."""
        ...

    async def start(self) -> None:
        """Begin to connect, without waiting for it."""
        ...

    async def close(self) -> None:
        """End; calls under way get ReplyLost, later ones Unreachable."""
        ...

    async def call(
        self, method: str, arguments: tuple[Any, ...], timeout_ms: int, nature: Nature = PLAIN, /
    ) -> Response:
        """Return the answer, a result or an error of the contract; every other outcome is an RpcError."""
        ...


class Through(Peer):
    """A peer that stands before another one; a subclass says what becomes of the calls to that."""

    def __init__(self, peer: Peer) -> None:
        self.limits = peer.limits
        self.world = peer.world
        self._peer = peer

    @property
    @override
    def is_up(self) -> bool:
        return self._peer.is_up

    @override
    async def start(self) -> None:
        await self._peer.start()

    @override
    async def close(self) -> None:
        await self._peer.close()

    @override
    @abstractmethod
    async def call(
        self, method: str, arguments: tuple[Any, ...], timeout_ms: int, nature: Nature = PLAIN, /
    ) -> Response: ...
