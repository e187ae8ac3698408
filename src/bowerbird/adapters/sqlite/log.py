"""The log on log.db: appends share a flush of the disk, polls wake when something was appended."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, Self

import apsw

from bowerbird.adapters.sqlite.connection import DURABLE, Tuning
from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.log_file import PARTITION, LogFile, create_segment, open_log_reader, open_log_writer
from bowerbird.base.world import World
from bowerbird.ports.log import (
    APPEND_MAX,
    POLL_MAX,
    REASON_CHARACTERS_MAX,
    RECORD_BYTES_MAX,
    Batch,
    Lag,
    Mark,
    Offset,
    Parked,
    Record,
    Stored,
)
from bowerbird.ports.records import EngineUnavailable

_APPEND_BYTES_MAX: Final = 4 << 20
_ROW_BYTES: Final = 64
_EARLIEST: Final = -(1 << 63)
_LIFE_BYTES: Final = 6
_NAME: Final = re.compile("[a-z][a-z0-9_-]{0,63}")

_TAIL = "SELECT id, first, last, latest, bytes FROM segment WHERE topic = ? ORDER BY first DESC LIMIT 1"
_BEGIN = "INSERT INTO segment (topic, first, last, latest, bytes) VALUES (?, ?, ?, ?, 0) RETURNING id"
_GROW = "UPDATE segment SET last = ?, latest = ?, bytes = ? WHERE id = ?"
_JOIN = "INSERT OR IGNORE INTO reader (topic, name, done) VALUES (?, ?, -1)"
_COMMIT = """
    INSERT INTO reader (topic, name, done) VALUES (?1, ?2, ?3)
    ON CONFLICT DO UPDATE SET done = excluded.done WHERE excluded.done > done
"""
_SEEK = "INSERT OR REPLACE INTO reader (topic, name, done) VALUES (?, ?, ?)"
_PARK = "INSERT OR IGNORE INTO parked (name, topic, number, reason, parked_at) VALUES (?, ?, ?, ?, ?)"
_UNPARK = "DELETE FROM parked WHERE name = ? AND topic = ? AND number = ?"


@dataclass(frozen=True, slots=True)
class Segments:
    """When a segment is sealed and the next one begun."""

    records_max: int = 65_536
    bytes_max: int = 64 << 20


@dataclass(frozen=True, slots=True)
class _Appended:
    """What one piece of an append added, committed: `count` records up to and with number `last`."""

    topic: str
    last: int
    count: int


@dataclass(slots=True)
class _Place:
    """Where a group is: `sent` changes whenever it is moved, and `given` is the last number that was polled since.

    `to`: where it is being moved, until the file knows it.
    """

    sent: int
    given: int
    to: int | None = None


class SqliteLogReader:
    """The reading half of `ports.log.Log`, for any process: read, end, committed, lag, parked."""

    def __init__(self, file: LogFile, world: World) -> None:
        self._file = file
        self._world = world

    @classmethod
    def open(cls, folder: Path, world: World, *, tuning: Tuning = DURABLE) -> Self:
        """Open the file read-only; EngineUnavailable until its writer has brought it up to date."""
        return cls(LogFile(open_log_reader(folder, tuning=tuning)), world)

    async def read(self, topic: str, after: Sequence[Offset], limit: int) -> list[Stored]:
        _refuse_bad_names(topic)
        _refuse_bad_limit(limit)
        return self._file.behind(topic, _number(after), limit)

    async def end(self, topic: str) -> list[Offset]:
        _refuse_bad_names(topic)
        return _offsets(self._file.end(topic))

    async def committed(self, group: str, topic: str) -> list[Offset]:
        _refuse_bad_names(group, topic)
        return _offsets(self._file.done(group, topic))

    async def lag(self) -> list[Lag]:
        return self._file.lag(self._world.now_us())

    async def parked(self, group: str | None, limit: int) -> list[Parked]:
        if group is not None:
            _refuse_bad_names(group)
        _refuse_bad_limit(limit)
        return self._file.parked(group, limit)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class SqliteLog:
    """As `ports.log.Log`, for the one process that writes and consumes, and one event loop.

    `connection`: open for writing, and closed here; `executor`: its thread, or one that runs inline.
    """

    def __init__(
        self,
        file: LogFile,
        world: World,
        connection: apsw.Connection,
        executor: Executor | None = None,
        segments: Segments | None = None,
    ) -> None:
        self._file = file
        self._world = world
        self._reader = SqliteLogReader(file, world)
        self._writer = GroupCommit(connection, executor, committed=self._wake)
        self._segments = segments or Segments()
        self._places: dict[tuple[str, str], _Place] = {}
        # Where a group is that was not moved: a mark that an earlier process gave is none of this one's.
        self._life = int.from_bytes(world.random_bytes(_LIFE_BYTES))
        self._grown: dict[str, asyncio.Event] = {}
        self._closed = False

    @classmethod
    def open(
        cls,
        folder: Path,
        world: World,
        *,
        tuning: Tuning = DURABLE,
        executor: Executor | None = None,
        segments: Segments | None = None,
    ) -> Self:
        """Open or create the file; SchemaTooNew or EngineUnavailable when it will not do."""
        connection = open_log_writer(folder, tuning=tuning)
        return cls(LogFile(open_log_reader(folder, tuning=tuning)), world, connection, executor, segments)

    async def append(self, topic: str, records: Sequence[Record]) -> list[Offset]:
        _refuse_bad_names(topic)
        _refuse_bad_records(records)
        offsets: list[Offset] = []
        for part in _parts(records):
            work = partial(_append, topic=topic, records=part, segments=self._segments)
            done = await self._writer.submit(work, sum(map(_size, part)))
            offsets += [Offset(PARTITION, number) for number in range(done.last - done.count + 1, done.last + 1)]
        return offsets

    async def poll(self, group: str, topic: str, mark: Mark | None, limit: int, wait_ms: int) -> Batch:
        _refuse_bad_names(group, topic)
        _refuse_bad_limit(limit)
        if wait_ms < 0:
            raise ValueError(f"A wait is 0 ms or more, not {wait_ms}.")
        place = await self._place(group, topic)
        clock = asyncio.get_running_loop()
        deadline = clock.time() + wait_ms / 1000
        while True:
            if self._closed:
                raise EngineUnavailable("The log is shutting down.")
            grown = self._grown.setdefault(topic, asyncio.Event())
            number = self._begins(group, topic, place, mark)
            stored = self._file.behind(topic, number, limit)
            if stored:
                number = stored[-1].offset.number
                place.given = max(place.given, number)
            if stored or clock.time() >= deadline:
                return Batch(topic, group, stored, Mark(place.sent, _offsets(number)))
            await _happens(grown, deadline)

    def _begins(self, group: str, topic: str, place: _Place, mark: Mark | None) -> int:
        """Return the number behind which a poll with a mark begins."""
        if mark is not None and mark.sent == place.sent:
            return _number(mark.after)
        return self._file.done(group, topic) if place.to is None else place.to

    async def commit(self, group: str, topic: str, offsets: Sequence[Offset]) -> None:
        _refuse_bad_names(group, topic)
        number = min(_number(offsets), self._file.end(topic))
        if number < 0:
            return
        place = self._places.get((group, topic))
        if place is not None and place.sent != self._life and number > place.given:
            return
        await self._write(_COMMIT, (topic, group, number))

    async def seek(self, group: str, topic: str, to: int | Sequence[Offset]) -> None:
        _refuse_bad_names(group, topic)
        number = self._file.before(topic, to) if isinstance(to, int) else min(_number(to), self._file.end(topic))
        # The group moves before the file knows it, so that no commit of what was polled before comes in between.
        place = self._places.setdefault((group, topic), _Place(self._life, number))
        place.sent, place.given, place.to = place.sent + 1, number, number
        sent = place.sent
        try:
            await self._write(_SEEK, (topic, group, number))
        finally:
            if place.sent == sent:  # nobody has sent it elsewhere meanwhile
                place.to = None

    async def park(self, group: str, topic: str, stored: Stored, reason: str) -> None:
        _refuse_bad_names(group, topic)
        number = _number([stored.offset])
        if not 0 <= number <= self._file.end(topic):
            raise ValueError(f"{topic} has no record {number}.")
        values = (group, topic, number, reason[:REASON_CHARACTERS_MAX], self._world.now_us())
        await self._write(_PARK, values)

    async def unpark(self, group: str, topic: str, offset: Offset) -> None:
        _refuse_bad_names(group, topic)
        await self._write(_UNPARK, (group, topic, _number([offset])))

    async def read(self, topic: str, after: Sequence[Offset], limit: int) -> list[Stored]:
        return await self._reader.read(topic, after, limit)

    async def end(self, topic: str) -> list[Offset]:
        return await self._reader.end(topic)

    async def committed(self, group: str, topic: str) -> list[Offset]:
        return await self._reader.committed(group, topic)

    async def lag(self) -> list[Lag]:
        return await self._reader.lag()

    async def parked(self, group: str | None, limit: int) -> list[Parked]:
        return await self._reader.parked(group, limit)

    @property
    def group(self) -> GroupCommit:
        """Return the file's one writer."""
        return self._writer

    async def close(self) -> None:
        """Refuse new work, finish what waits, send the pollers home, and close the file."""
        self._closed = True
        for topic in list(self._grown):
            self._grown.pop(topic).set()
        # The writer goes last, since the last one out tidies the file up.
        self._reader.close()
        await self._writer.close()

    async def _place(self, group: str, topic: str) -> _Place:
        place = self._places.get((group, topic))
        if place is None:
            # A group is known from its first poll on, so that its lag is seen even if it never commits.
            await self._write(_JOIN, (topic, group))
            place = self._places.setdefault((group, topic), _Place(self._life, self._file.done(group, topic)))
        return place

    async def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        await self._writer.submit(partial(_execute, statement=statement, values=values), _ROW_BYTES)

    def _wake(self, results: Iterable[object]) -> None:
        for topic in {result.topic for result in results if isinstance(result, _Appended)}:
            if (grown := self._grown.pop(topic, None)) is not None:
                grown.set()


async def _happens(event: asyncio.Event, deadline: float) -> None:
    """Wait for an event, at most until a time of the loop's clock."""
    with suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            await event.wait()


def _execute(connection: apsw.Connection, statement: str, values: tuple[Any, ...]) -> None:
    connection.execute(statement, values)


def _append(connection: apsw.Connection, topic: str, records: Sequence[Record], segments: Segments) -> _Appended:
    """Add records to the topic's last segment, or to a new one where that is full."""
    id_, last, latest, held_bytes = _growing_segment(connection, topic, segments)
    latests = list(accumulate((record.at for record in records), max, initial=latest))[1:]
    rows = [
        (last + place, record.key, record.data, record.at, highest)
        for place, (record, highest) in enumerate(zip(records, latests, strict=True), 1)
    ]
    connection.executemany(f"INSERT INTO segment_{id_} VALUES (?, ?, ?, ?, ?)", rows)  # noqa: S608 - an integer
    held_bytes += sum(map(_size, records))
    connection.execute(_GROW, (last + len(rows), latests[-1], held_bytes, id_))
    return _Appended(topic, last + len(rows), len(rows))


def _growing_segment(connection: apsw.Connection, topic: str, segments: Segments) -> tuple[int, int, int, int]:
    """Return the id, the last number, the latest time and the bytes of the segment that takes what comes next."""
    tail: list[tuple[Any, ...]] = connection.execute(_TAIL, (topic,)).fetchall()
    id_, first, last, latest, held_bytes = tail[0] if tail else (0, 0, -1, _EARLIEST, 0)
    if tail and last - first + 1 < segments.records_max and held_bytes < segments.bytes_max:
        return id_, last, latest, held_bytes
    begun: list[tuple[Any, ...]] = connection.execute(_BEGIN, (topic, last + 1, last, latest)).fetchall()
    ((id_,),) = begun
    connection.execute(create_segment(id_))
    return id_, last, latest, 0


def _parts(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Split an append, in order, so that no part keeps the others waiting long or fills what may wait."""
    part: list[Record] = []
    part_bytes = 0
    for record in records:
        if part and part_bytes + _size(record) > _APPEND_BYTES_MAX:
            yield part
            part, part_bytes = [], 0
        part.append(record)
        part_bytes += _size(record)
    if part:
        yield part


def _size(record: Record) -> int:
    return len(record.key) + len(record.data) + _ROW_BYTES


def _offsets(number: int) -> list[Offset]:
    """Return the place of a number in the one partition; of -1 there is none."""
    return [] if number < 0 else [Offset(PARTITION, number)]


def _number(offsets: Iterable[Offset]) -> int:
    """Return the number of the offset in the one partition, or -1 where none is given."""
    number = -1
    for offset in offsets:
        if offset.partition != PARTITION:
            raise ValueError(f"There is no partition {offset.partition}.")
        number = max(number, offset.number)
    return number


def _refuse_bad_names(*names: str) -> None:
    for name in names:
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} is no name of a topic or a group.")


def _refuse_bad_limit(limit: int) -> None:
    if not 1 <= limit <= POLL_MAX:
        raise ValueError(f"1 to {POLL_MAX} records are read at once, not {limit}.")


def _refuse_bad_records(records: Sequence[Record]) -> None:
    if len(records) > APPEND_MAX:
        raise ValueError(f"At most {APPEND_MAX} records are appended at once, not {len(records)}.")
    for record in records:
        if len(record.key) + len(record.data) > RECORD_BYTES_MAX:
            raise ValueError(
                f"A record holds at most {RECORD_BYTES_MAX} bytes, not {len(record.key) + len(record.data)}."
            )
        if not _EARLIEST <= record.at <= -_EARLIEST - 1:
            raise ValueError(f"A record's time has 64 bits: {record.at} has not.")
