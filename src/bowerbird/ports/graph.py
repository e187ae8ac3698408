"""The graph's maps: who follows whom, both ways; a projection of the follow records, built again from the log."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent
from bowerbird.base.ids import Id

MEMBERS_MAX = 1000


class Edge(Struct, frozen=True, array_like=True):
    """Somebody in a person's map, since when (microseconds), and the record's version that says so."""

    person: Id
    at: int
    version: int


class GraphWrites(Protocol):
    """The writing half: what crosses to the one writer. It is idempotent, and the highest version wins."""

    async def put(self, follower: Id, followee: Id, at: int, version: int) -> bool:
        """Note that one follows the other; False when a version as high was known."""
        ...

    async def remove(self, follower: Id, followee: Id, version: int) -> bool:
        """Note that one no longer follows the other (a tombstone of that version); False when one as high was known."""
        ...

    @idempotent
    async def clear(self, person: Id) -> None:
        """Remove a person from everybody's maps, and both of theirs, for good: what names them later is not noted."""
        ...


class Graph(GraphWrites, Protocol):
    """Two maps, `following` and `followers`, kept together; the order is (at, person).

    What breaks a bound, or another map, is a ValueError; an engine that is away, EngineUnavailable.
    """

    @idempotent
    async def members(self, map_name: str, person: Id, after: Edge | None, limit: int) -> list[Edge]:
        """Return up to `limit` (1 to MEMBERS_MAX) of map "following" or "followers" behind `after`, newest first."""
        ...

    @idempotent
    async def counts(self, map_name: str, people: Sequence[Id]) -> list[int]:
        """Return how many stand in each person's map, for up to MEMBERS_MAX people."""
        ...

    @idempotent
    async def contains(self, map_name: str, person: Id, others: Sequence[Id]) -> list[bool]:
        """Return for each of the others (up to MEMBERS_MAX) whether they stand in the person's map."""
        ...
