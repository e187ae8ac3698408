"""Records built anew: everything told is put down as it comes, then sorted, and loaded in order, indexes last.

Rows that come in the order of their keys are appended to a file, while those that come as they happened would be
scattered over all of it. No journal is kept: a file that was not finished is thrown away.
"""

# ruff: noqa: S608 - names come from declarations, quoted; every value is bound

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import apsw

from bowerbird.adapters.sqlite.connection import migrate
from bowerbird.adapters.sqlite.rules import counted, dangling, know_shards
from bowerbird.adapters.sqlite.schema import MIGRATIONS, SHARD, bring_up, quoted
from bowerbird.ports.rebuild import Count, Refers, Told
from bowerbird.ports.records import EngineUnavailable, Misuse
from bowerbird.ports.tables import Delete, Insert, Patch, Table

_AT_ONCE: Final = 500
_CACHE_KIB: Final = 131_072
"""What sorting may take of memory; more goes through files."""
_DRAFT: Final = ".told"


class FreshRecords:
    """A records file in the making."""

    def __init__(self, path: Path, tables: Sequence[Table[Any]]) -> None:
        self._path = path
        self._tables = {table.name: table for table in tables}
        self._waiting: defaultdict[str, list[Sequence[Any]]] = defaultdict(list)
        self._patched: dict[str, tuple[str, ...]] = {}
        self._draft = path.with_suffix(_DRAFT)
        self._connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
        with self._writing():
            self._begin(tables)

    def _begin(self, tables: Sequence[Table[Any]]) -> None:
        """Make the tables of the file, without indexes, and those that take what is told."""
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        migrate(self._connection, self._path, MIGRATIONS)
        bring_up(self._connection, self._path, [replace(table, indexes={}) for table in tables])
        self._connection.execute("ATTACH ? AS told", (str(self._draft),))
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            self._connection.execute(f"PRAGMA told.{pragma}")
        know_shards(self._connection)
        for table in tables:
            self._connection.execute(f"CREATE TABLE told.{quoted(table.name)} (rank, {_listed(_columns(table))})")
        self._connection.execute("BEGIN")

    def put(self, told: Iterable[Told]) -> None:
        """Take what was told; EngineUnavailable."""
        with self._writing():
            for version, op in told:
                match op:
                    case Insert():
                        self._wait(op.table, (version * 2, op.shard, *op.values))
                    case Delete():
                        self._wait(op.table, self._gone(version, op))
                    case Patch():
                        self._wait(self._patches(op), (version, op.shard, *op.key, *op.put.values()))

    def load(self, counts: Sequence[Count], refers: Sequence[Refers], done: Callable[[int], None]) -> None:
        """Load the rows that hold, index and count; `done` is told how many tables are loaded. EngineUnavailable."""
        with self._writing():
            for name in list(self._waiting):
                self._flush(name)
            for number, table in enumerate(self._tables.values(), 1):
                self._connection.execute(_winners(table))
                if table.name in self._patched:
                    self._connection.execute(_patching(table, self._patched[table.name]))
                done(number)
            self._connection.execute("COMMIT")
            self._connection.execute("DETACH told")
            for refer in refers:
                dropping = f"DELETE FROM {quoted(refer.table.name)} AS t WHERE {dangling(refer)}"
                self._connection.execute(dropping)
            bring_up(self._connection, self._path, list(self._tables.values()))
            for count in counts:
                counting = f"UPDATE {quoted(count.table.name)} AS t SET {quoted(count.column)} = {counted(count)}"
                self._connection.execute(counting, list(count.where.values()))
        self.close()

    def close(self) -> None:
        """Close the file, and forget what was told."""
        self._connection.close()
        self._draft.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Generator[None]:
        """Say in a sentence that the file cannot be written; it is closed then."""
        try:
            yield
        except apsw.Error as error:
            self.close()
            raise EngineUnavailable(f"{self._path} cannot be written: {error}") from error

    def _wait(self, name: str, values: Sequence[Any]) -> None:
        waiting = self._waiting[name]
        waiting.append(values)
        if len(waiting) == _AT_ONCE:
            self._flush(name)

    def _flush(self, name: str) -> None:
        waiting = self._waiting.pop(name)
        marks = ", ".join("?" for _ in waiting[0])
        self._connection.executemany(f"INSERT INTO told.{quoted(name)} VALUES ({marks})", waiting)

    def _gone(self, version: int, op: Delete) -> Sequence[Any]:
        """Return a row of which only the key counts, and that is above the row of the same version."""
        table = self._tables[op.table]
        held = dict(zip(table.key, op.key, strict=True))
        return (version * 2 + 1, op.shard, *(held.get(name) for name in table.columns))

    def _patches(self, op: Patch) -> str:
        """Return the name of the table for what patches of a table tell, made with the first of them."""
        known = self._patched.get(op.table)
        if known is None:
            known = self._patched[op.table] = tuple(op.put)
            columns = _listed((SHARD, *self._tables[op.table].key, *known))
            self._connection.execute(f"CREATE TABLE told.{quoted(_patches_of(op.table))} (rank, {columns})")
        if known != tuple(op.put):
            raise Misuse(f"Every patch of {op.table} names {', '.join(known)}.")
        return _patches_of(op.table)


def _winners(table: Table[Any]) -> str:
    """Return what loads a table with the highest version of each row, in order, unless that says that it is gone.

    SQLite takes the other columns of a group from the row that has the greatest rank.
    """
    columns, key = _listed(_columns(table)), _listed((SHARD, *table.key))
    return (
        f"INSERT INTO main.{quoted(table.name)} SELECT {columns} FROM (SELECT {columns}, max(rank) AS rank"
        f" FROM told.{quoted(table.name)} GROUP BY {key}) WHERE rank & 1 = 0"
    )


def _patching(table: Table[Any], put: tuple[str, ...]) -> str:
    key = (SHARD, *table.key)
    listed = _listed((*key, *put))
    changes = ", ".join(f"{quoted(name)} = p.{quoted(name)}" for name in put)
    same = " AND ".join(f"t.{quoted(name)} = p.{quoted(name)}" for name in key)
    return (
        f"UPDATE main.{quoted(table.name)} AS t SET {changes} FROM (SELECT {listed}, max(rank)"
        f" FROM told.{quoted(_patches_of(table.name))} GROUP BY {_listed(key)}) AS p WHERE {same}"
    )


def _columns(table: Table[Any]) -> tuple[str, ...]:
    return (SHARD, *table.columns)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(quoted, names))


def _patches_of(table: str) -> str:
    return f"{table}__patches"
