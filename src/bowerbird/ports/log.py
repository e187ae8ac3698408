"""The log: topics of records, at least once, ordered by key, read by groups with committed offsets."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

POLL_MAX = 1000


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


class Batch(Struct, frozen=True, array_like=True):
    """What a poll returned: records in order within each partition; empty when the wait ran out."""

    topic: str
    group: str
    records: list[Stored]


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
    """One writer or many; nothing appended is lost, and it may be read again from any time."""

    async def append(self, topic: str, records: Sequence[Record]) -> list[Offset]:
        """Append durably, in order; a retry may append twice."""
        ...

    async def poll(self, group: str, topic: str, limit: int, wait_ms: int) -> Batch:
        """Return up to `limit` records (at most POLL_MAX) behind the group's last poll, waiting for the first.

        A new reader of a group begins behind the committed offset; a new group at the topic's beginning. One process
        reads a group at a time here.
        """
        ...

    async def commit(self, group: str, topic: str, offsets: Sequence[Offset]) -> None:
        """Remember, durably, that the group has handled everything up to and with each offset of its partition.

        Going back is refused silently: only `seek` rewinds.
        """
        ...

    async def seek(self, group: str, topic: str, to: int | Sequence[Offset]) -> None:
        """Move the group to the first record at or after a time in microseconds, or behind the given offsets."""
        ...

    async def read(self, topic: str, after: Sequence[Offset], limit: int) -> list[Stored]:
        """Return records without a group, oldest first, behind `after` (from the beginning where none is given)."""
        ...

    async def end(self, topic: str) -> list[Offset]:
        """Return the last offset of each partition that has a record."""
        ...

    async def lag(self) -> list[Lag]:
        """Return every group's lag, by topic."""
        ...

    async def park(self, group: str, topic: str, stored: Stored, reason: str) -> None:
        """Keep a record that the group gives up on; twice the same record is one entry."""
        ...

    async def parked(self, group: str | None, limit: int) -> list[Parked]:
        """Return parked records, oldest first, of one group or of all."""
        ...

    async def unpark(self, group: str, topic: str, offset: Offset) -> None:
        """Forget a parked record."""
        ...
