"""The processes of one service, called in turn: those that are up, and of these not the ones that fail.

At most a fifth of them is left out for failing, and never the last: what the others bear must not grow without bound.
"""

from collections.abc import Sequence
from typing import Any, Final

from typing_extensions import override

from bowerbird.base.network import Network
from bowerbird.base.world import World
from bowerbird.rpc.breaking import Breaking
from bowerbird.rpc.client import Client
from bowerbird.rpc.guard import Guard
from bowerbird.rpc.limits import Limits, Stats
from bowerbird.rpc.peer import PLAIN, Nature, Peer
from bowerbird.rpc.retry import Retry
from bowerbird.rpc.wire import Response

_EJECTED_SHARE: Final = 5
"""One of so many may be left out, and one in any case."""


class Peers(Peer):
    """Several as one, each behind a breaker of its own, with retries over all of them."""

    def __init__(self, members: Sequence[Peer], stats: Stats) -> None:
        if not members:
            raise ValueError("a service has at least one address")
        self.stats = stats
        self.limits = members[0].limits
        self.world = members[0].world
        self._members = [Breaking(member, stats) for member in members]
        self._retry = Retry(self.world, stats)
        self._turn = 0

    @property
    @override
    def is_up(self) -> bool:
        return any(member.is_up for member in self._members)

    @override
    async def start(self) -> None:
        for member in self._members:
            await member.start()

    @override
    async def close(self) -> None:
        for member in self._members:
            await member.close()

    @override
    async def call(
        self, method: str, arguments: tuple[Any, ...], timeout_ms: int, nature: Nature = PLAIN, /
    ) -> Response:
        """Return the answer; the errors of a Client, and BreakerOpen."""
        return await self._retry.call(
            lambda left_ms: self._next().call(method, arguments, left_ms, nature),
            timeout_ms,
            repeatable=nature.repeatable,
        )

    def _next(self) -> Breaking:
        """Return whose turn it is."""
        if len(self._members) == 1:
            return self._members[0]
        up = [member for member in self._members if member.is_up] or self._members
        ejected = [member for member in up if member.rests][: self._ejected_max(len(up))]
        eligible = [member for member in up if member not in ejected]
        self._turn += 1
        return eligible[self._turn % len(eligible)]

    def _ejected_max(self, up: int) -> int:
        return min(up - 1, max(1, len(self._members) // _EJECTED_SHARE))


def peers_at(
    addresses: Sequence[str],
    network: Network,
    world: World,
    *,
    limits: Limits | None = None,
    guard: Guard | None = None,
) -> Peers:
    """Return the processes at these addresses; their counts are one."""
    stats = Stats()
    clients = [Client(address, network, world, limits, guard=guard, stats=stats) for address in addresses]
    return Peers(clients, stats)
