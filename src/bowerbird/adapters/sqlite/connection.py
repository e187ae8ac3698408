"""How every SQLite file of the house is opened: write-ahead log, durability, sizes, and forward-only migrations."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import apsw

from bowerbird.ports.records import EngineUnavailable

WAL_BYTES_MAX = 64 << 20
"""To what size the write-ahead log is cut back after a checkpoint."""


class SchemaTooNew(Exception):  # noqa: N818 - the state of the file, named as people say it
    """The file was written by a later version of this program, which this one must not touch."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How a file is opened.

    `synchronous`: FULL keeps every commit through a loss of power, NORMAL may lose the last ones but never corrupts.
    `page_bytes`: the unit of writing, which a new file keeps for ever.
    `kept_bytes_max`: what the rows may take that a process remembers (records alone); a pin takes about 2 KiB.
    `vfs`: the name of a registered file layer that stands in for the machine's, for a simulation of failing disks.
    """

    synchronous: Literal["FULL", "NORMAL"] = "FULL"
    cache_kib: int = 16_384
    mmap_bytes: int = 256 << 20
    busy_ms: int = 5_000
    statements_max: int = 256
    page_bytes: int = 4_096
    kept_bytes_max: int = 64 << 20
    vfs: str | None = None


DURABLE = Tuning()
REBUILDABLE = Tuning(synchronous="NORMAL")


def open_writer(path: Path, migrations: Sequence[str], tuning: Tuning = DURABLE) -> apsw.Connection:
    """Open or create a file for its one writer, and bring its schema up to the last of `migrations`.

    Raises SchemaTooNew, and EngineUnavailable when the file cannot be opened or written.
    """
    create = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    with _opened(path, create, tuning) as connection:
        connection.pragma("page_size", tuning.page_bytes)
        if connection.pragma("journal_mode", "wal") != "wal":
            raise EngineUnavailable(f"{path} is where files have no shared memory: keep the data on a local disk.")
        connection.pragma("journal_size_limit", WAL_BYTES_MAX)
        connection.pragma("synchronous", tuning.synchronous)
        migrate(connection, path, migrations)
        return connection


def open_reader(path: Path, version: int, tuning: Tuning = DURABLE) -> apsw.Connection:
    """Open a file read-only, for reads inside an event loop; `version` is the number of migrations known here.

    Raises SchemaTooNew, and EngineUnavailable while the file's writer has not brought it to that version.
    """
    with _opened(path, apsw.SQLITE_OPEN_READONLY, tuning) as connection:
        found = version_of(connection)
        if found > version:
            raise _too_new(path, found, version)
        if found < version:
            raise EngineUnavailable(f"{path} has schema {found}; its writer has not brought it to {version} yet.")
        return connection


def migrate(connection: apsw.Connection, path: Path, migrations: Sequence[str]) -> None:
    """Apply the steps that the file does not have yet, in one transaction; their count is its `user_version`."""
    with connection:
        found = version_of(connection)
        if found > len(migrations):
            raise _too_new(path, found, len(migrations))
        for step in migrations[found:]:
            connection.execute(step)
        if found < len(migrations):
            connection.pragma("user_version", len(migrations))


def version_of(connection: apsw.Connection) -> int:
    """Return the number of migrations that a file has had."""
    return int(connection.pragma("user_version"))


@contextmanager
def _opened(path: Path, flags: int, tuning: Tuning) -> Generator[apsw.Connection]:
    """Open a file; it is closed again when it turns out not to do."""
    try:
        connection = apsw.Connection(str(path), flags=flags, vfs=tuning.vfs, statementcachesize=tuning.statements_max)
        try:
            _configure(connection, tuning)
            yield connection
        except BaseException:
            connection.close()
            raise
    except apsw.Error as error:
        raise EngineUnavailable(f"{path} cannot be opened: {error}") from error


def _configure(connection: apsw.Connection, tuning: Tuning) -> None:
    connection.set_busy_timeout(tuning.busy_ms)
    # A misspelt column in double quotes is an error, not a text.
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    # Statements stay prepared: without this SQLite plans anew whenever a value is bound that might change the plan.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.pragma("cache_size", -tuning.cache_kib)
    connection.pragma("mmap_size", tuning.mmap_bytes)


def _too_new(path: Path, found: int, known: int) -> SchemaTooNew:
    return SchemaTooNew(f"{path} has schema {found}, and this program knows {known}: start the later version.")
