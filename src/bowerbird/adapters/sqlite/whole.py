"""A records file read from its first row to its last, table by table, in order of shard and key."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import starmap
from pathlib import Path
from typing import Any, Self

import apsw

from bowerbird.adapters.sqlite.connection import open_reader
from bowerbird.adapters.sqlite.schema import MIGRATIONS, SHARD, ensure, quoted
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.tables import Row, Table


class WholeRecords:
    """One file, read-only; every pass over a table sees it as it was when the pass began."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path, tables: Sequence[Table[Any]]) -> Self:
        """Open a file; EngineUnavailable, SchemaTooNew or SchemaChanged when it will not do."""
        connection = open_reader(path, len(MIGRATIONS))
        ensure(connection, path, tables)
        return cls(path, connection)

    def rows(self, table: Table[Row]) -> Iterator[Row]:
        """Yield all rows of a table; EngineUnavailable when they cannot be read."""
        listed = ", ".join(map(quoted, table.columns))
        key = ", ".join(map(quoted, (SHARD, *table.key)))
        question = f"SELECT {listed} FROM {quoted(table.name)} ORDER BY {key}"  # noqa: S608 - declared names, quoted
        try:
            with closing(self._connection.cursor()) as cursor:
                yield from starmap(table.row, cursor.execute(question))
        except apsw.Error as error:
            raise EngineUnavailable(f"{self._path} cannot be read: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
