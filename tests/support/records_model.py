"""Records as one would write them in an afternoon: dictionaries, against which the engines are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict, replace

from bowerbird.ports.tables import Delete, Insert, Key, Op, Patch, Require, Table, Value
from tests.support.records_tables import TABLES

AnyRow = TypeVar("AnyRow", bound=Struct)
Refusal = tuple[int, str, str, str]
"""Operation, table, reason, index: what a Conflict says."""

_BY_NAME: Mapping[str, Table[Any]] = {table.name: table for table in TABLES}


class _Refused(Exception):  # noqa: N818 - an answer
    def __init__(self, reason: str, index: str = "") -> None:
        super().__init__(reason, index)
        self.reason = reason
        self.index = index


@dataclass
class Model:
    """Tables of rows by key, and the events that came out, in order."""

    rows: dict[str, dict[Key, Struct]] = field(default_factory=lambda: {name: {} for name in _BY_NAME})
    events: list[bytes] = field(default_factory=list[bytes])

    def commit(self, ops: Sequence[Op], events: Sequence[bytes]) -> Refusal | None:
        """Apply all or nothing; return what the refusal is."""
        before = {name: dict(rows) for name, rows in self.rows.items()}
        for number, op in enumerate(ops):
            try:
                self._apply(op)
            except _Refused as refused:
                self.rows = before
                return number, op.table, refused.reason, refused.index
        self.events += events
        return None

    def scan(self, table: Table[AnyRow], index: str, prefix: Key) -> list[AnyRow]:
        """Return all rows under a prefix in the index's order, NULL before everything."""

        def mark(row: AnyRow) -> Key:
            return table.mark(index, row) if index else table.key_of(row)

        rows = [row for row in self._all(table) if mark(row)[: len(prefix)] == prefix]
        return sorted(rows, key=lambda row: [(value is not None, _comparable(value)) for value in mark(row)])

    def due(self, table: Table[AnyRow], column: str, upto: int) -> list[AnyRow]:
        """Return the rows that a sweep finds, in no order."""
        return [row for row in self._all(table) if (value := getattr(row, column)) is not None and value <= upto]

    def _all(self, table: Table[AnyRow]) -> list[AnyRow]:
        return [row for row in self.rows[table.name].values() if isinstance(row, table.row)]

    def _apply(self, op: Op) -> None:
        table, rows = _BY_NAME[op.table], self.rows[op.table]
        match op:
            case Insert():
                row = table.row(*op.values)
                if table.key_of(row) not in rows:
                    self._put(table, row)
                elif not op.if_absent:
                    raise _Refused("exists")
            case Patch():
                row = _held(rows, op.key, op.where)
                sums = {name: getattr(row, name) + by for name, by in op.add.items()}
                self._put(table, replace(row, **op.put, **sums))
            case Delete():
                if op.where:
                    _held(rows, op.key, op.where)
                rows.pop(op.key, None)
            case Require():
                if not op.absent:
                    _held(rows, op.key, op.where)
                elif op.key in rows:
                    raise _Refused("exists")

    def _put(self, table: Table[Any], row: Struct) -> None:
        rows, key = self.rows[table.name], table.key_of(row)
        for name, index in table.indexes.items():
            place = [getattr(row, column) for column in index.columns]
            others = [other for other_key, other in rows.items() if other_key != key]
            taken = any([getattr(other, column) for column in index.columns] == place for other in others)
            if index.unique and None not in place and taken:
                raise _Refused("unique", name)
        rows[key] = row


def _held(rows: Mapping[Key, Struct], key: Key, where: Mapping[str, Value]) -> Struct:
    row = rows.get(key)
    if row is None:
        raise _Refused("absent")
    if not where.items() <= asdict(row).items():
        raise _Refused("changed")
    return row


def _comparable(value: Value) -> Any:  # noqa: ANN401 - of one type within a column
    return value.encode() if isinstance(value, str) else value or 0
