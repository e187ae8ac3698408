"""Timelines: lists of pins, newest first: one a person's home feed, one an author's posts, one a shared board's."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset

PAGE_MAX = 1000
PLACED_MAX = 20_000
"""Entries put, or timelines named, in one call."""


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
    """A page, newest first, and of the timeline: what stood at or below its floor was trimmed (None: nothing was).

    `size`: how many entries stand above that. `kept`: the time of its last `keep`, None where it was never kept.
    """

    entries: list[Entry]
    floor: Mark | None
    size: int = 0
    kept: int | None = None


class Placed(Struct, frozen=True, array_like=True):
    """An entry and the timeline it goes to; (kind, owner) names the timeline."""

    kind: str
    owner: Id
    entry: Entry


class TimelineWrites(Protocol):
    """The writing half: what crosses to the one writer. All of it is idempotent, and long calls take several steps."""

    @idempotent
    async def add(
        self, placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = (), *, only_open: bool = False
    ) -> None:
        """Put entries (up to PLACED_MAX), one per pin and timeline: one that is there for the pin gives way.

        A timeline is made by its first entry; with `only_open` entries for one that is not there are passed over.
        With `cap` each touched timeline keeps its newest `cap` entries, and its floor rises to the newest one trimmed;
        an entry at or below the floor is not put. Of two entries for the same pin and timeline the later in `placed`
        counts. `applied` is remembered with the data, in the last step, and never goes back.
        """
        ...

    @idempotent
    async def open(self, kind: str, owner: Id) -> None:
        """Make an empty timeline, which stays without entries too, until it is dropped."""
        ...

    @idempotent
    async def keep(self, kind: str, owner: Id, at: int) -> None:
        """Note a time (microseconds, 1 or later) on a timeline that was opened; nothing where there is none."""
        ...

    @idempotent
    async def remove(self, kind: str, owners: Sequence[Id], pins: Sequence[Id]) -> None:
        """Take the pins (up to PAGE_MAX) out of the owners' (up to PLACED_MAX) timelines; absent ones are ignored."""
        ...

    @idempotent
    async def drop(self, kind: str, owner: Id, *, author: Id | None = None, board: Id | None = None) -> None:
        """Remove a timeline's entries by an author, of a board, or both; with neither, all of it with its floor."""
        ...


class Timelines(TimelineWrites, Protocol):
    """A projection: it can be dropped and built again from the log.

    A page shows one moment. What breaks a bound is a ValueError; an engine that is away, EngineUnavailable.
    """

    @idempotent
    async def page(self, kind: str, owner: Id, before: Mark | None, limit: int) -> Slice:
        """Return up to `limit` (1 to PAGE_MAX) entries older than `before`, newest first."""
        ...

    @idempotent
    async def kept_before(self, kind: str, at: int, limit: int) -> list[Id]:
        """Return the owners of up to `limit` (1 to PAGE_MAX) opened timelines that were not kept since a time."""
        ...

    @idempotent
    async def merged(self, kind: str, owners: Sequence[Id], before: Mark | None, limit: int) -> list[Entry]:
        """Return the newest `limit` (1 to PAGE_MAX) entries older than `before` of up to PLACED_MAX timelines together.

        One per pin: the newest of those older than `before`.
        """
        ...

    @idempotent
    async def applied(self) -> list[Offset]:
        """Return the offsets stored with the data, by partition; empty for a fresh store."""
        ...
