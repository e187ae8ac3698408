"""Copies of SQLite's files, made by their writers: page after page between two transactions.

What the same connection writes meanwhile reaches the pages that are copied already, so a copy is as of its last step,
however long it took, and never begins anew.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import apsw

from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.writer import SqliteWriter, file_of
from bowerbird.base.shards import ShardMap
from bowerbird.base.world import World
from bowerbird.ports.copies import IDLE_S_MAX, PAGES_MAX, Progress
from bowerbird.ports.records import EngineUnavailable

_ALL: Final = -1
_LOOK_S: Final = 1.0
_PRAGMAS: Final = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2048")
"""A copy that was not finished is thrown away, and one that was is brought to the disk by whoever asked for it."""


class _Copy:
    """One file on its way; everything happens in the thread of its writer."""

    def __init__(self, group: GroupCommit, path: Path) -> None:
        self._group = group
        self._path = path
        self._target: apsw.Connection | None = None
        self._backup: apsw.Backup | None = None
        self.progress = Progress(0, 1)

    async def begin(self) -> None:
        await self._group.alone(self._begin)

    async def step(self, pages: int) -> None:
        await self._group.alone(partial(self._step, pages=pages))

    async def finish(self) -> None:
        await self._group.alone(partial(self._step, pages=_ALL))
        await self._group.alone(self._end)

    async def abandon(self) -> None:
        with suppress(EngineUnavailable):
            await self._group.alone(self._end)
        self._path.unlink(missing_ok=True)

    def _begin(self, source: apsw.Connection) -> None:
        self._target = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
        for pragma in _PRAGMAS:
            self._target.execute(f"PRAGMA {pragma}")
        self._backup = self._target.backup("main", source, "main")
        # From the first page on, what the source's connection writes reaches the copy.
        self._backup.step(1)

    def _step(self, _source: apsw.Connection, pages: int) -> None:
        """Copy some pages; a copy with no page left is over, so that only the last step takes the last ones."""
        if self._backup is None:
            raise EngineUnavailable(f"{self._path} is not being copied any more.")
        if pages == _ALL or self._backup.remaining > pages:
            self._backup.step(pages)
        total = self._backup.page_count
        self.progress = Progress(total - self._backup.remaining, total)

    def _end(self, _source: apsw.Connection) -> None:
        if self._backup is not None:
            self._backup.finish()
        if self._target is not None:
            self._target.close()
        self._backup = self._target = None


class SqliteCopies:
    """As `ports.copies.Copies`, in the process of the writers."""

    def __init__(
        self,
        folder: Path,
        shards: ShardMap,
        writer: SqliteWriter,
        outbox: SqliteOutbox,
        keys: SqliteKeyWriter,
        log: SqliteLog,
        views: GroupCommit,
        world: World,
    ) -> None:
        self._records = {file_of(folder, shards, server).name: writer.group(server) for server in shards.servers}
        self._outbox = outbox
        self._keys = keys
        self._log = log
        self._views = views
        self._world = world
        self._copies: dict[str, _Copy] = {}
        self._asked_s = 0.0
        self._watch: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def begin(self, folder: str) -> None:
        async with self._turn:
            await self._abandon()
            self._asked_s = self._world.monotonic_s()
            for name, group in self._groups().items():
                self._copies[name] = _Copy(group, Path(folder) / name)
                await self._copies[name].begin()
            if self._watch is None or self._watch.done():
                self._watch = asyncio.create_task(self._abandon_when_idle())

    async def step(self, pages: int) -> Progress:
        if not 1 <= pages <= PAGES_MAX:
            raise ValueError(f"A step copies 1 to {PAGES_MAX} pages, not {pages}.")
        async with self._turn:
            for copy in self._under_way():
                await copy.step(pages)
            all_ = [copy.progress for copy in self._under_way()]
        return Progress(sum(one.done for one in all_), sum(one.total for one in all_))

    async def finish(self) -> int:
        async with self._turn:
            self._under_way()
            try:
                async with self._keys.hold(), self._outbox.hold():
                    return await self._finish()
            finally:
                await self._abandon()

    async def _finish(self) -> int:
        """End the copies in an order in which views know of no event that the log lacks, nor records of one keyless."""
        for name in ("views.db", "log.db"):
            await self._copies.pop(name).finish()
        until_us = self._world.now_us()
        for name in (*self._records, "keys.db"):
            await self._copies.pop(name).finish()
        return until_us

    async def abandon(self) -> None:
        async with self._turn:
            await self._abandon()

    async def close(self) -> None:
        """Abandon what is under way, and watch no more."""
        await self.abandon()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})

    def _groups(self) -> dict[str, GroupCommit]:
        others = {"keys.db": self._keys.group, "log.db": self._log.group, "views.db": self._views}
        return {**self._records, **others}

    def _under_way(self) -> Sequence[_Copy]:
        if not self._copies:
            raise ValueError("No copy was begun, or nobody went on with it for too long.")
        self._asked_s = self._world.monotonic_s()
        return list(self._copies.values())

    async def _abandon(self) -> None:
        while self._copies:
            await self._copies.popitem()[1].abandon()

    async def _abandon_when_idle(self) -> None:
        """Wait until the copy is over, or until nobody has gone on with it for too long."""
        while self._copies:
            await self._world.sleep(_LOOK_S)
            if self._world.monotonic_s() - self._asked_s > IDLE_S_MAX:
                await self.abandon()
