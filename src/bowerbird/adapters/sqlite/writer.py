"""The one writer of records: takes units for any shard, and commits them to the file of the shard's server."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any, Self

from bowerbird.adapters.sqlite.connection import DURABLE, Tuning, open_writer
from bowerbird.adapters.sqlite.group import GroupCommit, Limits
from bowerbird.adapters.sqlite.schema import MIGRATIONS, bring_up
from bowerbird.adapters.sqlite.units import Applied, Units
from bowerbird.base.shards import ShardMap
from bowerbird.ports.records import EngineUnavailable, Outgoing, Position
from bowerbird.ports.tables import Op, Table


def file_of(folder: Path, shards: ShardMap, server: int) -> Path:
    """Return a server's file: core.db where there is one server, else core-0.db and so on."""
    return folder / ("core.db" if len(shards.servers) == 1 else f"core-{server}.db")


class SqliteWriter:
    """As `ports.records.Commits`, for one process and one event loop.

    `groups`: one open file per server. `queued` is set whenever a transaction put events into an outbox.
    """

    def __init__(
        self,
        tables: Sequence[Table[Any]],
        shards: ShardMap,
        groups: Mapping[int, GroupCommit],
        queued: asyncio.Event,
    ) -> None:
        self._units = Units(tables)
        self._shards = shards
        self._groups = groups
        self.queued = queued

    @classmethod
    def open(
        cls,
        folder: Path,
        tables: Sequence[Table[Any]],
        shards: ShardMap,
        *,
        tuning: Tuning = DURABLE,
        limits: Limits | None = None,
        executor: Callable[[], Executor] | None = None,
    ) -> Self:
        """Open or create every server's file; SchemaTooNew, SchemaChanged or EngineUnavailable when one will not do.

        `executor` makes what runs a file's work, one thread each unless given.
        """
        queued = asyncio.Event()
        groups: dict[int, GroupCommit] = {}
        for server in shards.servers:
            path = file_of(folder, shards, server)
            connection = open_writer(path, MIGRATIONS, tuning)
            bring_up(connection, path, tables)
            groups[server] = GroupCommit(connection, executor() if executor else None, limits, partial(_wake, queued))
        return cls(tables, shards, groups, queued)

    @property
    def servers(self) -> list[int]:
        """Return the numbers of the servers."""
        return sorted(self._groups)

    @property
    def waiting(self) -> int:
        """Return how many units wait to be written, on all servers."""
        return sum(group.waiting for group in self._groups.values())

    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        unit = self._units.prepare(ops, outgoing)
        server = self._shards.server_of(unit.shard)
        applied = await self._groups[server].submit(unit.apply, unit.size_bytes)
        return Position(server, applied.sequence)

    def group(self, server: int) -> GroupCommit:
        """Return a server's file; EngineUnavailable for one that this writer does not have."""
        group = self._groups.get(server)
        if group is None:
            raise EngineUnavailable(f"There is no server {server}.")
        return group

    async def close(self) -> None:
        """Refuse new units, finish those that wait, close the files."""
        await asyncio.gather(*(group.close() for group in self._groups.values()))


def _wake(queued: asyncio.Event, results: Sequence[object]) -> None:
    if any(isinstance(result, Applied) and result.events for result in results):
        queued.set()
