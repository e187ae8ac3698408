"""The line of pictures to go in: in their order, but none before its photo is there.

While sources are still being fetched only an opening number goes in, so that a feed fills within seconds; once it is
known what there is, the rest goes in as mixed as it was meant.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from bowerbird.app.demo.content import Person
from bowerbird.app.demo.wanted import Wanted

OPENING: Final = 60
"""So many go in while sources are still being fetched."""


class Portrait(Struct, frozen=True):
    """Somebody's profile picture."""

    person: Person

    @property
    def photo(self) -> str:
        """Return the photo's id."""
        return self.person.picture


Item = Portrait | Wanted


class Line:
    """Handed out by `take` to several at once."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = list(items)
        self._photos: dict[str, Path] = {}
        self._taken = 0
        self._closed = False
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._items)

    def arrive(self, photos: Mapping[str, Path]) -> None:
        """Note that photos are there."""
        self._photos.update(photos)
        self._changed.set()

    def lacking(self) -> int:
        """Return how many pins wait for photos that are not there."""
        return sum(isinstance(item, Wanted) and item.photo not in self._photos for item in self._items)

    def close(self, more: Sequence[Item]) -> int:
        """Put the last ones at the end, and drop whose photos were not to be had; returns how many were dropped."""
        dropped = self.lacking()
        kept = [item for item in self._items if isinstance(item, Portrait) or item.photo in self._photos]
        self._items = [*kept, *more]
        self._closed = True
        self._changed.set()
        return dropped

    async def take(self) -> tuple[Item, Path | None] | None:
        """Return the next picture with where its photo is (None: it is to be drawn), or None at the end."""
        while True:
            at = self._next()
            if at is not None:
                item = self._items.pop(at)
                self._taken += 1
                return item, self._photos.get(item.photo)
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()

    def _next(self) -> int | None:
        if self._closed:
            return 0 if self._items else None
        if self._taken >= OPENING:
            return None
        return next((at for at, item in enumerate(self._items) if item.photo in self._photos), None)
