"""Rows that a process remembers of one records file, as long as they are what the file holds.

Every unit notes in the file, in its own transaction, which rows it touched (`_changes`). A read asks first what was
noted since the last one and forgets those rows, so nothing it finds is older than what caused it.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import apsw
from msgspec import msgpack

from bowerbird.adapters.sqlite.statements import Question
from bowerbird.ports.tables import Key

CHANGES_KEPT: Final = 4_096
"""Units of which a file keeps what they touched; whoever has not read for longer forgets everything."""

_STEP: Final = 256
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
    """Rows by table and key, None for one that is not there; `rows_max`: how many of a table are remembered.

    `ask` puts a question to the file. A full table is forgotten whole, which costs less than knowing what was used.
    """

    def __init__(self, ask: Ask, rows_max: int) -> None:
        self._ask = ask
        self._rows_max = rows_max
        self._tables: dict[str, Rows] = {}
        self._upto = 0
        self._looked = False

    def of(self, table: str) -> Rows:
        """Return a table's rows as they are now; whoever reads further ones adds them.

        One look serves everything until the event loop takes up something else. Callbacks run in the order in which
        they were scheduled: what a commit later than the look has caused runs after `_look_again`.
        """
        if not self._looked:
            self.look()
            self._looked = True
            asyncio.get_running_loop().call_soon(self._look_again)
        rows = self._tables.get(table)
        if rows is None or len(rows) >= self._rows_max:
            rows = self._tables[table] = {}
        return rows

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
            self._tables.clear()
            self._upto = self._ask((_LAST, ()))[0][0]
            return
        for _, touched in changes:
            for table, key in _decoder.decode(touched):
                rows = self._tables.get(table)
                if rows is not None:
                    rows.pop(key, None)
        self._upto = changes[-1][0]
