"""Time and chance: the only door to clocks, sleep and randomness, so that a simulation can stand in their place."""

import asyncio
import secrets
import time

from bowerbird.base.ids import Id, Sequence, pack


class World:
    """The real one. A simulation subclasses it; everything that needs time or chance is handed an instance."""

    def __init__(self) -> None:
        self._sequence = Sequence()

    def now_us(self) -> int:
        """Return microseconds since 1970, UTC."""
        return time.time_ns() // 1000

    def monotonic_s(self) -> float:
        """Return seconds that never run backwards; only differences mean anything."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let others run for about `seconds`."""
        await asyncio.sleep(seconds)

    def random_bytes(self, count: int) -> bytes:
        """Return `count` unpredictable bytes, good enough for keys."""
        return secrets.token_bytes(count)

    def chance(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        return int.from_bytes(self.random_bytes(6), "big") / (1 << 48)

    def new_id(self, kind: int, shard: int) -> Id:
        """Make an id of a kind on a logical shard, later in order than any this process made before."""
        ms, low = self._sequence.next(self.now_us() // 1000, int.from_bytes(self.random_bytes(5), "big"))
        return pack(ms, shard, kind, low)
