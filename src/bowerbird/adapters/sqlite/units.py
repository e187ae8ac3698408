"""A unit: checked against the declarations before it is queued, applied whole within the writer's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import apsw
from msgspec import Struct, msgpack

from bowerbird.adapters.sqlite.kept_rows import note
from bowerbird.adapters.sqlite.statements import Statements
from bowerbird.adapters.sqlite.steps import Step, run_absent, run_change, run_insert, run_require
from bowerbird.base.ids import Id, shard_of
from bowerbird.ports.records import OPS_MAX, UNIT_BYTES_MAX, Misuse, Outgoing
from bowerbird.ports.tables import Delete, Insert, Key, Op, Patch, Require, Table, Value

_ID_BYTES = 16
_COUNT = "UPDATE _counters SET commits = commits + 1, events = events + ? RETURNING commits, events"
_QUEUE = "INSERT INTO _outbox (sequence, id, key, type, data) VALUES (?, ?, ?, ?, ?)"

_encoder = msgpack.Encoder()


class Applied(Struct, frozen=True):
    """What a unit did: its number among its server's commits, and how many events it queued."""

    sequence: int
    events: int


@dataclass(frozen=True, slots=True)
class Unit:
    """Steps that were found to be in order; `size_bytes` is what they take as MessagePack."""

    shard: int
    steps: Sequence[Step]
    outgoing: Sequence[Outgoing]
    size_bytes: int

    def apply(self, connection: apsw.Connection) -> Applied:
        """Change rows, note which, queue the events. Raises Conflict, and Misuse where only a row's value tells."""
        for step in self.steps:
            step.run(connection, step)
        counted = connection.execute(_COUNT, (len(self.outgoing),)).fetchall()[0]
        commits, events = cast("tuple[int, int]", counted)
        note(connection, commits, [(step.statements.table.name, step.place[1:]) for step in self.steps if step.changes])
        if self.outgoing:
            first = events - len(self.outgoing) + 1
            rows = [(first + place, o.id, o.key, o.type, o.data) for place, o in enumerate(self.outgoing)]
            connection.executemany(_QUEUE, rows)
        return Applied(commits, len(self.outgoing))


class Units:
    """Makes units for the given tables."""

    def __init__(self, tables: Iterable[Table[Any]]) -> None:
        self._statements: Mapping[str, Statements] = {table.name: Statements(table) for table in tables}

    def prepare(self, ops: Sequence[Op], outgoing: Sequence[Outgoing]) -> Unit:
        """Return the unit, or raise Misuse."""
        if not 1 <= len(ops) <= OPS_MAX:
            raise Misuse(f"A unit has 1 to {OPS_MAX} operations, not {len(ops)}.")
        shard = ops[0].shard
        if any(op.shard != shard for op in ops):
            raise Misuse(f"A unit names one shard, not {sorted({op.shard for op in ops})}.")
        size_bytes = _size(ops, outgoing)
        steps = [self._step(number, op) for number, op in enumerate(ops)]
        return Unit(shard, steps, outgoing, size_bytes)

    def _step(self, number: int, op: Op) -> Step:
        statements = self._statements.get(op.table)
        if statements is None:
            raise Misuse(f"No table {op.table!r} is declared.")
        match op:
            case Insert():
                return _insert(number, op, statements)
            case Patch():
                return _patch(number, op, statements)
            case Delete():
                return _delete(number, op, statements)
            case Require():
                return _require(number, op, statements)


def _size(ops: Sequence[Op], outgoing: Sequence[Outgoing]) -> int:
    try:
        size_bytes = len(_encoder.encode((ops, outgoing)))
    except (TypeError, ValueError, OverflowError) as error:
        raise Misuse(f"A unit holds what cannot be stored: {error}") from error
    if size_bytes > UNIT_BYTES_MAX:
        raise Misuse(f"A unit has at most {UNIT_BYTES_MAX} bytes, not {size_bytes}.")
    return size_bytes


def _insert(number: int, op: Insert, statements: Statements) -> Step:
    columns = statements.columns
    if len(op.values) != len(columns):
        raise Misuse(f"A row of {op.table} has {len(columns)} values, not {len(op.values)}.")
    values = {column.name: value for column, value in zip(columns, op.values, strict=True)}
    _refuse_bad_values(op, statements, values)
    place = (op.shard, *(values[name] for name in statements.table.key))
    sql = statements.insert(op.if_absent)
    return Step(run_insert, number, statements, sql, (op.shard, *op.values), place, op.if_absent)


def _patch(number: int, op: Patch, statements: Statements) -> Step:
    place = _place(op, op.key, statements)
    _refuse_bad_values(op, statements, op.put)
    _refuse_unknown(op, statements, op.add)
    held = {*op.put, *op.add}
    if len(held) < len(op.put) + len(op.add) or not held.isdisjoint(statements.table.key):
        raise Misuse(f"A patch of {op.table} changes a column twice, or one of the key.")
    if any(statements.by_name[name].kind is not int or type(by) is not int for name, by in op.add.items()):
        raise Misuse(f"A patch of {op.table} adds to what is not an integer.")
    where = _where(op, op.where, statements)
    if not held:
        return Step(run_require, number, statements, statements.exists(where), (*place, *op.where.values()), place)
    sql = statements.patch(tuple(op.put), tuple(op.add), where)
    values = (*op.put.values(), *op.add.values(), *place, *op.where.values())
    return Step(run_change, number, statements, sql, values, place)


def _delete(number: int, op: Delete, statements: Statements) -> Step:
    place = _place(op, op.key, statements)
    sql = statements.delete(_where(op, op.where, statements))
    values = (*place, *op.where.values())
    return Step(run_change, number, statements, sql, values, place, lenient=not op.where)


def _require(number: int, op: Require, statements: Statements) -> Step:
    place = _place(op, op.key, statements)
    sql = statements.exists(_where(op, op.where, statements))
    if op.absent and op.where:
        raise Misuse(f"A row of {op.table} is required to be absent and to hold something.")
    run = run_absent if op.absent else run_require
    return Step(run, number, statements, sql, (*place, *op.where.values()), place)


def _place(op: Op, key: Key, statements: Statements) -> tuple[Value, ...]:
    """Return shard and key, found to be of the declared types and of one shard."""
    names = statements.table.key
    columns = [statements.by_name[name] for name in names]
    if len(key) != len(names) or not all(column.takes(value) for column, value in zip(columns, key, strict=True)):
        raise Misuse(f"A key of {op.table} is ({', '.join(names)}), and not what was given.")
    _refuse_other_shard(op, names[0], key[0])
    return (op.shard, *key)


def _where(op: Op, where: Mapping[str, Value], statements: Statements) -> tuple[str, ...]:
    _refuse_unknown(op, statements, where)
    for name, value in where.items():
        if value is not None and not statements.by_name[name].takes(value):
            raise Misuse(f"{op.table}.{name} never holds a {type(value).__name__} like that.")
    return tuple(where)


def _refuse_bad_values(op: Op, statements: Statements, values: Mapping[str, Value]) -> None:
    _refuse_unknown(op, statements, values)
    for name, value in values.items():
        if not statements.by_name[name].takes(value):
            raise Misuse(f"{op.table}.{name} cannot hold a {type(value).__name__} like that.")
    for name in statements.homes:
        value = values.get(name)
        if value is not None:
            _refuse_other_shard(op, name, value)


def _refuse_unknown(op: Op, statements: Statements, names: Iterable[str]) -> None:
    for name in names:
        if name not in statements.by_name:
            raise Misuse(f"{op.table} has no column {name!r}.")


def _refuse_other_shard(op: Op, name: str, value: Value) -> None:
    if not isinstance(value, bytes) or len(value) != _ID_BYTES or shard_of(Id(value)) != op.shard:
        raise Misuse(f"{op.table}.{name} is an id on the row's shard, {op.shard}.")
