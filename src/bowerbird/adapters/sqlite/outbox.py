"""The outbox: events that units queued, read and deleted by the relay through the file's one writer."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import apsw

from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.ports.records import Outgoing, Queued

_SEQUENCE_BYTES = 8
_TAKE = "SELECT sequence, id, key, type, data FROM _outbox ORDER BY sequence LIMIT ?"
_DONE = "DELETE FROM _outbox WHERE sequence = ?"


class SqliteOutbox:
    """As `ports.records.Outbox`; events that an earlier process left behind are there from the start."""

    def __init__(self, writer: SqliteWriter) -> None:
        self._writer = writer
        self._deleting = asyncio.Lock()
        # Nobody knows yet whether the files hold events, so the first wait returns at once.
        writer.queued.set()

    async def servers(self) -> list[int]:
        return self._writer.servers

    async def take(self, server: int, limit: int) -> list[Queued]:
        return await self._writer.group(server).alone(partial(_take, limit=limit))

    async def done(self, server: int, sequences: Sequence[int]) -> None:
        delete = partial(_delete, sequences=list(sequences))
        async with self._deleting:
            await self._writer.group(server).submit(delete, len(sequences) * _SEQUENCE_BYTES)

    @asynccontextmanager
    async def hold(self) -> AsyncGenerator[None]:
        """Let no event be deleted in the block: what the log got after it was copied is still here."""
        async with self._deleting:
            yield

    async def wait(self, timeout_ms: int) -> None:
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                await self._writer.queued.wait()
        except TimeoutError:
            return
        self._writer.queued.clear()


def _take(connection: apsw.Connection, limit: int) -> list[Queued]:
    rows: list[tuple[Any, ...]] = connection.execute(_TAKE, (limit,)).fetchall()
    return [Queued(row[0], Outgoing(*row[1:])) for row in rows]


def _delete(connection: apsw.Connection, sequences: Sequence[int]) -> None:
    connection.executemany(_DONE, [(sequence,) for sequence in sequences])
