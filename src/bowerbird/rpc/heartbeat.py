"""Finding a peer that hangs: it says nothing while calls wait, and does not answer a ping either.

Silence is counted in beats of this side's own loop, so that its own standstill is not taken for the peer's: however
long that was, it is one beat, and what came meanwhile is read before the next.
"""

import asyncio
from collections.abc import Callable
from typing import Final

BEATS_MAX: Final = 5
PING_AT: Final = 2
"""After how many silent beats the peer is asked, and after how many it is given up."""


class Heartbeat:
    """Of one connection. `heard()` at every sign of life; `watch()` whenever a call begins to wait."""

    def __init__(
        self,
        silence_ms_max: int,
        is_waiting: Callable[[], object],
        unsent_bytes: Callable[[], int],
        ping: Callable[[], None],
        give_up: Callable[[], None],
    ) -> None:
        self._beat_s = silence_ms_max / BEATS_MAX / 1000
        self._is_waiting = is_waiting
        self._unsent_bytes = unsent_bytes
        self._ping = ping
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._silent = 0
        self._unsent_before = 0

    def heard(self) -> None:
        """Note a sign of life."""
        self._silent = 0

    def watch(self) -> None:
        """Count beats from now on, until no call waits any more."""
        if self._timer is None:
            self._silent = 0
            self._timer = self._loop.call_later(self._beat_s, self._beat)

    def stop(self) -> None:
        """Count no further beat."""
        if self._timer is not None:
            self._timer.cancel()

    def _beat(self) -> None:
        self._timer = None
        if not self._is_waiting():
            return
        if self._takes_bytes():
            self._silent = 0
        self._silent += 1
        if self._silent >= BEATS_MAX:
            self._give_up()
            return
        if self._silent == PING_AT:
            self._ping()
        self._timer = self._loop.call_later(self._beat_s, self._beat)

    def _takes_bytes(self) -> bool:
        """Return whether less than a beat ago is left to be sent: a peer that is still reading says so by that."""
        before, self._unsent_before = self._unsent_before, self._unsent_bytes()
        return self._unsent_before < before
