"""The SQL of one table, written once for each shape of question and kept, so that SQLite keeps it prepared."""

# ruff: noqa: S608 - names come from declarations, quoted; every value is bound

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from bowerbird.adapters.sqlite.columns import columns_of
from bowerbird.adapters.sqlite.schema import SHARD, index_columns, index_name, quoted
from bowerbird.ports.records import KEYS_MAX
from bowerbird.ports.tables import Table, Value

_SHAPES_MAX = 256
_KEY_COUNTS = (1, 2, 5, 10, 25, 50, 100, 250, KEYS_MAX)
"""For how many keys there is a statement; fewer are filled up with keys that no row has."""

Names = tuple[str, ...]
Question = tuple[str, Sequence[Value]]
"""SQL and the values it is asked with."""


def key_count(keys: int) -> int:
    """Return for how many keys the statement is that serves `keys` of them."""
    return _KEY_COUNTS[bisect_left(_KEY_COUNTS, keys)]


class Statements:
    """Every statement about a table. Texts are cached by shape, not by value."""

    def __init__(self, table: Table[Any]) -> None:
        self.table = table
        self.columns = columns_of(table)
        self.by_name = {column.name: column for column in self.columns}
        ordered = [index for index in table.indexes.values() if not index.sweep]
        self.homes: Names = (table.key[0], *(index.columns[0] for index in ordered))
        """The columns that hold an id on the row's shard."""
        self.key_of: Callable[[tuple[Any, ...]], Names] = _picking([table.columns.index(name) for name in table.key])
        """Picks the key out of a row's values."""
        self._name = quoted(table.name)
        self._listed = ", ".join(quoted(column.name) for column in self.columns)
        self._is_key = " AND ".join(f"{quoted(name)} = ?" for name in (SHARD, *table.key))
        self.get = lru_cache(_SHAPES_MAX)(self._get)
        self.insert = lru_cache(_SHAPES_MAX)(self._insert)
        self.patch = lru_cache(_SHAPES_MAX)(self._patch)
        self.delete = lru_cache(_SHAPES_MAX)(self._delete)
        self.exists = lru_cache(_SHAPES_MAX)(self._exists)
        self.sweep = lru_cache(_SHAPES_MAX)(self._sweep)
        self._select = lru_cache(_SHAPES_MAX)(self._scan)

    def violated(self, message: str) -> str | None:
        """Return the unique index whose columns SQLite's message names, if it names one's."""
        named = [place.rpartition(".")[2] for place in message.rpartition(": ")[2].split(", ")]
        unique = {name: index for name, index in self.table.indexes.items() if index.unique}
        return next((name for name, index in unique.items() if [SHARD, *index.columns] == named), None)

    def _get(self, count: int) -> str:
        """Ask for `count` rows by shard and key; those found come in any order."""
        if count == 1:
            return f"SELECT {self._listed} FROM {self._name} WHERE {self._is_key}"
        wanted = ", ".join(f"k{number}" for number in range(len(self.table.key) + 1))
        group = f"({', '.join('?' for _ in range(len(self.table.key) + 1))})"
        match = " AND ".join(f"t.{quoted(name)} = k.k{number}" for number, name in enumerate((SHARD, *self.table.key)))
        listed = ", ".join(f"t.{quoted(column.name)}" for column in self.columns)
        values = ", ".join(group for _ in range(count))
        # CROSS JOIN holds SQLite to this order: a seek for each key.
        return f"WITH k({wanted}) AS (VALUES {values}) SELECT {listed} FROM k CROSS JOIN {self._name} AS t ON {match}"

    def _insert(self, if_absent: bool) -> str:  # noqa: FBT001 - part of a cache's key
        key = ", ".join(quoted(name) for name in (SHARD, *self.table.key))
        marks = ", ".join("?" for _ in self.columns)
        absent = f" ON CONFLICT ({key}) DO NOTHING" if if_absent else ""
        return f"INSERT INTO {self._name} ({SHARD}, {self._listed}) VALUES (?, {marks}){absent}"

    def _patch(self, put: Names, add: Names, where: Names) -> str:
        changes = [f"{quoted(name)} = ?" for name in put]
        changes += [f"{quoted(name)} = {quoted(name)} + ?" for name in add]
        return f"UPDATE {self._name} SET {', '.join(changes)} WHERE {self._is_key}{_holds(where)}"

    def _delete(self, where: Names) -> str:
        return f"DELETE FROM {self._name} WHERE {self._is_key}{_holds(where)}"

    def _exists(self, where: Names) -> str:
        return f"SELECT 1 FROM {self._name} WHERE {self._is_key}{_holds(where)}"

    def _sweep(self, index: str) -> str:
        column = quoted(self.table.indexes[index].columns[0])
        by_index = quoted(index_name(self.table, index))
        return (
            f"SELECT {self._listed} FROM {self._name} INDEXED BY {by_index} WHERE {column} <= ?"
            f" ORDER BY {column} LIMIT ?"
        )

    def scan(self, index: str, prefix: Sequence[Value], after: Sequence[Value] | None, order: str) -> list[Question]:
        """Return the questions whose answers, one behind the other, are the keys in the index's order, "" the rows.

        `after` holds the values behind the prefix; `order` is "ASC" or "DESC". Each question still wants its limit.
        """
        names = index_columns(self.table, index)
        head, rest = names[: len(prefix)], names[len(prefix) :]
        if not after:
            return [self._question(index, head, prefix, "", (), order)]
        if not any(self.by_name[name].nullable for name in rest):
            beyond = f"({_listed(rest)}) {_BEYOND[order]} ({', '.join('?' for _ in rest)})"
            return [self._question(index, head, prefix, beyond, after, order)]
        return [
            self._question(index, names[:last], (*prefix, *after[: last - len(head)]), beyond, values, order)
            for last in range(len(names) - 1, len(head) - 1, -1)
            for beyond, values in _beyond(names[last], after[last - len(head)], order)
        ]

    def _question(
        self, index: str, same: Names, as_: Sequence[Value], beyond: str, values: Sequence[Value], order: str
    ) -> Question:
        nulls = tuple(value is None for value in as_)
        text = self._select(index, same, nulls, beyond, order)
        return text, (*(value for value in as_ if value is not None), *values)

    def _scan(self, index: str, same: Names, nulls: tuple[bool, ...], beyond: str, order: str) -> str:
        conditions = [f"{SHARD} = ?"]
        conditions += [_same(name, null=null) for name, null in zip(same, nulls, strict=True)]
        conditions += [beyond] if beyond else []
        rest = index_columns(self.table, index)[len(same) :]
        by_index = f" INDEXED BY {quoted(index_name(self.table, index))}" if index else ""
        wanted = _listed(self.table.key) if index else self._listed
        ordered = ", ".join(f"{quoted(name)} {order}" for name in rest)
        return (
            f"SELECT {wanted} FROM {self._name}{by_index} WHERE {' AND '.join(conditions)}"
            + (f" ORDER BY {ordered}" if rest else "")
            + " LIMIT ?"
        )


def _picking(places: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    place = places[0]
    return lambda values: (values[place],)


_BEYOND = {"ASC": ">", "DESC": "<"}


def _listed(names: Names) -> str:
    return ", ".join(quoted(name) for name in names)


def _same(name: str, *, null: bool) -> str:
    return f"{quoted(name)} IS NULL" if null else f"{quoted(name)} = ?"


def _holds(where: Names) -> str:
    return "".join(f" AND {quoted(name)} IS ?" for name in where)


def _beyond(name: str, value: Value, order: str) -> list[tuple[str, tuple[Value, ...]]]:
    """Return the conditions for a column to lie behind a value, nearest first; NULL comes before everything."""
    column = quoted(name)
    if order == "ASC":
        return [(f"{column} IS NOT NULL", ())] if value is None else [(f"{column} > ?", (value,))]
    return [] if value is None else [(f"{column} < ?", (value,)), (f"{column} IS NULL", ())]
