"""The one writer of keys: makes them, destroys them without remains, and wraps all anew for a new master key."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Self, cast

import apsw

from bowerbird.adapters.sqlite.connection import DURABLE, Tuning, open_writer
from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.key_file import FILE, MIGRATIONS, check, prove, proved, scrub, unwrap, wrap
from bowerbird.base.ids import Id
from bowerbird.base.seal import KEY_BYTES
from bowerbird.base.world import World
from bowerbird.ports.records import EngineUnavailable

_ROW_BYTES = 76
_REWRAP_AT_ONCE = 1_000


class SqliteKeyWriter:
    """As `ports.keys.KeyWrites`, for one process and one event loop. `group`: the file's one writer."""

    def __init__(self, group: GroupCommit, master: bytes, world: World) -> None:
        self.group = group
        self._master = master
        self._world = world
        self._destroying = asyncio.Lock()

    @classmethod
    def open(
        cls,
        folder: Path,
        master: bytes,
        world: World,
        *,
        tuning: Tuning = DURABLE,
        executor: Callable[[], Executor] | None = None,
    ) -> Self:
        """Open or create the file. Raises WrongMasterKey, SchemaTooNew, EngineUnavailable."""
        connection = _open(folder, tuning)
        with connection:
            if not proved(connection):
                prove(connection, master, world)
        check(connection, folder / FILE, master)
        return cls(GroupCommit(connection, executor() if executor else None), master, world)

    async def create(self, owner: Id) -> bytes:
        key = self._world.random_bytes(KEY_BYTES)
        wrapped = wrap(self._master, key, owner, self._world)
        stored = await self.group.submit(partial(_put, owner=owner, wrapped=wrapped), _ROW_BYTES)
        if stored is None:
            raise ValueError("the owner's key was destroyed")
        return unwrap(self._master, stored, owner)

    async def destroy(self, owner: Id) -> None:
        async with self._destroying:
            await self.group.submit(partial(_erase, owner=owner), _ROW_BYTES)
            # Each time: an earlier attempt may have got no further than the line above.
            await self.group.alone(scrub)

    @asynccontextmanager
    async def hold(self) -> AsyncGenerator[None]:
        """Let no key be destroyed in the block: of nobody who is there when records are copied the key is missing."""
        async with self._destroying:
            yield

    async def close(self) -> None:
        """Refuse new work, finish what waits, close the file."""
        await self.group.close()


def rewrap(folder: Path, old: bytes, new: bytes, world: World) -> int:
    """Wrap all keys with a new master key, in one transaction, and return their number; nobody else may be at work.

    Raises WrongMasterKey when `old` is not the present one, SchemaTooNew, EngineUnavailable.
    """
    connection, count = _open(folder, DURABLE), 0
    try:
        check(connection, folder / FILE, old)
        with connection:
            for page in _rewrapped(connection, old, new, world):
                count += page
            prove(connection, new, world)
        scrub(connection)
    except apsw.Error as error:
        raise EngineUnavailable(f"{folder / FILE} cannot be written: {error}") from error
    finally:
        connection.close()
    return count


def _open(folder: Path, tuning: Tuning) -> apsw.Connection:
    log = folder / f"{FILE}-wal"
    unfinished = log.exists() and log.stat().st_size > 0
    connection = open_writer(folder / FILE, MIGRATIONS, tuning)
    try:
        # What is deleted is overwritten with zeros.
        connection.pragma("secure_delete", "ON")
        if unfinished:
            # The process before may have ended between destroying a key and writing the file anew.
            scrub(connection)
    except apsw.Error as error:
        connection.close()
        raise EngineUnavailable(f"{folder / FILE} cannot be written: {error}") from error
    return connection


def _put(connection: apsw.Connection, owner: Id, wrapped: bytes) -> bytes | None:
    """Store a wrapped key unless the owner has a row; return what the row holds."""
    connection.execute("INSERT INTO keys VALUES (?, ?) ON CONFLICT DO NOTHING", (owner, wrapped))
    row = connection.execute("SELECT wrapped FROM keys WHERE owner = ?", (owner,)).fetchall()[0]
    return cast("bytes | None", row[0])


def _erase(connection: apsw.Connection, owner: Id) -> None:
    connection.execute(
        "INSERT INTO keys VALUES (?, NULL) ON CONFLICT DO UPDATE SET wrapped = NULL WHERE wrapped IS NOT NULL", (owner,)
    )


def _rewrapped(connection: apsw.Connection, old: bytes, new: bytes, world: World) -> Iterator[int]:
    """Wrap page after page anew, yielding how many each had."""
    owner = b""
    while page := _page(connection, owner):
        wrapped = [(wrap(new, unwrap(old, held, owner), owner, world), owner) for owner, held in page]
        connection.executemany("UPDATE keys SET wrapped = ? WHERE owner = ?", wrapped)
        yield len(page)
        owner = page[-1][0]


def _page(connection: apsw.Connection, after: bytes) -> list[tuple[Id, bytes]]:
    rows = connection.execute(
        "SELECT owner, wrapped FROM keys WHERE owner > ? AND wrapped IS NOT NULL ORDER BY owner LIMIT ?",
        (after, _REWRAP_AT_ONCE),
    )
    return cast("list[tuple[Id, bytes]]", rows.fetchall())
