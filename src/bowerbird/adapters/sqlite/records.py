"""Records on SQLite: reads go to the files within the event loop, units to whoever commits them."""

from collections.abc import Mapping, Sequence
from heapq import merge
from itertools import islice, starmap
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, Self

import apsw

from bowerbird.adapters.sqlite.connection import DURABLE, Tuning, open_reader
from bowerbird.adapters.sqlite.schema import MIGRATIONS, ensure
from bowerbird.adapters.sqlite.statements import Question, Statements, key_count
from bowerbird.adapters.sqlite.writer import file_of
from bowerbird.base.ids import Id, shard_of
from bowerbird.base.shards import ShardMap
from bowerbird.ports.records import KEYS_MAX, Commits, EngineUnavailable, Misuse, Outgoing, Position
from bowerbird.ports.tables import Key, Op, Row, Table, Value


class SqliteRecords:
    """As `ports.records.Records`. A read takes about 10 us, so it does not leave the loop.

    `readers`: one read-only connection per server, this process's own. `commits`: the writer, or a remote of it.
    """

    def __init__(
        self,
        tables: Sequence[Table[Any]],
        shards: ShardMap,
        readers: Mapping[int, apsw.Connection],
        commits: Commits,
    ) -> None:
        self._statements = {table.name: Statements(table) for table in tables}
        self._shards = shards
        self._readers = readers
        self._commits = commits

    @classmethod
    def open(
        cls,
        folder: Path,
        tables: Sequence[Table[Any]],
        shards: ShardMap,
        commits: Commits,
        *,
        tuning: Tuning = DURABLE,
    ) -> Self:
        """Open every server's file for reading; EngineUnavailable until its writer has brought it up to date."""
        readers: dict[int, apsw.Connection] = {}
        for server in shards.servers:
            path = file_of(folder, shards, server)
            readers[server] = open_reader(path, len(MIGRATIONS), tuning)
            ensure(readers[server], path, tables)
        return cls(tables, shards, readers, commits)

    def close(self) -> None:
        """Close the readers."""
        for reader in self._readers.values():
            reader.close()

    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        return await self._commits.commit(ops, outgoing)

    async def get(self, table: Table[Row], keys: Sequence[Key]) -> list[Row | None]:
        statements = self._of(table)
        if len(keys) > KEYS_MAX:
            raise Misuse(f"At most {KEYS_MAX} keys are read at once, not {len(keys)}.")
        found: dict[Any, Row] = {}
        key_of = itemgetter(*(table.columns.index(name) for name in table.key))
        for server, values in self._by_server(table, keys).items():
            width = len(table.key) + 1
            count = key_count(len(values) // width)
            values.extend([None] * (count * width - len(values)))
            for row in self._ask(server, (statements.get(count), values)):
                found[key_of(row)] = table.row(*row)
        if len(table.key) == 1:
            return [found.get(key[0]) for key in keys]
        return [found.get(tuple(key)) for key in keys]

    async def scan(
        self,
        table: Table[Row],
        index: str,
        prefix: Key,
        *,
        after: Key | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[Row]:
        statements = self._of(table)
        _refuse_bad_scan(table, index, prefix, after, limit)
        shard = _home(table, prefix)
        server = self._shards.server_of(shard)
        rest = None if after is None else after[len(prefix) :]
        rows: list[Row] = []
        for text, values in statements.scan(index, prefix, rest, "DESC" if newest_first else "ASC"):
            wanted = limit - len(rows)
            rows += starmap(table.row, self._ask(server, (text, (shard, *values, wanted))))
            if len(rows) == limit:
                break
        return rows

    async def sweep(self, table: Table[Row], index: str, upto: int, limit: int) -> list[Row]:
        statements = self._of(table)
        declared = table.indexes.get(index)
        if declared is None or not declared.sweep or not 1 <= limit <= KEYS_MAX:
            raise Misuse(f"{table.name} is swept by a sweep index, 1 to {KEYS_MAX} rows at once.")
        question = statements.sweep(index), (upto, limit)
        answers = [starmap(table.row, self._ask(server, question)) for server in self._readers]
        return list(islice(merge(*answers, key=attrgetter(declared.columns[0])), limit))

    def _of(self, table: Table[Any]) -> Statements:
        statements = self._statements.get(table.name)
        if statements is None:
            raise Misuse(f"No table {table.name!r} is declared.")
        return statements

    def _by_server(self, table: Table[Any], keys: Sequence[Key]) -> dict[int, list[Value]]:
        """Return for each server the shards and keys that it is asked for, one behind the other."""
        by_server: dict[int, list[Value]] = {}
        for key in keys:
            if len(key) != len(table.key):
                raise Misuse(f"A key of {table.name} is ({', '.join(table.key)}).")
            shard = _home(table, key)
            by_server.setdefault(self._shards.server_of(shard), []).extend((shard, *key))
        return by_server

    def _ask(self, server: int, question: Question) -> list[tuple[Any, ...]]:
        try:
            # All rows at once: a statement left open would hold on to the past.
            return self._readers[server].execute(*question).fetchall()
        except apsw.Error as error:
            raise EngineUnavailable(f"Server {server} cannot be read: {error}") from error


def _home(table: Table[Any], key: Key) -> int:
    first = key[0]
    try:
        return shard_of(Id(first))  # pyright: ignore[reportArgumentType]
    except (TypeError, IndexError) as error:
        raise Misuse(f"A key of {table.name} begins with an id.") from error


def _refuse_bad_scan(table: Table[Any], index: str, prefix: Key, after: Key | None, limit: int) -> None:
    declared = table.indexes.get(index)
    if index and (declared is None or declared.sweep):
        raise Misuse(f"{table.name} is not scanned by {index!r}.")
    columns = declared.columns if declared else table.key
    if not 1 <= len(prefix) <= len(columns) or not 1 <= limit <= KEYS_MAX:
        raise Misuse(f"A scan of {table.name} names 1 to {len(columns)} columns, and reads 1 to {KEYS_MAX} rows.")
    if after is not None:
        full = len(columns) + sum(name not in columns for name in table.key)
        if len(after) != full or tuple(after[: len(prefix)]) != tuple(prefix):
            raise Misuse(f"A scan of {table.name} continues behind a position of {full} values under its prefix.")
