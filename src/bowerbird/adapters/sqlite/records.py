"""Records on SQLite: reads go to the files within the event loop, units to whoever commits them."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from heapq import merge
from itertools import islice, starmap
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Self

import apsw

from bowerbird.adapters.sqlite.connection import DURABLE, Tuning, open_reader
from bowerbird.adapters.sqlite.kept_rows import KeptRows
from bowerbird.adapters.sqlite.schema import MIGRATIONS, ensure
from bowerbird.adapters.sqlite.statements import Question, Statements, key_count
from bowerbird.adapters.sqlite.writer import file_of
from bowerbird.base import ground
from bowerbird.base.ids import Id, shard_of
from bowerbird.base.shards import ShardMap
from bowerbird.ports.records import KEYS_MAX, Commits, EngineUnavailable, Misuse, Outgoing, Position
from bowerbird.ports.tables import Key, Op, Row, Table

_BEGIN: Final[Question] = ("BEGIN", ())
_COMMIT: Final[Question] = ("COMMIT", ())


class SqliteRecords:
    """As `ports.records.Records`. A read takes about 10 us, so it does not leave the loop.

    `readers`: one read-only connection per server, this process's own. `commits`: the writer, or a remote of it.
    `kept_bytes_max`: what the rows may take that are remembered of each server.
    """

    def __init__(
        self,
        tables: Sequence[Table[Any]],
        shards: ShardMap,
        readers: Mapping[int, apsw.Connection],
        commits: Commits,
        kept_bytes_max: int = DURABLE.kept_bytes_max,
    ) -> None:
        self._statements = {table.name: Statements(table) for table in tables}
        self._shards = shards
        self._readers = readers
        self._commits = commits
        self._kept = {server: KeptRows(partial(self._ask, server), kept_bytes_max) for server in readers}
        self._only = shards.servers[0] if len(shards.servers) == 1 else None

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
        return cls(tables, shards, readers, commits, tuning.kept_bytes_max)

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
        if self._only is not None:
            return self._rows(self._only, statements, keys)
        by_server: dict[int, list[Key]] = {}
        for key in keys:
            by_server.setdefault(self._shards.server_of(_home(table, key)), []).append(key)
        found: dict[Key, Row | None] = {}
        for server, some in by_server.items():
            found |= zip(some, self._rows(server, statements, some), strict=True)
        return [found[key] for key in keys]

    def _rows(self, server: int, statements: Statements, keys: Sequence[Key]) -> list[Any]:
        """Return a server's rows as they are at one moment from now on: those remembered, and those read now."""
        kept = self._kept[server]
        if (under := ground.collected()) is not None:
            kept.under(under).rows(statements.table.name, keys)
        rows = kept.of(statements.table.name)
        try:
            return [rows[key] for key in keys]
        except KeyError:
            with self._one_moment(server):
                return self._read(server, statements, keys)

    def _read(self, server: int, statements: Statements, keys: Sequence[Key]) -> list[Any]:
        """Read what is not remembered, within a transaction, and return all."""
        kept = self._kept[server]
        kept.look()
        rows = kept.of(statements.table.name)
        missing = [key for key in dict.fromkeys(keys) if key not in rows]
        if missing:
            for values in self._ask(server, _question(statements, missing)):
                kept.put(rows, statements.key_of(values), statements.table.row(*values), values)
            for key in missing:
                if key not in rows:
                    kept.put(rows, key, None, key)
        return [rows[key] for key in keys]

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
        questions = statements.scan(index, prefix, rest, "DESC" if newest_first else "ASC")
        if (under := ground.collected()) is not None:
            self._kept[server].under(under).shard(table.name, prefix)
        with self._one_moment(server):
            found = self._scanned(server, shard, questions, limit)
            # An index tells keys alone; the rows are remembered more often than not.
            return self._read(server, statements, found) if index else list(starmap(table.row, found))

    def _scanned(self, server: int, shard: int, questions: Sequence[Question], limit: int) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for text, values in questions:
            found += self._ask(server, (text, (shard, *values, limit - len(found))))
            if len(found) == limit:
                break
        return found

    async def sweep(self, table: Table[Row], index: str, upto: int, limit: int) -> list[Row]:
        statements = self._of(table)
        declared = table.indexes.get(index)
        if declared is None or not declared.sweep or not 1 <= limit <= KEYS_MAX:
            raise Misuse(f"{table.name} is swept by a sweep index, 1 to {KEYS_MAX} rows at once.")
        question = statements.sweep(index), (upto, limit)
        ground.unsupported()
        answers = [starmap(table.row, self._ask(server, question)) for server in self._readers]
        return list(islice(merge(*answers, key=attrgetter(declared.columns[0])), limit))

    def _of(self, table: Table[Any]) -> Statements:
        statements = self._statements.get(table.name)
        if statements is None:
            raise Misuse(f"No table {table.name!r} is declared.")
        return statements

    @contextmanager
    def _one_moment(self, server: int) -> Generator[None]:
        """Let all questions inside see the file as it was at the first of them."""
        self._ask(server, _BEGIN)
        try:
            yield
        finally:
            self._ask(server, _COMMIT)

    def _ask(self, server: int, question: Question) -> list[tuple[Any, ...]]:
        try:
            # All rows at once: a statement left open would hold on to the past.
            return self._readers[server].execute(*question).fetchall()
        except apsw.Error as error:
            raise EngineUnavailable(f"Server {server} cannot be read: {error}") from error


def _question(statements: Statements, keys: Sequence[Key]) -> Question:
    """Return the question for the rows of some keys, filled up with keys that no row has."""
    count, width = key_count(len(keys)), len(statements.table.key) + 1
    values = [value for key in keys for value in (_checked(statements.table, key), *key)]
    values.extend([None] * (count * width - len(values)))
    return statements.get(count), values


def _checked(table: Table[Any], key: Key) -> int:
    """Return a whole key's shard."""
    if len(key) != len(table.key):
        raise Misuse(f"A key of {table.name} is ({', '.join(table.key)}).")
    return _home(table, key)


def _home(table: Table[Any], key: Key) -> int:
    first = key[0]
    try:
        return shard_of(Id(first))  # pyright: ignore[reportArgumentType] - what is no id is told in a Misuse
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
