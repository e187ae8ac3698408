"""Rows that a process remembers of one records file, as long as they are what the file holds.

Every unit notes in the file, in its own transaction, which rows it touched (`_changes`). A read asks first what was
noted since the last one and forgets those rows, so nothing it finds is older than what caused it. The same notes tell
whether an answer that was made of rows would be made of the same ones again (`touches`).
"""

import asyncio
from collections.abc import Callable, Sequence
from sys import getsizeof
from typing import Any, Final

import apsw
from msgspec import msgpack
from msgspec.structs import astuple

from bowerbird.adapters.sqlite.statements import Question
from bowerbird.adapters.sqlite.touches import RowsRead, Touches
from bowerbird.base.ground import Ground
from bowerbird.ports.tables import Key

CHANGES_KEPT: Final = 4_096
"""Units of which a file keeps what they touched; whoever has not read for longer forgets everything."""

_STEP: Final = 256
_ENTRY_BYTES: Final = 200
"""What a remembered row takes beside its values: its place, its key and itself."""
_NOTE = "INSERT INTO _changes (sequence, touched) VALUES (?, ?)"
_TRIM = "DELETE FROM _changes WHERE sequence <= ?"
_SINCE = f"SELECT sequence, touched FROM _changes WHERE sequence > ? ORDER BY sequence LIMIT {_STEP}"  # noqa: S608 - a number
_LAST = "SELECT max(sequence) FROM _changes"

Touched = list[tuple[str, Key]]
Rows = dict[Key, Any]
Ask = Callable[[Question], list[tuple[Any, ...]]]

_encoder: Final = msgpack.Encoder()
_decoder: Final = msgpack.Decoder(Touched)


def note(connection: apsw.Connection, sequence: int, touched: Touched) -> None:
    """Note what the unit of that number touched, within its transaction."""
    connection.execute(_NOTE, (sequence, _encoder.encode(touched)))
    if sequence % _STEP == 0:
        connection.execute(_TRIM, (sequence - CHANGES_KEPT,))


class KeptRows:
    """Rows by table and key, None for one that is not there; `bytes_max`: what they may take, all tables together.

    `ask` puts a question to the file. When they take more, all are forgotten: to know what was used would cost more.
    """

    def __init__(self, ask: Ask, bytes_max: int) -> None:
        self._ask = ask
        self._bytes_max = bytes_max
        self._tables: dict[str, Rows] = {}
        self._bytes = 0
        self._upto = 0
        self._looked = False
        self._touches = Touches()

    def of(self, table: str) -> Rows:
        """Return a table's rows as they are now; whoever reads further ones puts them there.

        One look serves everything until the event loop takes up something else. Callbacks run in the order in which
        they were scheduled: what a commit later than the look has caused runs after `_look_again`.
        """
        self._look_once()
        if self._bytes > self._bytes_max:
            self._forget_rows()
        rows = self._tables.get(table)
        return self._tables.setdefault(table, {}) if rows is None else rows

    def put(self, rows: Rows, key: Key, row: Any, values: Sequence[Any]) -> None:  # noqa: ANN401 - a row of any table
        """Remember among the rows of a table one that was read, with its values (None: not there, with its key's)."""
        rows[key] = row
        self._bytes += _size(values)

    def under(self, ground: Ground) -> RowsRead:
        """Return what supports a ground from here, to be asked for before anything is read."""
        return ground.support(self, lambda: RowsRead(self._touches, self._unit(), self._unit))

    def _unit(self) -> int:
        """Return the number of the last unit that was committed."""
        self._look_once()
        return self._upto

    def _look_once(self) -> None:
        if not self._looked:
            self.look()
            self._looked = True
            asyncio.get_running_loop().call_soon(self._look_again)

    def look(self) -> None:
        """Forget what was touched up to now, or, within a transaction, up to what it sees."""
        changes = self._ask((_SINCE, (self._upto,)))
        if changes:
            self._forget(changes)

    def _look_again(self) -> None:
        self._looked = False

    def _forget(self, changes: list[tuple[int, bytes]]) -> None:
        if changes[0][0] != self._upto + 1 or len(changes) == _STEP:
            # Some were noted and trimmed, or they are more than it is worth to look at.
            self._forget_rows()
            self._upto = self._ask((_LAST, ()))[0][0]
            self._touches.forget(self._upto)
            return
        for unit, touched in changes:
            for table, key in _decoder.decode(touched):
                self._forget_row(table, key)
                self._touches.note(table, key, unit)
        self._upto = changes[-1][0]

    def _forget_row(self, table: str, key: Key) -> None:
        rows = self._tables.get(table)
        if rows is not None and key in rows:
            row = rows.pop(key)
            self._bytes -= _size(key if row is None else astuple(row))

    def _forget_rows(self) -> None:
        self._tables.clear()
        self._bytes = 0


def _size(values: Sequence[Any]) -> int:
    """Return about how many bytes a row of these values takes."""
    return _ENTRY_BYTES + sum(map(getsizeof, values))
