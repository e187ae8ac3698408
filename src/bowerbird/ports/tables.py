"""Tables, declared once: every records engine derives its schema from these, every store its operations.

One rule makes sharding safe: the first column of a table's key and of each of its indexes is an id on the shard
where the row lives (a sweep index, read server by server, is the exception). The shard is never passed around.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import fields

from bowerbird.base.ids import Id, shard_of

if TYPE_CHECKING:
    Value = bytes | str | int | float | None
    """What a column may hold."""
else:
    Value = Any  # msgspec decodes no union of bytes and str; every engine checks a value against its column
Key = tuple[Value, ...]
"""Column values in the order in which a key or an index names them."""

Row = TypeVar("Row", bound=Struct)


@dataclass(frozen=True, slots=True)
class Index:
    """An order to read a table in; the key's columns follow its own, so that every position is distinct.

    `unique`: no two rows agree in all columns, rows with a NULL among them apart.
    `sweep`: its single column is a time or a flag, and it is read across shards, by `Records.sweep`.
    """

    columns: tuple[str, ...]
    unique: bool = False
    sweep: bool = False


class Insert(Struct, frozen=True, array_like=True, tag="insert"):
    """Put a new row; a row with the same key is a Conflict, or left as it is with `if_absent`."""

    table: str
    shard: int
    values: tuple[Value, ...]
    if_absent: bool = False


class Patch(Struct, frozen=True, array_like=True, tag="patch"):
    """Change a row that must exist and hold `where`: set columns, add to columns."""

    table: str
    shard: int
    key: tuple[Value, ...]
    put: dict[str, Value]
    add: dict[str, int]
    where: dict[str, Value]


class Delete(Struct, frozen=True, array_like=True, tag="delete"):
    """Remove a row if it is there; with `where`, it must be there and hold that."""

    table: str
    shard: int
    key: tuple[Value, ...]
    where: dict[str, Value]


class Require(Struct, frozen=True, array_like=True, tag="require"):
    """Change nothing, but refuse the unit unless the row exists and holds `where`, or is `absent`."""

    table: str
    shard: int
    key: tuple[Value, ...]
    where: dict[str, Value]
    absent: bool = False


Op = Insert | Patch | Delete | Require


@dataclass(frozen=True)
class Table(Generic[Row]):
    """A table: its row's fields are its columns (each of a Value's types), in that order.

    `row`: a msgspec Struct. `key`: the primary key's columns. `indexes`: by name.
    """

    name: str
    row: type[Row]
    key: tuple[str, ...]
    indexes: Mapping[str, Index] = field(default_factory=dict[str, Index])

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the column names in the row's order."""
        return tuple(f.name for f in fields(self.row))

    def home(self, key: Key) -> int:
        """Return the logical shard that a key, or an index prefix, names by its first value."""
        first = key[0]
        if not isinstance(first, bytes):
            msg = f"the first column of a key of {self.name} is an id, not {first!r}"
            raise TypeError(msg)
        return shard_of(Id(first))

    def key_of(self, row: Row) -> Key:
        """Return the row's primary key."""
        return tuple(getattr(row, name) for name in self.key)

    def mark(self, index: str, row: Row) -> Key:
        """Return the row's position in an index, to continue a scan after it."""
        names = self.indexes[index].columns
        return tuple(getattr(row, name) for name in (*names, *(n for n in self.key if n not in names)))

    def insert(self, row: Row, *, if_absent: bool = False) -> Insert:
        """Return the operation that puts a new row."""
        values: tuple[Any, ...] = tuple(getattr(row, name) for name in self.columns)
        return Insert(self.name, self.home(self.key_of(row)), values, if_absent)

    def replace(self, row: Row, where: Mapping[str, Value]) -> Patch:
        """Return the operation that writes all of an existing row, provided it still holds `where`."""
        put = {name: getattr(row, name) for name in self.columns if name not in self.key}
        key = self.key_of(row)
        return Patch(self.name, self.home(key), key, put, {}, dict(where))

    def patch(
        self,
        key: Key,
        put: Mapping[str, Value],
        where: Mapping[str, Value] | None = None,
        add: Mapping[str, int] | None = None,
    ) -> Patch:
        """Return the operation that changes some columns of an existing row."""
        return Patch(self.name, self.home(key), key, dict(put), dict(add or {}), dict(where or {}))

    def delete(self, key: Key, where: Mapping[str, Value] | None = None) -> Delete:
        """Return the operation that removes a row."""
        return Delete(self.name, self.home(key), key, dict(where or {}))

    def require(self, key: Key, where: Mapping[str, Value] | None = None) -> Require:
        """Return the operation that refuses the unit unless the row exists and holds `where`."""
        return Require(self.name, self.home(key), key, dict(where or {}))

    def require_absent(self, key: Key) -> Require:
        """Return the operation that refuses the unit if the row exists."""
        return Require(self.name, self.home(key), key, {}, absent=True)
