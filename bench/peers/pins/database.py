"""The peer's engines: SQLite in WAL through aiosqlite, one for reading and one for writing.

Tuned as the manuals of SQLAlchemy and SQLite say, and by measuring:
- Readers are in autocommit, so that no request pays for a BEGIN and a ROLLBACK around one SELECT, nor for a reset when
  the connection goes back. READERS connections are the best of 1, 2, 3, 5 and 10: each has a thread of its own.
- A process writes through one connection, so that its requests wait for each other in the pool's fair queue and not in
  SQLite's sleeping one, and begins with BEGIN IMMEDIATE (SQLAlchemy's recipe), so that no transaction fails half-way.
- synchronous = FULL: what was answered is on the disk, as Bowerbird's is. Memory map and page cache are Bowerbird's.
"""

import os
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Final

from fastapi import Depends
from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

READERS: Final = 2
PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA mmap_size = 268435456",
    "PRAGMA cache_size = -16384",
)

_url = f"sqlite+aiosqlite:///{os.environ.get('PEER_DATABASE', 'peer.db')}"
_readers = create_async_engine(
    _url, pool_size=READERS, max_overflow=0, pool_reset_on_return=None, isolation_level="AUTOCOMMIT"
)
_writer = create_async_engine(_url, pool_size=1, max_overflow=0)


def _tune(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_ourselves(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


for _engine in (_readers, _writer):
    event.listen(_engine.sync_engine, "connect", _tune)
event.listen(_writer.sync_engine, "connect", _begin_ourselves)
event.listen(_writer.sync_engine, "begin", _begin)

_read_session = async_sessionmaker(_readers, expire_on_commit=False, autoflush=False)
_write_session = async_sessionmaker(_writer, expire_on_commit=False, autoflush=False)


async def _reading() -> AsyncGenerator[AsyncSession]:
    async with _read_session() as session:
        yield session


Reading = Annotated[AsyncSession, Depends(_reading)]
"""A session to read with."""


def writing() -> AsyncSession:
    """Return a session to write with, whose transaction is to be as short as can be."""
    return _write_session()


def engines() -> list[AsyncEngine]:
    """Return the engines, to be closed at the end."""
    return [_readers, _writer]
