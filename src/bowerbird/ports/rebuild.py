"""What holds between rows, and what the log says of them: from this records are built anew, and checked.

A service tells for each event which rows follow from it. The events of a thing may come in any order and any number of
times, for what is told with the highest version holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bowerbird.base.ids import Id
from bowerbird.ports.tables import Delete, Insert, Patch, Table, Value

Told = tuple[int, Insert | Patch | Delete]
"""A version, and what the log says of a row as of it.

Insert: the row is this. Delete: it is gone, in this version too. Patch: these columns, which follow something that has
versions of its own, are this, whatever Insert says of them; every patch of a table names the same columns.
"""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What records are built anew with: when, of how many events, and without whom (people whose key is destroyed)."""

    now_us: int
    events: int
    gone: frozenset[Id]


@dataclass(frozen=True, slots=True)
class Count:
    """`column` of a table's rows counts rows of another: those whose column `by` is the key, and that hold `where`."""

    table: Table[Any]
    column: str
    of: Table[Any]
    by: str
    where: Mapping[str, Value] = field(default_factory=dict[str, Value])


@dataclass(frozen=True, slots=True)
class Refers:
    """`column` of a table's rows holds None, or the key of a row of another table. `loose`: that may be gone by now.

    Rows built anew that refer to nothing are left out.
    """

    table: Table[Any]
    column: str
    to: Table[Any]
    loose: bool = False
