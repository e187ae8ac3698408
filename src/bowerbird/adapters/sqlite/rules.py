"""The SQL of what holds between rows: what a count comes to, and which rows refer to nothing."""

# ruff: noqa: S608 - names come from declarations, quoted; every value is bound

from typing import Any

import apsw

from bowerbird.adapters.sqlite.schema import SHARD, quoted
from bowerbird.base.ids import Id, shard_of
from bowerbird.ports.rebuild import Count, Refers


def counted(count: Count) -> str:
    """Return an expression for how many rows there are for the row `t`; `count.where`'s values are to be bound."""
    held = "".join(f" AND o.{quoted(name)} = ?" for name in count.where)
    return (
        f"(SELECT count(*) FROM {quoted(count.of.name)} AS o WHERE o.{SHARD} = t.{SHARD}"
        f" AND o.{quoted(count.by)} = t.{quoted(count.table.key[0])}{held})"
    )


def dangling(refer: Refers) -> str:
    """Return a condition for a row `t` that refers to nothing; it may need `know_shards`."""
    table, column = refer.table, f"t.{quoted(refer.column)}"
    # What comes first in a key or an index is an id on the row's own shard.
    near = refer.column in {table.key[0], *(index.columns[0] for index in table.indexes.values())}
    shard = f"t.{SHARD}" if near else f"shard_of({column})"
    return (
        f"{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {quoted(refer.to.name)} AS o"
        f" WHERE o.{SHARD} = {shard} AND o.{quoted(refer.to.key[0])} = {column})"
    )


def know_shards(connection: apsw.Connection) -> None:
    """Let SQL ask for the shard that an id names."""
    connection.create_scalar_function("shard_of", _shard_of, 1, deterministic=True)


def _shard_of(*values: Any) -> int:  # noqa: ANN401 - what SQLite hands over
    return shard_of(Id(values[0]))
