"""Time, chance and threads: the only door to clocks, sleep, randomness and pools, so that a simulation can stand in."""

import asyncio
import os
import random
import secrets
import time
from collections import deque
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Final

from bowerbird.base.ids import Id, Sequence, pack

_PIECE_BYTES: Final = 16
_PIECES: Final = 256


class World:
    """The real one. A simulation subclasses it; everything that needs one of the three is handed an instance."""

    def __init__(self) -> None:
        self._sequence = Sequence()
        self._pieces: deque[bytes] = deque()
        self._dice = random.Random()  # noqa: S311 - for samples and pauses, of which nobody must not guess anything

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
        if count > _PIECE_BYTES:
            return secrets.token_bytes(count)
        while True:
            try:
                # Taken off by one thread alone, and so given out once.
                return self._pieces.popleft()[:count]
            except IndexError:
                self._fetch_pieces()

    def _fetch_pieces(self) -> None:
        """Ask the kernel for many small pieces at once: every call lets go of the interpreter's lock."""
        data = secrets.token_bytes(_PIECE_BYTES * _PIECES)
        self._pieces.extend(data[start : start + _PIECE_BYTES] for start in range(0, len(data), _PIECE_BYTES))

    def chance(self) -> float:
        """Return a number from 0 up to, not including, 1; for nothing that must be unpredictable."""
        return self._dice.random()

    def pool(self, threads_max: int, name: str, niceness: int = 0) -> Executor:
        """Return threads for work that would hold up an event loop; whoever asks for them shuts them down.

        `niceness`: how far they stand back where others want the processor (Linux counts it by thread).
        """
        return ThreadPoolExecutor(threads_max, name, initializer=os.nice, initargs=(niceness,))

    def new_id(self, kind: int, shard: int) -> Id:
        """Make an id of a kind on a logical shard, later in order than any this process made before."""
        ms, low = self._sequence.next(self.now_us() // 1000, int.from_bytes(self.random_bytes(5), "big"))
        return pack(ms, shard, kind, low)
