"""A peer whose answers a test decides, and a world whose clock it moves: policies of callers without any network."""

import asyncio
from typing import Any

from msgspec import Raw
from typing_extensions import override

from bowerbird.base.world import World
from bowerbird.rpc.limits import Limits
from bowerbird.rpc.peer import PLAIN, Nature, Peer
from bowerbird.rpc.wire import Response

ANSWER = Response(0, None, Raw(b"\xc0"))


class Clock(World):
    """Time passes by sleeping, and when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1000.0
        self.slept_s: list[float] = []

    @override
    def monotonic_s(self) -> float:
        return self.now_s

    @override
    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds


class StandIn(Peer):
    """Raises the errors in turn, then answers; `takes_s` passes with each call, and the gate must be open."""

    def __init__(self, world: Clock, *errors: Exception, takes_s: float = 0.0) -> None:
        self.limits = Limits()
        self.world = self.clock = world
        self.errors = list(errors)
        self.takes_s = takes_s
        self.up = True
        self.calls: list[tuple[str, tuple[Any, ...], int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    @override
    def is_up(self) -> bool:
        return self.up

    @override
    async def start(self) -> None:
        self.up = True

    @override
    async def close(self) -> None:
        self.up = False

    @override
    async def call(
        self, method: str, arguments: tuple[Any, ...], timeout_ms: int, _nature: Nature = PLAIN, /
    ) -> Response:
        self.calls.append((method, arguments, timeout_ms))
        self.clock.now_s += self.takes_s
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        return ANSWER
