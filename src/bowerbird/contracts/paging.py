"""Pages: every list is read a bounded page at a time, continued by a mark that the edge makes opaque."""

from typing import Final, Generic, TypeVar

from msgspec import Struct

Item = TypeVar("Item")

LIMIT_MAX: Final = 100
LIMIT: Final = 25


class Page(Struct, Generic[Item], frozen=True, array_like=True):
    """Items in order, and where the next page begins: bytes that only the service reads; None at the end."""

    items: list[Item]
    next: bytes | None = None
