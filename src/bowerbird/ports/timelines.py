"""Timelines: lists of pins, newest first: one a person's home feed, one an author's posts, one a shared board's."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset

PAGE_MAX = 1000


class Entry(Struct, frozen=True, array_like=True, order=True):
    """A pin in a timeline; the order is (at, pin), `at` being when the pin was published, in microseconds."""

    at: int
    pin: Id
    board: Id
    author: Id


class Mark(Struct, frozen=True, array_like=True, order=True):
    """A place in a timeline: entries before it are older."""

    at: int
    pin: Id


class Slice(Struct, frozen=True, array_like=True):
    """A page, newest first, and the timeline's floor: what stood at or below it was trimmed (None: nothing was)."""

    entries: list[Entry]
    floor: Mark | None


class Placed(Struct, frozen=True, array_like=True):
    """An entry and the timeline it goes to; (kind, owner) names the timeline."""

    kind: str
    owner: Id
    entry: Entry


class Timelines(Protocol):
    """A projection: it can be dropped and built again from the log. Adding and removing are idempotent."""

    async def add(self, placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = ()) -> None:
        """Put entries, one per pin and timeline: one that is there for the pin is replaced.

        With `cap` each touched timeline keeps its newest `cap` entries, and its floor rises to the newest one trimmed;
        an entry at or below the floor is not put. `applied` is remembered with the data, in the same step.
        """
        ...

    async def remove(self, kind: str, owners: Sequence[Id], pins: Sequence[Id]) -> None:
        """Take the pins out of the owners' timelines; absent ones are ignored."""
        ...

    async def drop(self, kind: str, owner: Id, *, author: Id | None = None, board: Id | None = None) -> None:
        """Remove a timeline's entries by an author or of a board; with neither, the whole timeline with its floor."""
        ...

    async def page(self, kind: str, owner: Id, before: Mark | None, limit: int) -> Slice:
        """Return up to `limit` (at most PAGE_MAX) entries older than `before`, newest first."""
        ...

    async def merged(self, kind: str, owners: Sequence[Id], before: Mark | None, limit: int) -> list[Entry]:
        """Return the newest `limit` entries older than `before` of many timelines together, one per pin."""
        ...

    async def applied(self) -> list[Offset]:
        """Return the offsets stored with the data, by partition; empty for a fresh store."""
        ...
