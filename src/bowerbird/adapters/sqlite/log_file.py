"""log.db: its tables, and reading them. The file is durable, append-only, and kept for ever.

A topic is a row of segments, each a table of its own that holds records under consecutive numbers. Only a topic's last
segment grows; the others are sealed and never change again, so that each can be moved elsewhere whole.
"""

from bisect import bisect_left
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import apsw

from bowerbird.adapters.sqlite.connection import DURABLE, Tuning, open_reader, open_writer
from bowerbird.ports.log import Lag, Offset, Parked, Record, Stored
from bowerbird.ports.records import EngineUnavailable

ANSWER_BYTES_MAX: Final = 8 << 20
"""An answer ends with the record that passes this."""

PARTITION: Final = 0
"""The one partition that every topic has here."""

_FILE = "log.db"

_MIGRATIONS = (
    """
    CREATE TABLE segment (
        id INTEGER PRIMARY KEY, topic TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        latest INTEGER NOT NULL, bytes INTEGER NOT NULL, UNIQUE (topic, first)
    ) STRICT;
    CREATE TABLE reader (
        name TEXT NOT NULL, topic TEXT NOT NULL, done INTEGER NOT NULL, PRIMARY KEY (topic, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE parked (
        name TEXT NOT NULL, topic TEXT NOT NULL, number INTEGER NOT NULL, reason TEXT NOT NULL,
        parked_at INTEGER NOT NULL, PRIMARY KEY (name, topic, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX parked_by_age ON parked (parked_at, topic, number);
    """,
)

_SEGMENT_OF = "SELECT id, last FROM segment WHERE topic = ? AND first <= ? ORDER BY first DESC LIMIT 1"
_SEGMENT_AT = "SELECT id, first, last FROM segment WHERE topic = ? AND latest >= ? ORDER BY first LIMIT 1"
_END = "SELECT last FROM segment WHERE topic = ? ORDER BY first DESC LIMIT 1"
_DONE = "SELECT done FROM reader WHERE topic = ? AND name = ?"
_PARKED = """
    SELECT name, topic, number, reason, parked_at FROM parked WHERE ?1 IS NULL OR name = ?1
    ORDER BY parked_at, topic, number, name LIMIT ?2
"""


def open_log_writer(folder: Path, *, tuning: Tuning = DURABLE) -> apsw.Connection:
    """Open or create the file for its one writer; SchemaTooNew or EngineUnavailable when it will not do."""
    return open_writer(folder / _FILE, _MIGRATIONS, tuning)


def open_log_reader(folder: Path, *, tuning: Tuning = DURABLE) -> apsw.Connection:
    """Open the file for reading in any process; EngineUnavailable until its writer has brought it up to date."""
    return open_reader(folder / _FILE, len(_MIGRATIONS), tuning)


def create_segment(id_: int) -> str:
    """Return the statement that makes a segment's table; `latest` is the greatest `at` so far, to search by."""
    return f"""
        CREATE TABLE segment_{id_} (
            number INTEGER PRIMARY KEY, key BLOB NOT NULL, data BLOB NOT NULL,
            at INTEGER NOT NULL, latest INTEGER NOT NULL
        ) STRICT
    """


class LogFile:
    """Reads the file through one connection; numbers are those of records, -1 being before the first."""

    def __init__(self, reader: apsw.Connection) -> None:
        self._reader = reader

    def close(self) -> None:
        """Close the connection."""
        self._reader.close()

    def end(self, topic: str) -> int:
        """Return the number of a topic's last record, or -1."""
        return self._one(_END, (topic,), -1)

    def done(self, group: str, topic: str) -> int:
        """Return the last number that a group has committed, or -1."""
        return self._one(_DONE, (topic, group), -1)

    def behind(self, topic: str, number: int, limit: int) -> list[Stored]:
        """Return up to `limit` records behind a number, and up to about ANSWER_BYTES_MAX of them."""
        found: list[Stored] = []
        room = ANSWER_BYTES_MAX
        while len(found) < limit and room > 0:
            segment = self._ask(_SEGMENT_OF, (topic, number + 1))
            if not segment or segment[0][1] <= number:
                break
            id_, last = segment[0]
            for stored, size in self._of_segment(id_, number, limit - len(found), room):
                found.append(stored)
                room -= size
            if found:
                number = found[-1].offset.number
            if number < last:
                break
        return found

    def before(self, topic: str, at: int) -> int:
        """Return the number before the first record at or after a time."""
        segment = self._ask(_SEGMENT_AT, (topic, at))
        if not segment:
            return self.end(topic)
        id_, first, last = segment[0]
        search = f"SELECT latest FROM segment_{id_} WHERE number = ?"  # noqa: S608 - an integer
        numbers = range(first, last + 1)
        return first + bisect_left(numbers, at, key=lambda number: self._one(search, (number,), at)) - 1

    def lag(self, now_us: int) -> list[Lag]:
        """Return every group's lag, by topic and group."""
        readers = self._ask("SELECT topic, name, done FROM reader ORDER BY topic, name", ())
        return [self._lag_of(topic, group, done, now_us) for topic, group, done in readers]

    def parked(self, group: str | None, limit: int) -> list[Parked]:
        """Return parked records, oldest first; what they hold stands in the log still."""
        found: list[Parked] = []
        room = ANSWER_BYTES_MAX
        for name, topic, number, reason, parked_at in self._ask(_PARKED, (group, limit)):
            stored = self.behind(topic, number - 1, 1)[0]
            found.append(Parked(name, topic, stored, reason, parked_at))
            room -= len(stored.record.data)
            if room <= 0:
                break
        return found

    def _lag_of(self, topic: str, group: str, done: int, now_us: int) -> Lag:
        waiting = self.behind(topic, done, 1)
        if not waiting:
            return Lag(topic, group, 0, 0)
        return Lag(topic, group, self.end(topic) - done, max(0, now_us - waiting[0].record.at))

    def _of_segment(self, id_: int, number: int, limit: int, room: int) -> list[tuple[Stored, int]]:
        question = f"SELECT number, key, data, at FROM segment_{id_} WHERE number > ? ORDER BY number LIMIT ?"  # noqa: S608 - an integer
        found: list[tuple[Stored, int]] = []
        try:
            # Closed at once, for a statement left open would hold on to the past.
            with closing(self._reader.cursor()) as cursor:
                for number_, key, data, at in cursor.execute(question, (number, limit)):
                    found.append((Stored(Offset(PARTITION, number_), Record(key, data, at)), len(key) + len(data)))
                    room -= len(key) + len(data)
                    if room <= 0:
                        break
        except apsw.Error as error:
            raise _unreadable(error) from error
        return found

    def _one(self, question: str, values: Sequence[Any], otherwise: int) -> int:
        rows = self._ask(question, values)
        return rows[0][0] if rows else otherwise

    def _ask(self, question: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return self._reader.execute(question, values).fetchall()
        except apsw.Error as error:
            raise _unreadable(error) from error


def _unreadable(error: apsw.Error) -> EngineUnavailable:
    return EngineUnavailable(f"log.db cannot be read: {error}")
