"""The schema of a records file: derived from the declared tables, changed only by addition, every change journalled.

The journal is the schema: it holds one numbered line for each table, column and index that the file has. What is
declared and not there is added; what is there and not declared was added by a later version of this program.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw
from msgspec import Struct

from bowerbird.adapters.sqlite.columns import Column, columns_of
from bowerbird.adapters.sqlite.connection import SchemaTooNew
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.tables import Index, Table, Value

SHARD = "shard"
"""The column that every table has in front of those it declares."""

MIGRATIONS = (
    """
    CREATE TABLE _schema (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, "table" TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL
    ) STRICT;
    CREATE TABLE _counters (
        one INTEGER PRIMARY KEY CHECK (one = 1), commits INTEGER NOT NULL, events INTEGER NOT NULL
    ) STRICT;
    INSERT INTO _counters VALUES (1, 0, 0);
    CREATE TABLE _outbox (
        sequence INTEGER PRIMARY KEY, id BLOB NOT NULL, key BLOB NOT NULL, type TEXT NOT NULL, data BLOB NOT NULL
    ) STRICT;
    """,
    "CREATE TABLE _changes (sequence INTEGER PRIMARY KEY, touched BLOB NOT NULL) STRICT",
)
"""What every records file has beside the declared tables."""


class SchemaChanged(Exception):  # noqa: N818 - the state of the declarations
    """A declaration differs from the file in a way that no addition can bring about."""


class _Part(Struct, frozen=True):
    """A table, a column or an index of a file; `text` says all about it."""

    kind: str
    table: str
    name: str
    text: str

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.kind, self.table, self.name


def bring_up(connection: apsw.Connection, path: Path, tables: Sequence[Table[Any]]) -> None:
    """Add what is declared and missing, in one transaction. Raises SchemaTooNew, SchemaChanged."""
    declared = {table.name: table for table in tables}
    with connection:
        missing, fresh = _missing(connection, path, tables), _fresh(connection, tables)
        for part in missing:
            try:
                connection.execute(_statement(part, declared[part.table], fresh))
            except apsw.ConstraintError as error:
                raise SchemaChanged(f"{path}: rows break the new index {part.name} of {part.table}.") from error
            connection.execute(
                'INSERT INTO _schema (kind, "table", name, text) VALUES (?, ?, ?, ?)',
                (part.kind, part.table, part.name, part.text),
            )


def ensure(connection: apsw.Connection, path: Path, tables: Sequence[Table[Any]]) -> None:
    """Refuse a file that is not as declared: SchemaTooNew, SchemaChanged, or EngineUnavailable while it is behind."""
    if _missing(connection, path, tables):
        raise EngineUnavailable(f"{path} lacks tables or columns; its writer has not added them yet.")


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever words SQL reserves."""
    return f'"{name}"'


def index_name(table: Table[Any], index: str) -> str:
    """Return the name of an index within its file."""
    return f"{table.name}__{index}"


def index_columns(table: Table[Any], index: str) -> tuple[str, ...]:
    """Return the columns that order an index ("" is the primary key), the shard apart."""
    if not index:
        return table.key
    names = table.indexes[index].columns
    return (*names, *(name for name in table.key if name not in names))


def _parts(table: Table[Any]) -> list[_Part]:
    columns = columns_of(table)
    _refuse_bad_declaration(table, columns)
    parts = [_Part("table", table.name, "", ", ".join(table.key))]
    parts += [_Part("column", table.name, column.name, column.sql_type) for column in columns]
    parts += [_Part("index", table.name, name, _index_text(index)) for name, index in table.indexes.items()]
    return parts


def _index_text(index: Index) -> str:
    return ("sweep " if index.sweep else "unique " if index.unique else "") + ", ".join(index.columns)


def _refuse_bad_declaration(table: Table[Any], columns: Sequence[Column]) -> None:
    known = {column.name: column for column in columns}
    names = [table.name, *known, *table.indexes]
    if SHARD in known or not all(name.isidentifier() and not name.startswith("_") for name in names):
        raise TypeError(f"{table.name}: names are identifiers without a leading underscore, and none is {SHARD!r}.")
    if any(name not in known for index in ("", *table.indexes) for name in index_columns(table, index)):
        raise TypeError(f"{table.name}: its key and indexes name columns that it does not have.")
    if any(known[name].nullable for name in table.key):
        raise TypeError(f"{table.name}: no column of the key may be None.")
    for index in (Index(table.key), *table.indexes.values()):
        _refuse_bad_index(table, index, known[index.columns[0]])


def _refuse_bad_index(table: Table[Any], index: Index, first: Column) -> None:
    if index.sweep and (index.unique or len(index.columns) != 1 or first.kind is not int):
        raise TypeError(f"{table.name}: a sweep index has one column, of integers, and is not unique.")
    if not index.sweep and first.kind is not bytes:
        raise TypeError(f"{table.name}: the first column of its key and of each index is an id.")


def _missing(connection: apsw.Connection, path: Path, tables: Sequence[Table[Any]]) -> list[_Part]:
    """Return the declared parts that the file lacks."""
    wanted = {part.identity: part for table in tables for part in _parts(table)}
    rows = connection.execute('SELECT kind, "table", name, text FROM _schema ORDER BY number').fetchall()
    for part in (_Part(*map(str, row)) for row in rows):
        known = wanted.pop(part.identity, None)
        if known is None:
            raise SchemaTooNew(f"{path} has the {_spoken(part)}, unknown to this program: start the later version.")
        if known.text != part.text:
            raise SchemaChanged(f"{path}: the {_spoken(part)} is {part.text!r} there and {known.text!r} here.")
    return list(wanted.values())


def _fresh(connection: apsw.Connection, tables: Sequence[Table[Any]]) -> set[str]:
    """Return the names of the tables that the file does not have yet."""
    found = {row[0] for row in connection.execute("SELECT \"table\" FROM _schema WHERE kind = 'table'")}
    return {table.name for table in tables} - found


def _spoken(part: _Part) -> str:
    return f"{part.kind} {part.table}.{part.name}" if part.name else f"{part.kind} {part.table}"


def _statement(part: _Part, table: Table[Any], fresh: set[str]) -> str:
    if part.kind == "table":
        return _create_table(table)
    if part.kind == "index":
        return _create_index(table, part.name)
    # A new table is created with its columns.
    return "" if table.name in fresh else _add_column(table, part.name)


def _create_table(table: Table[Any]) -> str:
    columns = ", ".join(f"{quoted(column.name)} {column.sql_type}" for column in columns_of(table))
    key = ", ".join(quoted(name) for name in (SHARD, *table.key))
    return (
        f"CREATE TABLE {quoted(table.name)} ({SHARD} INTEGER NOT NULL, {columns}, PRIMARY KEY ({key}))"
        " STRICT, WITHOUT ROWID"
    )


def _create_index(table: Table[Any], name: str) -> str:
    index = table.indexes[name]
    if index.sweep:
        columns = (*index.columns, SHARD, *table.key)
    else:
        columns = (SHARD, *(index.columns if index.unique else index_columns(table, name)))
    listed = ", ".join(quoted(column) for column in columns)
    unique = "UNIQUE " if index.unique else ""
    return f"CREATE {unique}INDEX {quoted(index_name(table, name))} ON {quoted(table.name)} ({listed})"


def _add_column(table: Table[Any], name: str) -> str:
    column = next(column for column in columns_of(table) if column.name == name)
    if column.default is None and not column.nullable:
        raise SchemaChanged(f"{table.name}.{name} is new: it needs a default, or to take None, for the rows there are.")
    default = "" if column.default is None else f" DEFAULT {_literal(column.default)}"
    return f"ALTER TABLE {quoted(table.name)} ADD COLUMN {quoted(name)} {column.sql_type}{default}"


def _literal(value: Value) -> str:
    return str(apsw.format_sql_value(value))
