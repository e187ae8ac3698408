"""A peer as bad as the network allows, for tests: whoever calls through it must not notice but by the clock.

Each call, by a seed, is held up, is lost before it is sent, and, where it is repeatable, is made twice or has its reply
lost. Nothing is lost a second time when it is tried again, and replies not so often that a breaker would open: that
policies give up in the end is for other tests to show.
"""

from random import Random  # noqa: TID251 - it is the seed that says what happens, and it is no part of the house
from typing import Any, Final

from typing_extensions import override

from bowerbird.rpc.errors import ReplyLost, Stopping
from bowerbird.rpc.peer import PLAIN, Nature, Peer, Through
from bowerbird.rpc.wire import Response

DELAY_MS_MAX: Final = 20
_REPLIES_BETWEEN: Final = 5
_REMEMBERED_MAX: Final = 1000


class Chaotic(Through):
    """Stands before `peer`, and below `Peers`, whose retries make up for it. `share`: of each kind of trouble."""

    def __init__(self, peer: Peer, seed: int, share: float = 0.06) -> None:
        super().__init__(peer)
        self._dice = Random(seed)  # noqa: S311 - nobody must not guess it
        self._share = share
        self._replies = 0
        self._spared: dict[int, tuple[Any, ...]] = {}

    @override
    async def call(
        self, method: str, arguments: tuple[Any, ...], timeout_ms: int, nature: Nature = PLAIN, /
    ) -> Response:
        """Return the answer; the peer's errors, and further ones for no reason."""
        may_be_lost = self._spared.pop(id(arguments), None) is None
        await self._hold_up()
        if may_be_lost and self._happens():
            self._spare(arguments)
            raise Stopping("the call was lost, by chance")
        response = await self._peer.call(method, arguments, timeout_ms, nature)
        if not nature.repeatable:
            return response
        if self._happens():
            response = await self._peer.call(method, arguments, timeout_ms, nature)
        await self._hold_up()
        self._replies += 1
        if may_be_lost and self._replies > _REPLIES_BETWEEN and self._happens():
            self._replies = 0
            self._spare(arguments)
            raise ReplyLost("the reply was lost, by chance")
        return response

    def _happens(self) -> bool:
        return self._dice.random() < self._share

    async def _hold_up(self) -> None:
        if self._happens():
            await self.world.sleep(self._dice.uniform(0, DELAY_MS_MAX) / 1000)

    def _spare(self, arguments: tuple[Any, ...]) -> None:
        """Remember a call, which is known by its arguments being the very same object when it is made again."""
        if len(self._spared) >= _REMEMBERED_MAX:
            self._spared.clear()
        self._spared[id(arguments)] = arguments
