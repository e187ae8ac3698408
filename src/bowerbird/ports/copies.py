"""Copies of every database as of one moment, made while everything goes on."""

from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import slow

PAGES_MAX = 1024
IDLE_S_MAX = 60
"""A copy that nobody goes on with for longer is abandoned."""


class Progress(Struct, frozen=True, array_like=True):
    """How many pages are copied, and how many there are, all databases together; writing meanwhile adds some."""

    done: int
    total: int


class Copies(Protocol):
    """One copy at a time, for which nothing waits longer than a step takes; ValueError where none was begun."""

    @slow
    async def begin(self, folder: str) -> None:
        """Begin to copy into an existing folder without databases; a copy that was begun before is abandoned."""
        ...

    @slow
    async def step(self, pages: int) -> Progress:
        """Copy up to `pages` (1 to PAGES_MAX) of each database; the last ones are left for `finish`."""
        ...

    @slow
    async def finish(self) -> int:
        """Make the copies whole, and return the moment (microseconds) up to which they hold all that was acknowledged.

        Events are in the copy of the log, or still in that of records; of everybody in records the key is there.
        """
        ...

    @slow
    async def abandon(self) -> None:
        """Give up and remove what was copied; nothing happens when none was begun."""
        ...
