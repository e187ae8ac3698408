"""Deaths while Bowerbird starts: on an empty folder, where everything is made, and on one with data."""

import time
from pathlib import Path
from typing import Final

from tests.kills.operations.pins import SavePhoto
from tests.kills.trap import Trap
from tests.kills.tree import Tree
from tests.kills.watch import Moment, go_on

_END_S: Final = 60.0


class Beginning:
    """A tree on a folder, whose `victim` dies at its n-th write from the first on."""

    def __init__(self, folder: Path, victim: str, nth: int) -> None:
        self.page_url = ""
        self._tree = Tree(folder)
        self._trap = Trap(self._tree, victim, nth, victim)
        self.base_url = self._tree.base_url

    @property
    def at(self) -> Moment | None:
        """Return that write, if it came."""
        return self._trap.at

    def play(self) -> None:
        """Start, die, start again, and let somebody do something; fail when that does not work."""
        tree = self._tree
        tree.rule = self._trap.rule
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
