"""Records adapters broken on purpose, one defect each, with the check that must catch it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import apsw
from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.sqlite.kept_rows import KeptRows
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.units import Applied, Unit
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.ports.records import Conflict, EngineUnavailable, Outgoing, Position, Queued
from bowerbird.ports.tables import Insert, Key, Op, Patch, Row, Table
from tests.ports.suite import Opener
from tests.support.records_subject import Subject, Variant, open_sqlite


class EventsOutsideTheUnit(SqliteWriter):
    """Queues events in a transaction of their own, before the rows are tried."""

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        unit = self._units.prepare(ops, outgoing)
        group = self.group(self._shards.server_of(unit.shard))
        await group.submit(Unit(unit.shard, [], outgoing, 0).apply, 0)
        return await super().commit(ops)


class ConflictNotRolledBack(SqliteWriter):
    """Applies operation after operation, and keeps those before the one that is refused."""

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        self._units.prepare(ops, outgoing)
        for number, op in enumerate(ops[:-1]):
            try:
                await super().commit([op])
            except Conflict as conflict:
                raise Conflict(number, conflict.table, conflict.reason, conflict.index) from None
        return await super().commit(ops[-1:], outgoing)


class WhereIgnored(SqliteWriter):
    """Changes and deletes whatever the row holds."""

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        return await super().commit([op if isinstance(op, Insert) else replace(op, where={}) for op in ops], outgoing)


class AddIsPut(SqliteWriter):
    """Writes sums that were computed from an earlier look at the row's place in the queue."""

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        put = [replace(op, put=op.put | op.add, add={}) if isinstance(op, Patch) else op for op in ops]
        return await super().commit(put, outgoing)


class TwoShardsAccepted(SqliteWriter):
    """Splits a unit by shard, as if the parts could not fail apart."""

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        for shard in {op.shard for op in ops[1:]} - {op.shard for op in ops[:1]}:
            await super().commit([op for op in ops if op.shard == shard])
        return await super().commit([op for op in ops if op.shard == ops[0].shard], outgoing)


class PutIfAbsentOverwrites(SqliteWriter):
    """Deletes the row that should have been left as it is."""

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        for op in ops:
            if isinstance(op, Insert) and op.if_absent and op.table == "note":
                await self._delete(op)
        return await super().commit(ops, outgoing)

    async def _delete(self, op: Insert) -> None:
        def delete(connection: apsw.Connection) -> None:
            connection.execute("DELETE FROM note WHERE shard = ? AND id = ?", (op.shard, op.values[0]))  # pyright: ignore[reportUnknownMemberType] - apsw's stub

        await self.group(self._shards.server_of(op.shard)).submit(delete, 0)


class AcknowledgedTooEarly(SqliteWriter):
    """Answers before the unit is durable, and so also when it never will be."""

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        try:
            return await super().commit(ops, outgoing)
        except EngineUnavailable:
            return Position(0, 0)


class AppliedTwice(SqliteWriter):
    """Tries again by itself when a caller goes away, as if nothing could have been applied."""

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        position = await super().commit(ops, outgoing)
        if any(isinstance(op, Patch) for op in ops):
            position = await super().commit(ops, outgoing)
        return position


class GapsInSequences(SqliteWriter):
    """Counts the events of refused units too."""

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        try:
            return await super().commit(ops, outgoing)
        except Conflict:
            await self.group(self._shards.server_of(ops[0].shard)).submit(_skip_a_number, 0)
            raise


def _skip_a_number(connection: apsw.Connection) -> Applied:
    connection.execute("UPDATE _counters SET events = events + 1")  # pyright: ignore[reportUnknownMemberType] - apsw's stub
    return Applied(0, 0)


class ScanIncludesAfter(SqliteRecords):
    """Begins a page with the row that ended the one before."""

    @override
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
        rows = await super().scan(table, index, prefix, after=after, limit=limit, newest_first=newest_first)
        if after is None:
            return rows
        begun = await self.get(table, [tuple(after[-len(table.key) :])])
        return [row for row in begun if row is not None] + rows[: limit - 1]


class ScanForgetsTies(SqliteRecords):
    """Continues behind the last value and not behind the last row."""

    @override
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
        rows = await super().scan(table, index, prefix, after=after, limit=limit, newest_first=newest_first)
        return [row for row in rows if after is None or table.mark(index, row)[:2] != after[:2]]


class OneServerSwept(SqliteRecords):
    """Sweeps the first server alone."""

    @override
    async def sweep(self, table: Table[Row], index: str, upto: int, limit: int) -> list[Row]:
        rows = await super().sweep(table, index, upto, limit)
        return [row for row in rows if self._shards.server_of(table.home(table.key_of(row))) == 0]


class RowsInOrderOfKey(SqliteRecords):
    """Returns rows sorted, with the absent ones last."""

    @override
    async def get(self, table: Table[Row], keys: Sequence[Key]) -> list[Row | None]:
        rows = await super().get(table, keys)
        return sorted(rows, key=lambda row: (row is None, () if row is None else table.key_of(row)))


class ReadsFromThePast(SqliteRecords):
    """Reads within a transaction that began with the first read."""

    @override
    async def get(self, table: Table[Row], keys: Sequence[Key]) -> list[Row | None]:
        for reader in self._readers.values():
            if not reader.in_transaction:
                reader.execute("BEGIN")  # pyright: ignore[reportUnknownMemberType] - apsw's stub
        return await super().get(table, keys)


class ForgettingNothing(KeptRows):
    """Remembers a row for ever."""

    @override
    def _forget(self, changes: list[tuple[int, bytes]]) -> None:
        self._upto = changes[-1][0]


class ForgettingTheLast(KeptRows):
    """Forgets what the last unit touched, and not what those before it did."""

    @override
    def _forget(self, changes: list[tuple[int, bytes]]) -> None:
        self._upto = changes[-1][0] - 1
        super()._forget(changes[-1:])


class RowsForEver(SqliteRecords):
    """Remembers rows for ever."""

    @override
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept = {server: ForgettingNothing(partial(self._ask, server), 1 << 20) for server in self._readers}


class RowsTooLong(SqliteRecords):
    """Remembers rows that one of the last units but the last changed."""

    @override
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept = {server: ForgettingTheLast(partial(self._ask, server), 1 << 20) for server in self._readers}


class Watermark(SqliteOutbox):
    """Deletes everything up to the greatest number that is done."""

    @override
    async def done(self, server: int, sequences: Sequence[int]) -> None:
        queued = await self.take(server, 10_000)
        upto = max(sequences, default=0)
        await super().done(server, [one.sequence for one in queued if one.sequence <= upto])


class TakingIsDeleting(SqliteOutbox):
    """Forgets an event when it hands it out, before anybody has published it."""

    @override
    async def take(self, server: int, limit: int) -> list[Queued]:
        queued = await super().take(server, limit)
        await super().done(server, [one.sequence for one in queued])
        return queued


class DeafToWhatCameBefore(SqliteOutbox):
    """Hears only of events that are queued while it waits (and gives up early, so that the check ends)."""

    @override
    async def wait(self, timeout_ms: int) -> None:
        self._writer.queued.clear()
        async with asyncio.timeout(min(timeout_ms, 100) / 1000):
            await self._writer.queued.wait()


@dataclass(frozen=True)
class Defect:
    """A broken variant of the adapter, and the check that must fail on it."""

    variant: Variant
    caught_by: str

    @property
    def opener(self) -> Opener[Subject]:
        """Return what opens it."""
        return partial(open_sqlite, self.variant)


DEFECTS: Mapping[str, Defect] = {
    "events outside the unit": Defect(
        Variant(writer=EventsOutsideTheUnit), "a_refused_unit_leaves_neither_event_nor_gap"
    ),
    "conflict not rolled back": Defect(Variant(writer=ConflictNotRolledBack), "a_conflict_undoes_the_whole_unit"),
    "where ignored": Defect(Variant(writer=WhereIgnored), "where_tells_null_from_everything_else"),
    "add is put": Defect(Variant(writer=AddIsPut), "sums_lose_nothing"),
    "two shards accepted": Defect(Variant(writer=TwoShardsAccepted), "a_unit_is_of_one_shard"),
    "if_absent overwrites": Defect(Variant(writer=PutIfAbsentOverwrites), "if_absent_leaves_a_row_as_it_is"),
    "acknowledged too early": Defect(
        Variant(writer=AcknowledgedTooEarly), "nothing_remains_of_what_a_failing_engine_refused"
    ),
    "applied twice": Defect(Variant(writer=AppliedTwice), "a_patch_puts_and_adds"),
    "gaps in sequences": Defect(Variant(writer=GapsInSequences), "a_refused_unit_leaves_neither_event_nor_gap"),
    "scan includes after": Defect(Variant(records=ScanIncludesAfter), "scans_follow_the_index_page_by_page"),
    "scan forgets ties": Defect(Variant(records=ScanForgetsTies), "scans_follow_the_index_page_by_page"),
    "one server swept": Defect(Variant(servers=4, records=OneServerSwept), "a_sweep_finds_what_is_due_on_every_shard"),
    "rows in order of key": Defect(Variant(records=RowsInOrderOfKey), "rows_come_in_the_order_of_their_keys"),
    "reads from the past": Defect(Variant(records=ReadsFromThePast), "a_read_sees_what_was_committed_before_it"),
    "rows for ever": Defect(Variant(records=RowsForEver), "a_row_read_before_is_read_as_it_is_now"),
    "rows too long": Defect(
        Variant(records=RowsTooLong), "a_row_read_before_is_read_as_it_is_now_after_many_other_units"
    ),
    "watermark outbox": Defect(Variant(outbox=Watermark), "done_deletes_what_it_names_and_no_more"),
    "taking is deleting": Defect(Variant(outbox=TakingIsDeleting), "taking_changes_nothing"),
    "deaf to what came before": Defect(Variant(outbox=DeafToWhatCameBefore), "an_event_before_the_wait_is_not_missed"),
}
