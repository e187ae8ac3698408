"""One death: an operation is done, a process is killed at its n-th write, and everything is looked at again.

What was acknowledged is there, once; what was not is there whole or not at all, and sent again until it is
acknowledged it is there once. Whoever died is back, others have come to know, and nothing is half.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import httpx

from tests.kills.operations.accounts import Register
from tests.kills.operations.base import Operation
from tests.kills.operations.base import acknowledged as was_acknowledged
from tests.kills.trap import EVERYTHING, Trap
from tests.kills.tree import Tree
from tests.kills.watch import Moment, go_on

HANDS: Final = ("pixels", "network")
DEATHS_A_TREE: Final = 3
"""After so many the tree is started anew: the supervisor waits longer and longer with what falls over again."""

_TRIES_S: Final = 60.0
_END_S: Final = 30.0


@dataclass(frozen=True)
class Death:
    """What happened: `victim` was killed when `at` was about to happen, the n-th write of its process."""

    operation: str
    victim: str
    nth: int
    at: Moment
    acknowledged: bool
    back_s: float


class Deaths:
    """Deaths on one tree after another, all on the same data."""

    def __init__(self, tree: Tree, page_url: str) -> None:
        self.tree = tree
        self.base_url = tree.base_url
        self.page_url = page_url
        self.unborn: list[Register] = []
        self._died = 0

    def moments(self, kind: Callable[["Deaths"], Operation], process: str) -> list[Moment]:
        """Return the writes of a process while an operation is done and nobody dies."""
        trap = Trap(self.tree, process, 1 << 60, process)
        operation = kind(self)
        self.tree.rule = trap.rule
        assert self._tried(operation, trap), self.tree.words()
        return trap.seen

    def die(self, kind: Callable[["Deaths"], Operation], process: str, nth: int, victim: str) -> Death | None:
        """Do an operation with a death in it, and check it; None when there are not so many writes."""
        if self._died >= DEATHS_A_TREE:
            self.begin_anew()
        operation = kind(self)
        trap = Trap(self.tree, process, nth, victim)
        self.tree.rule = trap.rule
        acknowledged = self._tried(operation, trap)
        if trap.at is None:
            assert acknowledged, f"{operation.name}: no answer, and nobody died:\n{self.tree.words()}"
            return None
        self._died += 1
        self._revive(victim)
        self.tree.wait_until_ready()
        back_s = time.monotonic() - trap.closed_s
        self._settle(operation, acknowledged=acknowledged)
        return Death(operation.name, victim, nth, trap.at, acknowledged, back_s)

    def _tried(self, operation: Operation, trap: Trap) -> bool:
        """Send the request once and, when it is acknowledged, wait for what follows from it; return whether it was.

        An edge writes with everything that it is asked, so that only the request itself is watched there.
        """
        try:
            acknowledged = was_acknowledged(operation.act())
        except httpx.TransportError:
            acknowledged = False
        if acknowledged and not trap.process.startswith("edge"):
            try:
                operation.check()
                trap.wait_until_quiet()
            except (httpx.TransportError, AssertionError):
                if trap.at is None:
                    raise
        self.tree.rule = go_on
        return acknowledged

    def _revive(self, victim: str) -> None:
        if victim in {"supervisor", EVERYTHING}:
            # Without its supervisor a tree ends by itself; killed whole it is gone already.
            assert self.tree.ended(_END_S), "the tree outlives its supervisor"
            self.tree.start()
            self._died = 0

    def begin_anew(self) -> None:
        """Start a new tree on the same data."""
        self.tree.kill()
        self.tree.start()
        self.tree.wait_until_ready()
        self._died = 0

    def _settle(self, operation: Operation, *, acknowledged: bool) -> None:
        done = operation.seen()
        assert done or not acknowledged, f"{operation.name} was acknowledged, and is lost"
        until = time.monotonic() + _TRIES_S
        while not acknowledged:
            assert time.monotonic() < until, f"{operation.name} is never acknowledged:\n{self.tree.words()}"
            try:
                answer = operation.act()
            except httpx.TransportError:
                continue
            if answer.status_code in operation.again:
                if isinstance(operation, Register) and not operation.seen():
                    self.unborn.append(operation)
                    return
                break
            acknowledged = was_acknowledged(answer)
            assert acknowledged or answer.status_code in {200, 503}, (
                f"{operation.name}: {answer.status_code} {answer.text}"
            )
            time.sleep(0.05)
        operation.check()
