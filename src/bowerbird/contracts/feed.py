"""Feed: in what order the pins of those a person follows stand before that person."""

from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller


class Candidate(Struct, frozen=True, array_like=True):
    """A pin that may be on the page, newest first by (at, pin); whether the viewer may see it is decided by the reader.

    `at`: when it was published, microseconds. `more`: it stands for so many others that its author saved to the board
    at about the same time, and is where the first stood that was too many; `pin` is the newest of them.
    """

    at: int
    pin: Id
    board: Id
    author: Id
    more: int = 0


class Stretch(Struct, frozen=True, array_like=True):
    """Candidates in order, and the mark after the last of them; None when there are no older ones."""

    candidates: list[Candidate]
    next: bytes | None


class Feed(Protocol):
    """Owns the timelines: home feeds pushed to their readers, posts by author, pins of shared boards."""

    @idempotent
    async def home(self, caller: Caller, before: bytes | None, limit: int) -> Stretch:
        """Return the caller's next candidates: pushed, pulled or both, one per pin. Up to 100."""
        ...
