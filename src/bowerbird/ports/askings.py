"""Askings: what is searched for, and by how many different people; who asked what cannot be read.

A query counts each person once, however often they ask it. What fewer than PEOPLE_MIN people ask cannot be read either.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset

QUERY_CHARACTERS_MAX: Final = 60
CHANGES_MAX: Final = 100
"""Askings that are noted, or expire, in one call."""
PEOPLE_MIN: Final = 2
PAGE_MAX: Final = 100
QUERIES_KEPT: Final = 1000
"""Queries that are kept of one person: those asked last."""


class Asking(Struct, frozen=True, array_like=True):
    """Somebody asked something, as what is alike is written by everybody, at a time (microseconds)."""

    person: Id
    query: str
    at: int


class AskingWrites(Protocol):
    """The writing half: what crosses to the one writer. All of it is idempotent.

    What was acknowledged, every read that begins afterwards sees, in whichever process.
    """

    @idempotent
    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        """Note up to CHANGES_MAX askings in one change; of one person's of one query the newest counts.

        Of each person the newest QUERIES_KEPT are kept. `applied` never goes back.
        """
        ...

    @idempotent
    async def forget(self, person: Id) -> None:
        """Take out all that a person asked, for good: what is noted of them later is passed over."""
        ...

    @idempotent
    async def expire(self, before_us: int, limit: int) -> int:
        """Take out up to `limit` (1 to CHANGES_MAX) askings that are older, oldest first; return how many."""
        ...


class Askings(AskingWrites, Protocol):
    """A projection: it can be dropped and built again from the log.

    What breaks a bound is a ValueError; an engine that is away, EngineUnavailable.
    """

    @idempotent
    async def begun(self, prefix: str, people_min: int, limit: int) -> list[str]:
        """Return up to `limit` (1 to PAGE_MAX) queries that begin so and that so many people asked (from PEOPLE_MIN).

        Those of most people first, of as many in the order of their characters. `prefix`: 1 to QUERY_CHARACTERS_MAX
        characters. How long it takes depends on `limit` alone, and on nothing that fewer asked.
        """
        ...

    @idempotent
    async def applied(self) -> list[Offset]:
        """Return the offsets stored with the data, by partition; empty for a fresh store."""
        ...
