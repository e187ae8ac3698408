"""When a file's rows were last touched, and so whether an answer that was made of some would be made of the same again.

Rows, and all rows of a table on one shard, stand as marks: hashes, of which two that are one by chance make an answer
fall that would have held, and never the other way.
"""

from array import array
from collections.abc import Callable, Iterable
from typing import Final

from bowerbird.base.ids import Id, shard_of
from bowerbird.ports.tables import Key

_MARKS_MAX: Final = 65_536
"""Marks that are known; when they are more, all are forgotten, and with them the answers that would ask for them."""


class Touches:
    """The last unit that touched each mark, as far back as `_from`; what lies before is not known."""

    def __init__(self) -> None:
        self._units: dict[int, int] = {}
        self._from = 0

    def note(self, table: str, key: Key, unit: int) -> None:
        """Note that a unit, later than all that were noted, touched a row."""
        if len(self._units) >= _MARKS_MAX:
            self.forget(unit)
        self._units[mark_of(table, key)] = self._units[shard_mark_of(table, key)] = unit

    def forget(self, upto: int) -> None:
        """Forget which rows the units up to that one touched."""
        self._units.clear()
        self._from = upto

    def any(self, marks: Iterable[int], since: int) -> bool:
        """Say whether units behind `since` touched any of the marks, or might have."""
        units = self._units
        return since < self._from or any(units[mark] > since for mark in marks if mark in units)


class RowsRead:
    """The rows and shards of a file that were read for an answer: what supports its ground.

    `now` returns the last unit that whoever reads now sees, `unit` is the one that was seen before anything was read.
    """

    __slots__ = ("_marks", "_now", "_touches", "_unit")

    def __init__(self, touches: Touches, unit: int, now: Callable[[], int]) -> None:
        self._touches = touches
        self._unit = unit
        self._now = now
        # As numbers of eight bytes, since there are some two hundred of them under every page that is remembered.
        self._marks = array("q")

    def rows(self, table: str, keys: Iterable[Key]) -> None:
        """Note rows that were asked for, whether they were there or not."""
        self._marks.extend([mark_of(table, key) for key in keys])

    def shard(self, table: str, key: Key) -> None:
        """Note a scan: whatever changes of the table on the shard of this key may change what it found."""
        self._marks.append(shard_mark_of(table, key))

    def holds(self) -> bool:
        """As `base.ground.Support.holds`."""
        now = self._now()
        if now != self._unit:
            if self._touches.any(self._marks, self._unit):
                return False
            self._unit = now
        return True


def mark_of(table: str, key: Key) -> int:
    """Return what stands for a row."""
    return hash((table, key))


def shard_mark_of(table: str, key: Key) -> int:
    """Return what stands for all rows of a table on the shard that a key, or the beginning of one, names."""
    return hash((table, shard_of(Id(key[0]))))  # pyright: ignore[reportArgumentType] - every key begins with an id
