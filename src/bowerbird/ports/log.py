"""The log: topics of records, at least once, ordered by key, read by groups with committed offsets."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent

POLL_MAX = 1000
APPEND_MAX = 1000
RECORD_BYTES_MAX = 2 << 20
REASON_CHARACTERS_MAX = 1000


class Record(Struct, frozen=True, array_like=True):
    """What is appended: records of one key keep their order; `at`: microseconds since 1970, of the event."""

    key: bytes
    data: bytes
    at: int


class Offset(Struct, frozen=True, array_like=True):
    """A place in a topic: the partition and the number of the record there."""

    partition: int
    number: int


class Stored(Struct, frozen=True, array_like=True):
    """A record and where it stands."""

    offset: Offset
    record: Record


class Mark(Struct, frozen=True, array_like=True):
    """How far a reader of a group is: what it was given last of each partition; `sent` tells where the group was then.

    What it says is the log's own affair; readers hand it back as they were given it.
    """

    sent: int
    after: list[Offset]


class Batch(Struct, frozen=True, array_like=True):
    """What a poll returned: records in order within each partition; empty when the wait ran out.

    `mark` is for the next poll.
    """

    topic: str
    group: str
    records: list[Stored]
    mark: Mark


class Lag(Struct, frozen=True, array_like=True):
    """How far a group is behind: records waiting, and the age in microseconds of the oldest of them (0 if none)."""

    topic: str
    group: str
    records: int
    oldest_us: int


class Parked(Struct, frozen=True, array_like=True):
    """A record that a group could not handle, kept with the reason until it is replayed or discarded."""

    group: str
    topic: str
    stored: Stored
    reason: str
    parked_at: int


class Log(Protocol):
    """One writer or many; nothing appended is lost, and it may be read again from any time.

    Names of topics and groups are 1 to 64 of a-z 0-9 _ -, beginning with a letter. Every `limit` is 1 to POLL_MAX, and
    fewer records may come than there are, since an answer is bounded in bytes too; none come only at the end. What
    breaks a bound, or names a partition that there is not, is a ValueError; an engine that is away, EngineUnavailable.
    """

    async def append(self, topic: str, records: Sequence[Record]) -> list[Offset]:
        """Append durably, in order, up to APPEND_MAX records of at most RECORD_BYTES_MAX (key and data); return where.

        A retry may append twice. When the caller is cancelled or the reply is lost, all, some or none are there.
        """
        ...

    @idempotent
    async def poll(self, group: str, topic: str, mark: Mark | None, limit: int, wait_ms: int) -> Batch:
        """Return up to `limit` records behind a mark, waiting up to `wait_ms` for the first.

        Without a mark, and with one from before a `seek` or of an engine that was started again since, behind what the
        group has committed; a new group begins at the topic's beginning. A poll takes nothing: whose answer was lost
        finds the same again. One process reads a group at a time here.
        """
        ...

    @idempotent
    async def commit(self, group: str, topic: str, offsets: Sequence[Offset]) -> None:
        """Remember, durably, that the group has handled everything up to and with each offset of its partition.

        Past the end is the end. Going back is refused silently, for only `seek` rewinds; and so is, after a `seek`,
        what was not polled since.
        """
        ...

    @idempotent
    async def committed(self, group: str, topic: str) -> list[Offset]:
        """Return what the group has committed, of each partition where it has."""
        ...

    @idempotent
    async def seek(self, group: str, topic: str, to: int | Sequence[Offset]) -> None:
        """Move the group, durably, to the first record at or after a time in microseconds, or behind the given offsets.

        A partition without an offset is read from its beginning; past the end is the end.
        """
        ...

    @idempotent
    async def read(self, topic: str, after: Sequence[Offset], limit: int) -> list[Stored]:
        """Return records without a group, oldest first, behind `after` (from the beginning where none is given)."""
        ...

    @idempotent
    async def end(self, topic: str) -> list[Offset]:
        """Return the last offset of each partition that has a record."""
        ...

    @idempotent
    async def lag(self) -> list[Lag]:
        """Return the lag of every group that polled, committed or sought, ordered by topic and group."""
        ...

    @idempotent
    async def park(self, group: str, topic: str, stored: Stored, reason: str) -> None:
        """Keep a record of the log that the group gives up on; twice the same record is one entry, the first.

        The reason is cut to REASON_CHARACTERS_MAX.
        """
        ...

    @idempotent
    async def parked(self, group: str | None, limit: int) -> list[Parked]:
        """Return parked records, oldest first, of one group or of all."""
        ...

    @idempotent
    async def unpark(self, group: str, topic: str, offset: Offset) -> None:
        """Forget a parked record; nothing happens when it is not parked."""
        ...
