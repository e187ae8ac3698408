"""Deaths while Bowerbird starts: on an empty folder, where everything is made, and on one with data."""

import time
from pathlib import Path
from typing import Final

from tests.kills.operations.pins import SavePhoto
from tests.kills.tree import Tree
from tests.kills.watch import DEAD, GO_ON, Moment, go_on, kill

_END_S: Final = 60.0


class Beginning:
    """A tree on a folder, whose `victim` dies at its n-th write from the first on; `at`: that write, if it came."""

    def __init__(self, folder: Path, victim: str, nth: int) -> None:
        self.at: Moment | None = None
        self.writes: list[Moment] = []
        self.page_url = ""
        self._victim = victim
        self._nth = nth
        self._tree = Tree(folder)
        self.base_url = self._tree.base_url

    def _rule(self, moment: Moment) -> int:
        if self.at is not None or moment.process != self._victim or not moment.counts:
            return GO_ON
        self.writes.append(moment)
        if len(self.writes) < self._nth:
            return GO_ON
        self.at = moment
        kill(moment.pid)
        return DEAD

    def play(self) -> None:
        """Start, die, start again, and let somebody do something; fail when that does not work."""
        tree = self._tree
        tree.rule = self._rule
        tree.start()
        try:
            if not self._answers():
                assert self.at is not None, f"it did not start, and nobody died:\n{tree.words()}"
                tree.rule = go_on
                tree.start()
                tree.wait_until_ready()
            photo = SavePhoto(self)
            assert photo.act().is_success
            photo.check()
        finally:
            tree.kill()

    def _answers(self) -> bool:
        """Return whether the tree came to answer; where a process falls before it ever did, the tree ends."""
        until = time.monotonic() + _END_S
        while time.monotonic() < until:
            if self._tree.ended(0.02):
                return False
            if self._tree.is_ready():
                return True
        raise AssertionError(f"it neither answers nor ends:\n{self._tree.words()}")
