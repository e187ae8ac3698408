"""One operation, run inside the writer's transaction, and what SQLite's refusal of it means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Never

import apsw

from bowerbird.adapters.sqlite.statements import Statements
from bowerbird.ports.records import Conflict, Misuse
from bowerbird.ports.tables import Value


@dataclass(frozen=True, slots=True)
class Step:
    """An operation ready to run: `values` go with `sql`, `place` is the row's shard and key.

    `lenient`: meeting what is there already, or is not there, is no conflict.
    """

    run: Callable[[apsw.Connection, "Step"], None]
    number: int
    statements: Statements
    sql: str
    values: Sequence[Value]
    place: tuple[Value, ...]
    lenient: bool = False

    @property
    def changes(self) -> bool:
        """Whether it may touch the row, and does not only look at it."""
        return self.run in {run_insert, run_change}


def run_insert(connection: apsw.Connection, step: Step) -> None:
    """Put a row; the key taken is no conflict for a lenient step."""
    try:
        connection.execute(step.sql, step.values)
    except apsw.ConstraintError as error:
        # Which of two constraints SQLite met first is chance: the key is asked first.
        if not _exists(connection, step):
            _refuse_constraint(step, error)
        if not step.lenient:
            raise Conflict(step.number, step.statements.table.name, "exists") from None


def run_change(connection: apsw.Connection, step: Step) -> None:
    """Change or remove a row; one that is not there is no conflict for a lenient step."""
    try:
        connection.execute(step.sql, step.values)
    except apsw.ConstraintError as error:
        _refuse_constraint(step, error)
    if connection.changes() == 0 and not step.lenient:
        _refuse_state(connection, step)


def run_require(connection: apsw.Connection, step: Step) -> None:
    """Refuse unless the row is there and holds what `sql` asks."""
    if not connection.execute(step.sql, step.values).fetchall():
        _refuse_state(connection, step)


def run_absent(connection: apsw.Connection, step: Step) -> None:
    """Refuse if the row is there."""
    if connection.execute(step.sql, step.values).fetchall():
        raise Conflict(step.number, step.statements.table.name, "exists")


def _exists(connection: apsw.Connection, step: Step) -> bool:
    return bool(connection.execute(step.statements.exists(()), step.place).fetchall())


def _refuse_state(connection: apsw.Connection, step: Step) -> Never:
    reason = "changed" if _exists(connection, step) else "absent"
    raise Conflict(step.number, step.statements.table.name, reason)


def _refuse_constraint(step: Step, error: apsw.ConstraintError) -> Never:
    table = step.statements.table
    index = step.statements.violated(str(error))
    if index is None:
        raise Misuse(f"{table.name} cannot hold what was computed: {error}") from error
    raise Conflict(step.number, table.name, "unique", index) from None
