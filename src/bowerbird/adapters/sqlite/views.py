"""views.db: what the log can build again (timelines, graph, tastes, askings), with one writer of its own."""

from collections.abc import Generator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from bowerbird.adapters.sqlite.connection import Tuning, open_reader, open_writer
from bowerbird.adapters.sqlite.group import GroupCommit, Limits
from bowerbird.base.ground import collected
from bowerbird.ports.records import EngineUnavailable

ROWS_MAX = 500
"""Rows changed in one transaction, so that a long call holds up the others for a few milliseconds at most."""

ROW_BYTES = 128
"""What a row that waits to be changed counts as."""

VIEWS = Tuning(synchronous="NORMAL", page_bytes=2_048)
"""A fan-out dirties a page for nearly every timeline, so pages are small: twice as fast as with 4 KiB."""

_FILE = "views.db"
# Checkpoints that are few and long write a page once that was dirtied often.
_CHECKPOINT_PAGES = 16_384

_MIGRATIONS = (
    """
    CREATE TABLE timeline (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, owner BLOB NOT NULL,
        live INTEGER NOT NULL DEFAULT 0, dead INTEGER NOT NULL DEFAULT 0,
        floor_at INTEGER NOT NULL DEFAULT -9223372036854775808, floor_pin BLOB NOT NULL DEFAULT x'',
        UNIQUE (kind, owner)
    ) STRICT;
    CREATE TABLE post (
        id INTEGER PRIMARY KEY, pin BLOB NOT NULL, at INTEGER NOT NULL, board BLOB NOT NULL, author BLOB NOT NULL,
        uses INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX post_pin ON post (pin);
    CREATE TABLE entry (
        timeline INTEGER NOT NULL, at INTEGER NOT NULL, post INTEGER NOT NULL, PRIMARY KEY (timeline, at, post)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE applied (partition INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT;
    """,
    """
    CREATE TABLE follow (
        follower BLOB NOT NULL, followee BLOB NOT NULL, at INTEGER NOT NULL, version INTEGER NOT NULL,
        stands INTEGER NOT NULL, PRIMARY KEY (follower, followee)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX follow_following ON follow (follower, at, followee, version) WHERE stands;
    CREATE INDEX follow_followers ON follow (followee, at, follower, version) WHERE stands;
    CREATE INDEX follow_tombstones ON follow (followee) WHERE NOT stands;
    CREATE TABLE degree (
        person BLOB PRIMARY KEY, following INTEGER NOT NULL, followers INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE cleared (person BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
    """,
    # A time, 0 before the first; NULL for a timeline that its entries made, and that goes with them.
    """
    ALTER TABLE timeline ADD COLUMN kept INTEGER;
    CREATE INDEX timeline_kept ON timeline (kind, kept) WHERE kept IS NOT NULL;
    """,
    # A shelf without a board, and a viewer without a person, are dropped: what names them counts no more.
    """
    CREATE TABLE shelf (number INTEGER PRIMARY KEY, board BLOB, person BLOB, public INTEGER NOT NULL) STRICT;
    CREATE INDEX shelf_board ON shelf (board, person, public);
    CREATE INDEX shelf_person ON shelf (person);
    CREATE TABLE save (
        pin BLOB PRIMARY KEY, thing BLOB NOT NULL, person BLOB, board BLOB NOT NULL, at INTEGER NOT NULL,
        shelf INTEGER NOT NULL, listed INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX save_shelf ON save (shelf, listed);
    CREATE INDEX save_person ON save (person, at, pin);
    CREATE INDEX save_board ON save (board, at, pin);
    CREATE INDEX save_listed ON save (thing, at, pin, shelf) WHERE listed;
    CREATE INDEX save_kept ON save (person, thing, shelf);
    CREATE INDEX save_on_board ON save (board, thing, shelf);
    CREATE TABLE viewer (
        number INTEGER PRIMARY KEY, person BLOB UNIQUE, sights INTEGER NOT NULL DEFAULT 0,
        floor_at INTEGER NOT NULL DEFAULT -1
    ) STRICT;
    CREATE TABLE sight (
        viewer INTEGER NOT NULL, thing BLOB NOT NULL, times INTEGER NOT NULL, last INTEGER NOT NULL,
        PRIMARY KEY (viewer, thing)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sight_last ON sight (viewer, last, thing);
    CREATE TABLE tastes_applied (partition INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT;
    """,
    # Whoever is gone stays known, so that what is noted of them late counts for nothing.
    """
    CREATE TABLE asker (
        number INTEGER PRIMARY KEY, person BLOB NOT NULL UNIQUE, gone INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE asked (
        number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, people INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE asking (
        asker INTEGER NOT NULL, query INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (asker, query)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX asking_of ON asking (asker, at, query);
    CREATE INDEX asking_at ON asking (at, asker, query);
    CREATE TABLE opening (
        prefix TEXT NOT NULL, people INTEGER NOT NULL, query TEXT NOT NULL, PRIMARY KEY (prefix, people DESC, query)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE askings_applied (partition INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT;
    """,
)


def open_views_writer(folder: Path, *, tuning: Tuning = VIEWS, executor: Executor | None = None) -> GroupCommit:
    """Open or create the file for its one writer; SchemaTooNew or EngineUnavailable when it will not do."""
    connection = open_writer(folder / _FILE, _MIGRATIONS, tuning)
    connection.wal_autocheckpoint(_CHECKPOINT_PAGES)
    return GroupCommit(connection, executor, Limits(batch_bytes_max=ROWS_MAX * ROW_BYTES))


def open_views_reader(folder: Path, *, tuning: Tuning = VIEWS) -> apsw.Connection:
    """Open the file for reading in any process; EngineUnavailable until its writer has brought it up to date."""
    return open_reader(folder / _FILE, len(_MIGRATIONS), tuning)


def ask(reader: apsw.Connection, question: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return all rows at once, for a statement left open would hold on to the past."""
    under = collected()
    asked = None if under is None else under.support(reader, lambda: _Asked(reader))
    rows = _rows(reader, question, values)
    if asked is not None:
        asked.note(question, values, rows)
    return rows


@contextmanager
def one_moment(reader: apsw.Connection) -> Generator[None]:
    """Let all questions inside see the file as it was at the first of them."""
    _rows(reader, "BEGIN", ())
    try:
        yield
    finally:
        _rows(reader, "COMMIT", ())


def _rows(reader: apsw.Connection, question: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    try:
        return reader.execute(question, values).fetchall()
    except apsw.Error as error:
        raise EngineUnavailable(f"views.db cannot be read: {error}") from error


class _Asked:
    """What the file was asked for an answer, and what it said: asked again when anything in the file has changed.

    A fan-out changes the file all the time and few timelines at once, and to note which would make it slower.
    """

    def __init__(self, reader: apsw.Connection) -> None:
        self._reader = reader
        self._seen = self._version()
        self._said: list[tuple[str, Sequence[Any], list[tuple[Any, ...]]]] = []

    def note(self, question: str, values: Sequence[Any], rows: list[tuple[Any, ...]]) -> None:
        """Note an answer of the file."""
        self._said.append((question, values, rows))

    def holds(self) -> bool:
        """As `base.ground.Support.holds`."""
        version = self._version()
        if version != self._seen:
            with one_moment(self._reader):
                if any(_rows(self._reader, question, values) != rows for question, values, rows in self._said):
                    return False
            self._seen = version
        return True

    def _version(self) -> int:
        # Not the connection's own `data_version`, which tells nothing new until the file is read.
        return _rows(self._reader, "PRAGMA data_version", ())[0][0]
