"""A trap for processes: at the n-th write of one of them it dies, or another one, or all of the tree."""

import threading
import time
from collections.abc import Sequence
from typing import Final

from tests.kills.tree import Tree
from tests.kills.watch import DEAD, GO_ON, Moment, kill

EVERYTHING: Final = "everything"
_QUIET_S: Final = 0.1
"""Nothing follows any more from a request when its process has written nothing for so long."""


class Trap:
    """Kills a victim when a process is about to do its n-th write; `at`: that write, `seen`: all until then."""

    def __init__(self, tree: Tree, process: str, nth: int, victim: str) -> None:
        self.at: Moment | None = None
        self.seen: list[Moment] = []
        self.closed_s = 0.0
        self._tree = tree
        self.process = process
        self._nth = nth
        self._victim = victim
        self._lock = threading.Lock()
        self._last_s = 0.0

    def rule(self, moment: Moment) -> int:
        """Let everything happen until then."""
        with self._lock:
            if self.at is not None or moment.process != self.process or not moment.counts:
                return GO_ON
            self.seen.append(moment)
            self._last_s = time.monotonic()
            if len(self.seen) < self._nth:
                return GO_ON
            self.at, self.closed_s = moment, time.monotonic()
            for pid in self._victims(moment):
                kill(pid)
        return DEAD if self._victim in {self.process, EVERYTHING} else GO_ON

    def wait_until_quiet(self) -> None:
        """Return when the trap is closed, or nothing comes any more."""
        while self.at is None and time.monotonic() - self._last_s < _QUIET_S:
            time.sleep(0.01)

    def _victims(self, moment: Moment) -> Sequence[int]:
        if self._victim == self.process:
            return [moment.pid]
        pids = self._tree.pids()
        return [moment.pid, *pids.values()] if self._victim == EVERYTHING else [pids[self._victim]]
