"""A peer behind a breaker: what becomes of each call is judged, one that is too slow already while it waits.

It failed when the peer could not be reached, the reply was lost, or the answer took too long; a method that is slow by
nature has all the time of its call. Any answer, an error too, is good; a peer that is stopping in order, or a call that
its own caller gave up, says nothing. Waiting is counted in looks, so that a standstill of this side's own loop, however
long it is, is one of them.
"""

import asyncio
from typing import Any, Final, Literal

from msgspec import Struct
from typing_extensions import override

from bowerbird.rpc.breaker import Breaker, Leave
from bowerbird.rpc.errors import BreakerOpen, DeadlinePassed, Overloaded, ReplyLost, RpcError, Stopping, Unreachable
from bowerbird.rpc.limits import Stats
from bowerbird.rpc.peer import PLAIN, Nature, Peer, Through
from bowerbird.rpc.wire import Response

LOOKS_MAX: Final = 8
LOOK_MS: Final = 100
"""Who is still waited for at so many looks, this far apart, is too slow: a failure from that moment on."""
SLOW_MS: Final = LOOKS_MAX * LOOK_MS
_FAILURES: Final = (Unreachable, ReplyLost)
_SAYS_NOTHING: Final = (Stopping, Overloaded, DeadlinePassed)

Outcome = Literal["good", "bad", "unknown"]


class _Waiting(Struct, gc=False):
    """A call that has no outcome yet."""

    first_look: int
    leave: Leave
    is_slow: bool


class Breaking(Through):
    """Calls through to `peer` while the breaker lets it."""

    def __init__(self, peer: Peer, stats: Stats) -> None:
        super().__init__(peer)
        self._stats = stats
        self._breaker = Breaker()
        self._number = 0
        self._waiting: dict[int, _Waiting] = {}
        self._looks = 0
        self._is_looking = False

    @property
    def rests(self) -> bool:
        """Return whether a call made now would be refused."""
        return self._breaker.is_open and self._breaker.rests(self.world.monotonic_s())

    @override
    async def call(
        self, method: str, arguments: tuple[Any, ...], timeout_ms: int, nature: Nature = PLAIN, /
    ) -> Response:
        """Return the answer; BreakerOpen at once while the breaker is open."""
        number = self._begin(nature)
        outcome: Outcome = "unknown"
        try:
            response = await self._peer.call(method, arguments, timeout_ms, nature)
            outcome = "good"
        except RpcError as error:
            outcome = _outcome_of(error, timeout_ms)
            raise
        finally:
            self._end(number, outcome)
        return response

    def _begin(self, nature: Nature) -> int:
        leave = self._breaker.ask(self.world.monotonic_s())
        if leave == "refused":
            self._stats.refusals += 1
            raise BreakerOpen("the peer was failing a moment ago")
        self._number = number = self._number + 1
        self._waiting[number] = _Waiting(self._looks, leave, nature.slow)
        if not self._is_looking:
            self._is_looking = True
            asyncio.get_running_loop().call_later(LOOK_MS / 1000, self._look)
        return number

    def _end(self, number: int, outcome: Outcome) -> None:
        """Tell the breaker what became of a call, unless that was found too slow before."""
        waiting = self._waiting.pop(number, None)
        if waiting is None:
            return
        if outcome == "good":
            self._breaker.went_well(waiting.leave, self.world.monotonic_s())
        elif outcome == "bad":
            before = self._breaker.openings
            self._breaker.failed(waiting.leave, self.world.monotonic_s())
            self._stats.openings += self._breaker.openings - before
        else:
            self._breaker.given_up(waiting.leave)

    def _look(self) -> None:
        """Find the calls that wait too long, and look again while any wait."""
        self._looks += 1
        latest = self._looks - LOOKS_MAX
        late = [n for n, one in self._waiting.items() if one.first_look <= latest and not one.is_slow]
        for number in late:
            self._end(number, "bad")
        self._is_looking = bool(self._waiting)
        if self._is_looking:
            asyncio.get_running_loop().call_later(LOOK_MS / 1000, self._look)


def _outcome_of(error: RpcError, timeout_ms: int) -> Outcome:
    """Judge a call by its error."""
    if isinstance(error, DeadlinePassed) and timeout_ms >= SLOW_MS:
        return "bad"
    if isinstance(error, _SAYS_NOTHING):
        return "unknown"
    return "bad" if isinstance(error, _FAILURES) else "good"
