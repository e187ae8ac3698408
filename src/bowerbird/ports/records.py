"""Records: rows on shards, changed by one-shot units that carry their own events."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent
from bowerbird.base.outgoing import Outgoing
from bowerbird.ports.tables import Key, Op, Row, Table

KEYS_MAX = 500
OPS_MAX = 500
UNIT_BYTES_MAX = 1 << 20


class Queued(Struct, frozen=True, array_like=True):
    """An outgoing event as the outbox keeps it, numbered by its server without gaps in order of commit."""

    sequence: int
    outgoing: Outgoing


class Position(Struct, frozen=True, array_like=True):
    """Where a commit stands among those of its server; later commits have greater sequences."""

    server: int
    sequence: int


class Conflict(Exception):  # noqa: N818 - an expected answer, named by the domain
    """The unit was refused whole: operation number `op` met something else than it was written for.

    `reason`: "exists" (key taken), "unique" (the index `index` is taken), "absent" (no such row), "changed" (`where`
    does not hold).
    """

    def __init__(self, op: int, table: str, reason: str, index: str = "") -> None:
        super().__init__(op, table, reason, index)
        self.op = op
        self.table = table
        self.reason = reason
        self.index = index


class Misuse(Exception):  # noqa: N818 - a fault of the caller, never of data
    """A unit that names two shards or none, an unknown table or index, or a bound that was passed."""


class EngineUnavailable(Exception):  # noqa: N818 - the state of the engine
    """Nothing can be written or read now (full disk, lost connection, shutting down); trying later may help."""


class Commits(Protocol):
    """The writing half: what crosses the socket to the one writer."""

    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        """Apply all operations, in order, and queue the events, or nothing: durable when it returns.

        All operations are of one shard (1 to OPS_MAX of them, UNIT_BYTES_MAX together). Raises Conflict, Misuse,
        EngineUnavailable. When the caller is cancelled or the reply is lost the unit may have been applied.
        """
        ...


class Records(Commits, Protocol):
    """Rows by key and by index. What was committed before a read begins, that read sees.

    Values are ordered as numbers or as bytes (text by its UTF-8), NULL before all. Raises Misuse, EngineUnavailable.
    """

    @idempotent
    async def get(self, table: Table[Row], keys: Sequence[Key]) -> list[Row | None]:
        """Return the rows in the order of their keys, None for those absent; up to KEYS_MAX, of any shards."""
        ...

    @idempotent
    async def scan(
        self,
        table: Table[Row],
        index: str,
        prefix: Key,
        *,
        after: Key | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[Row]:
        """Return up to `limit` (1 to KEYS_MAX) rows whose index columns begin with `prefix`, in the index's order.

        `prefix` holds at least the first column, which names the shard. `after` is a full position (`Table.mark`);
        the scan continues behind it, in the direction of reading. Index "" is the primary key.
        """
        ...

    @idempotent
    async def sweep(self, table: Table[Row], index: str, upto: int, limit: int) -> list[Row]:
        """Return up to `limit` rows of any shard whose sweep column is not NULL and <= `upto`, least first."""
        ...


class Outbox(Protocol):
    """Queued events; the relay's alone. It publishes, then deletes: a watermark would lose late commits."""

    @idempotent
    async def servers(self) -> list[int]:
        """Return the numbers of the servers that have an outbox."""
        ...

    @idempotent
    async def take(self, server: int, limit: int) -> list[Queued]:
        """Return the oldest queued events; taking changes nothing."""
        ...

    @idempotent
    async def done(self, server: int, sequences: Sequence[int]) -> None:
        """Delete events that the log has acknowledged; unknown sequences are ignored."""
        ...

    async def wait(self, timeout_ms: int) -> None:
        """Return when something was queued since the last call, or after the timeout."""
        ...
