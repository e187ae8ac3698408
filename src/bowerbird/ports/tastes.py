"""Tastes: which pins hold a thing, what each person saved, and what they were shown.

A thing is what is saved, as in `ports.walks`: the same thing is held by many pins, of many people. Of a pin there is
one row, its save; of a thing that somebody was shown, a count.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset

CHANGES_MAX: Final = 1000
"""Saves, pins or sights of one call."""
THINGS_MAX: Final = 1000
EACH_MAX: Final = 20
PAGE_MAX: Final = 1000
SIGHTS_KEPT: Final = 5000
"""Things that are remembered as shown to a person: the ones shown last, a few more for a while."""


class Save(Struct, frozen=True, array_like=True):
    """A pin that holds a thing: who saved it (None: an account that is no more), where, when (microseconds).

    `public`: everybody may see it.
    """

    pin: Id
    thing: Id
    person: Id | None
    board: Id
    at: int
    public: bool


class Sight(Struct, frozen=True, array_like=True):
    """A thing was shown to somebody at a time (microseconds). The same of the same time counts once."""

    person: Id
    thing: Id
    at: int


class Mark(Struct, frozen=True, array_like=True):
    """A place among saves: those before it are older."""

    at: int
    pin: Id


class TasteWrites(Protocol):
    """The writing half: what crosses to the one writer. All of it is idempotent, and each call is one change.

    What was acknowledged, every read that begins afterwards sees, in whichever process.
    """

    @idempotent
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        """Put saves, each in the place of what the pin was before, and take pins out: up to CHANGES_MAX together.

        Of two saves of a pin the later counts; a pin that is put and gone is gone. `applied` never goes back.
        """
        ...

    @idempotent
    async def publish(self, board: Id, *, public: bool) -> None:
        """Make all saves on a board public, or private."""
        ...

    @idempotent
    async def saw(self, sights: Sequence[Sight]) -> None:
        """Count up to CHANGES_MAX sights; one that is not newer than what was counted last of it is passed over."""
        ...

    @idempotent
    async def forget(self, person: Id) -> None:
        """Take out all that a person saved and was shown."""
        ...


class Tastes(TasteWrites, Protocol):
    """A projection: it can be dropped and built again from the log.

    What breaks a bound is a ValueError; an engine that is away, EngineUnavailable.
    """

    @idempotent
    async def saves(self, pins: Sequence[Id]) -> list[Save | None]:
        """Return the saves of up to THINGS_MAX pins, in order; None for others."""
        ...

    @idempotent
    async def of_person(self, person: Id, before: Mark | None, limit: int) -> list[Save]:
        """Return up to `limit` (1 to PAGE_MAX) saves of a person's older than `before`, newest first."""
        ...

    @idempotent
    async def of_board(self, board: Id, before: Mark | None, limit: int) -> list[Save]:
        """Return up to `limit` (1 to PAGE_MAX) saves on a board older than `before`, newest first."""
        ...

    @idempotent
    async def holding(self, things: Sequence[Id], each_max: int) -> list[list[Save]]:
        """Return for up to THINGS_MAX things their newest public saves, up to `each_max` (1 to EACH_MAX) each."""
        ...

    @idempotent
    async def kept(self, person: Id, things: Sequence[Id]) -> list[bool]:
        """Say of up to THINGS_MAX things whether a person saved them, wherever."""
        ...

    @idempotent
    async def on_board(self, board: Id, things: Sequence[Id]) -> list[int]:
        """Return for up to THINGS_MAX things how many saves of each are on a board."""
        ...

    @idempotent
    async def shown(self, person: Id, things: Sequence[Id]) -> list[int]:
        """Return how often each of up to THINGS_MAX things was shown to a person, 0 for what is not remembered."""
        ...

    @idempotent
    async def applied(self) -> list[Offset]:
        """Return the offsets stored with the data, by partition; empty for a fresh store."""
        ...
