"""What SQL column a row's field becomes, and which values it takes: the same in every engine, so no coercion."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

from msgspec import NODEFAULT
from msgspec.structs import fields

from bowerbird.ports.tables import Table, Value

_SQL_TYPES: Mapping[type, str] = MappingProxyType({bytes: "BLOB", str: "TEXT", int: "INTEGER", float: "REAL"})
_INTEGER_BOUND = 1 << 63


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `kind` is the Python type of its values; `default` fills rows older than the column."""

    name: str
    kind: type
    nullable: bool
    default: Value

    @property
    def sql_type(self) -> str:
        """Return the type and whether NULL is refused, as STRICT tables declare it."""
        return _SQL_TYPES[self.kind] + ("" if self.nullable else " NOT NULL")

    def takes(self, value: Value) -> bool:
        """Return whether a value of this very type (never a bool for an int) and range may stand in the column."""
        if value is None:
            return self.nullable
        if isinstance(value, bool):
            return False
        if isinstance(value, int):
            return self.kind in {int, float} and -_INTEGER_BOUND <= value < _INTEGER_BOUND
        if isinstance(value, float):
            return self.kind is float and math.isfinite(value)
        return isinstance(value, self.kind)


def columns_of(table: Table[Any]) -> tuple[Column, ...]:
    """Return a table's columns in its row's order; TypeError for a field that no engine could hold."""
    if any(parameter.kind is Parameter.KEYWORD_ONLY for parameter in signature(table.row).parameters.values()):
        raise TypeError(f"{table.name}: rows are built by position, so that no field is keyword-only.")
    if not table.row.__struct_config__.frozen:
        raise TypeError(f"{table.name}: rows are handed to all who read them, so they are frozen.")
    return tuple(
        _column(table, field.name, field.type, None if field.default is NODEFAULT else field.default)
        for field in fields(table.row)
    )


def _column(table: Table[Any], name: str, annotation: object, default: Value) -> Column:
    kinds = _kinds(annotation)
    held = kinds - {NoneType}
    if len(held) != 1 or not held <= _SQL_TYPES.keys():
        raise TypeError(f"{table.name}.{name} is not one of bytes, str, int or float, with or without None.")
    return Column(name, held.pop(), NoneType in kinds, default)


def _kinds(annotation: object) -> set[type]:
    """Return the plain types behind a name, a union, a literal or an annotation."""
    origin = get_origin(annotation)
    if isinstance(annotation, NewType):
        return _kinds(annotation.__supertype__)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin is Literal:
        return {type(value) for value in get_args(annotation)}
    if origin in {Union, UnionType}:
        return set().union(*(_kinds(part) for part in get_args(annotation)))
    return {annotation} if isinstance(annotation, type) else set()
