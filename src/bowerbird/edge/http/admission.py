"""Admission: which requests are begun, which wait, and which are refused, before anything is spent on any of them.

Each kind of request has a limit of its own (`limiter`), for a page takes half a millisecond of this process and a write
waits for the disk. A request holds its place until the event loop has come round once after its end: a page that was
built in one go is then counted with all that were built in the same turn, and its time is the time that they took
together. So a turn holds no more than the target allows, and what else has arrived waits here, where it can be seen,
and not in the loop's own queue, where it could not.

Of those who wait the more urgent goes first, and among equals whoever came first; but once these have waited for nearly
as long as anybody may, the latest: so some are answered at once, instead of all when they are about to go. One that has
waited for too long is refused with prepared bytes, at most so many a second: a client that is not answered does not ask
again meanwhile, so holding it back is what keeps refusals cheap.
"""

import asyncio
from collections import deque
from typing import Final, Literal

from bowerbird.base.telemetry import counter, gauge
from bowerbird.base.world import World
from bowerbird.edge.http.limiter import Limiter
from bowerbird.edge.http.settings import HttpSettings

Kind = Literal["read", "write", "slow"]
"""What is limited apart: pages, writes, and what waits for a hand, a walk or a password's hash."""

RANKS: Final = 3
USUAL: Final = 0
LATER: Final = 1
BACKGROUND: Final = 2
"""How urgent a request is: what somebody waits for; pictures and views; what a client calls background (RFC 9218)."""

TICK_S: Final = 0.05
REFUSED_A_TICK_MAX: Final = 50
_LONG_SHARE: Final = 0.75
SLOW_TARGET_S: Final = 5.0

_refused = counter("http_refused_total", "Requests refused because too much was asked at once, by kind.", "kind")
_limit = gauge("http_limit", "How many requests of a kind each worker works on at once at most.", "kind")
_waiting = gauge("http_waiting", "Requests that wait for their turn.")


class Turn:
    """One request's place: waiting, under way, or over."""

    __slots__ = ("admission", "arrived_s", "began_s", "granted", "line", "waited_s")

    def __init__(self, admission: "Admission", line: "_Line", now_s: float) -> None:
        self.admission = admission
        self.arrived_s = now_s
        self.began_s = now_s
        self.waited_s = 0.0
        self.granted: asyncio.Future[bool] | None = None
        self.line = line

    def pause(self) -> None:
        """Give the place up while the client is waited for."""
        self.line.limiter.under_way -= 1
        self.began_s -= self.admission.now_s()

    def go_on(self) -> None:
        """Take it again, at once: what was begun is ended. The time between does not count."""
        self.line.limiter.under_way += 1
        self.began_s += self.admission.now_s()

    def end(self) -> None:
        """Leave the place, at the end of this turn of the loop."""
        self.admission.ended(self)


class _Line:
    """One kind: its limit, and those who wait for it by rank, the latest on the right."""

    __slots__ = ("kind", "limiter", "ranks", "waiting")

    def __init__(self, kind: Kind, target_s: float) -> None:
        self.kind: Kind = kind
        self.limiter = Limiter(target_s)
        self.waiting = 0
        self.ranks: tuple[deque[Turn], ...] = tuple(deque() for _ in range(RANKS))


class Admission:
    """One worker's. `begin` a request, or `wait` where there is no room; `end` the turn that comes of either."""

    def __init__(self, settings: HttpSettings, world: World) -> None:
        self._world = world
        self._wait_s = settings.wait_ms / 1000
        self._long_s = self._wait_s * _LONG_SHARE
        self._deadline_s = settings.timeout_ms / 1000
        self._waiting_max = settings.waiting_max
        targets_s: dict[Kind, float] = {
            "read": settings.read_target_ms / 1000,
            "write": settings.write_target_ms / 1000,
            "slow": SLOW_TARGET_S,
        }
        self._lines: dict[Kind, _Line] = {kind: _Line(kind, target_s) for kind, target_s in targets_s.items()}
        self._ended: list[Turn] = []
        self._watching: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return sum(line.waiting for line in self._lines.values())

    def limit(self, kind: Kind) -> int:
        """Return how many requests of a kind are worked on at once at most."""
        return int(self._lines[kind].limiter.limit)

    def now_s(self) -> float:
        """Return the time by which turns are measured."""
        return self._world.monotonic_s()

    def begin(self, kind: Kind) -> Turn | None:
        """Return a turn if there is room and nobody waits for it."""
        line = self._lines[kind]
        if line.waiting or not line.limiter.has_room:
            return None
        line.limiter.under_way += 1
        return Turn(self, line, self.now_s())

    async def wait(self, kind: Kind, rank: int) -> Turn | None:
        """Return a turn as soon as it is this request's; None when it is refused."""
        line = self._lines[kind]
        turn = Turn(self, line, self.now_s())
        granted = turn.granted = asyncio.get_running_loop().create_future()
        line.ranks[rank].append(turn)
        line.waiting += 1
        if self.waiting > self._waiting_max:
            self._refuse_oldest()
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch(), name="admission")
        try:
            return turn if await granted else None
        except asyncio.CancelledError:
            if not granted.cancelled() and granted.result():  # it was granted, and nobody is there any more
                self.ended(turn)
            raise

    def ended(self, turn: Turn) -> None:
        """Take down that a turn is over; its place is free when the loop comes round."""
        if not self._ended:
            asyncio.get_running_loop().call_soon(self._come_round)
        self._ended.append(turn)

    def _come_round(self) -> None:
        """Free the places of all that ended in the last turn of the loop, and begin as many of those who wait."""
        now_s = self.now_s()
        for turn in self._ended:
            turn.line.limiter.learn(now_s - turn.began_s, now_s)
            turn.line.limiter.under_way -= 1
        self._ended.clear()
        self._begin_waiting(now_s)

    def _begin_waiting(self, now_s: float) -> None:
        """Begin what waits, as far as there is room, unless its deadline has passed."""
        for line in self._lines.values():
            for rank in line.ranks if line.waiting else ():
                while rank and line.limiter.has_room:
                    long = now_s - rank[0].arrived_s >= self._long_s
                    turn = rank.pop() if long else rank.popleft()
                    late = now_s - turn.arrived_s >= self._deadline_s
                    if self._answer(turn, good=not late):
                        turn.began_s, turn.waited_s = now_s, now_s - turn.arrived_s
                        line.limiter.under_way += 1

    def _answer(self, turn: Turn, *, good: bool) -> bool:
        """Tell whoever waits for a turn what came of it; return whether there is somebody to begin."""
        turn.line.waiting -= 1
        assert turn.granted is not None  # noqa: S101 - it waited
        if turn.granted.done():  # whoever waited was cancelled
            return False
        if not good:
            _refused.labels(turn.line.kind).inc()
        turn.granted.set_result(good)
        return good

    async def _watch(self) -> None:
        """While anybody waits, look again and again who has waited for too long."""
        try:
            while self.waiting:
                await self._world.sleep(TICK_S)
                self._begin_waiting(self.now_s())  # for whom a turn made room that is paused
                self._refuse_late()
                self._tell()
        finally:
            self._watching = None

    def _refuse_late(self) -> None:
        since_s = self.now_s() - self._wait_s
        for _ in range(REFUSED_A_TICK_MAX):
            if not self._refuse_oldest(since_s):
                return

    def _refuse_oldest(self, since_s: float | None = None) -> bool:
        """Refuse the oldest of the least urgent, if it has waited since then; return whether one was refused."""
        for rank in reversed(range(RANKS)):
            lines = [line for line in self._lines.values() if line.ranks[rank]]
            if not lines:
                continue
            line = min(lines, key=lambda line: line.ranks[rank][0].arrived_s)
            if since_s is None or line.ranks[rank][0].arrived_s <= since_s:
                self._answer(line.ranks[rank].popleft(), good=False)
                return True
        return False

    def _tell(self) -> None:
        _waiting.set(self.waiting)
        for line in self._lines.values():
            _limit.labels(line.kind).set(line.limiter.limit)
