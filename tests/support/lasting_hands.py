"""Hands that outlast a test: one process for all of a run, in a loop of its own, that is asked the same thing once.

The model and what reads it are loaded in that process alone: with the engines of words and of vectors they do not
share one.
"""

import asyncio
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from subprocess import run
from tempfile import mkdtemp
from threading import Thread

from bowerbird.adapters.vision import embedder, likeness
from bowerbird.adapters.vision.limits import HAND_BYTES_MAX
from bowerbird.base.processes import Processes
from bowerbird.runtime.hands import HandLimits, Hands

_LIMITS = HandLimits(hands_max=1, memory_bytes_max=HAND_BYTES_MAX, idle_s=3600, requests_max=1 << 30)


class LastingHand:
    """A hand for tests with a loop each."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._loop = asyncio.new_event_loop()
        Thread(target=self._loop.run_forever, daemon=True).start()
        self._hands = Hands(Processes(), argv, _LIMITS)
        self._known: dict[bytes, bytes] = {}

    async def ask(self, request: bytes, timeout_ms: int) -> bytes:
        if request not in self._known:
            asked = asyncio.run_coroutine_threadsafe(self._hands.ask(request, timeout_ms), self._loop)
            self._known[request] = await asyncio.wrap_future(asked)
        return self._known[request]


@cache
def model() -> Path:
    """Return the model's file, converted by a process of its own."""
    file = Path(mkdtemp()) / "model.onnx"
    run([sys.executable, "-m", "tools.model.convert", str(file)], check=True)
    return file


@cache
def embedding_hand() -> LastingHand:
    """Return the one that embeds."""
    return LastingHand(embedder.argv(model()))


@cache
def matching_hand() -> LastingHand:
    """Return the one that holds pictures against each other."""
    return LastingHand(likeness.argv())
