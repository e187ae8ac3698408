"""Recommend: what people may like, and why: pins, people and boards, steered by what they keep and by what they say."""

from typing import Literal, Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import RANKED_MAX

IDEAS_MAX = RANKED_MAX
"""Ideas of one asking, all its pages together."""
TUNINGS_MAX = 1000
"""Wishes of one person."""

Why = Literal["saved", "board", "topic", "looks", "beside", "popular"]
"""You saved `pin`; `board` holds such things; you chose `topic`; it looks like `pin`; people save it beside `pin`; many
saved it of late."""

Wish = Literal["interest", "less", "hidden", "not_pin", "not_board"]
"""Show more of `topic`; less of it; never `pin` again; nothing because of `pin`; nothing because of `board`."""


class Because(Struct, frozen=True, array_like=True):
    """Why something is shown; names only what the caller keeps, chose, or asked about."""

    why: Why
    pin: Id | None = None
    board: Id | None = None
    topic: int = 0


class Idea(Struct, frozen=True, array_like=True):
    """A pin that may be shown; whether the caller may see it is decided by the reader."""

    pin: Id
    because: Because


class Ideas(Struct, frozen=True, array_like=True):
    """A page of ideas, best first. `next`: where the next page begins, None at the end."""

    items: list[Idea]
    next: bytes | None


class Proposed(Struct, frozen=True, array_like=True):
    """Somebody, or a board, to look at; whether the caller may see it is open. `pins`: up to 3 that led there."""

    id: Id
    pins: list[Id]


class Topic(Struct, frozen=True, array_like=True):
    """What pictures are of. `pins`: up to 8 public ones, of late and of many, that may be shown for it."""

    id: int
    name: str
    pins: list[Id]


class Tuning(Struct, frozen=True):
    """A wish of a person's, on their shard; the row, and the body of `tuning_made` and `tuning_undone`.

    `id` follows from the person, the wish and what it is about, so that a wish is there once. `thing`: what a hidden
    pin holds, which is hidden wherever else it is saved.
    """

    person: Id
    id: Id
    wish: str
    created_at: int
    topic: int = 0
    pin: Id | None = None
    board: Id | None = None
    thing: Id | None = None
    version: int = 1


class NewTuning(Struct, frozen=True, kw_only=True):
    """A wish, and what it is about: the one of the three that it needs."""

    wish: Wish
    topic: int = 0
    pin: Id | None = None
    board: Id | None = None


class Recommend(Protocol):
    """Owns people's wishes, the graph of what is saved where, and what each person saved and was shown.

    All but the wishes are projections that the log can build again. Boards that not everybody may see lead nobody
    anywhere but their own people. What the caller keeps, or has hidden, is not proposed, and what was often shown and
    never kept comes later and later. A wish is honoured by the next read.
    """

    @idempotent
    async def ideas(self, caller: Caller, after: bytes | None, limit: int) -> Ideas:
        """Return what the caller may like (up to 100 a page).

        Who keeps little yet gets what fits chosen topics, and what many keep, some of it by chance.
        """
        ...

    @idempotent
    async def for_board(self, caller: Caller, board: Id, after: bytes | None, limit: int) -> Ideas:
        """Return what may fit on a board that the caller may see. NotFound."""
        ...

    @idempotent
    async def related(self, caller: Caller, pin: Id, after: bytes | None, limit: int) -> Ideas:
        """Return what looks like a pin, mixed with what people save beside it. NotFound."""
        ...

    @idempotent
    async def people(self, caller: Caller, limit: int) -> list[Proposed]:
        """Return people (up to 50) to follow who are not followed yet, those first who keep what the caller likes."""
        ...

    @idempotent
    async def boards(self, caller: Caller, limit: int) -> list[Proposed]:
        """Return others' public boards (up to 50), those first that hold what the caller likes."""
        ...

    @idempotent
    async def topics(self, caller: Caller) -> list[Topic]:
        """Return all topics, those of the most pins first; the ones that no public pin has stand last, without pins."""
        ...

    @idempotent
    async def tune(self, caller: Caller, new: NewTuning) -> Tuning:
        """Make a wish; made again, it is the same. NotFound, Invalid (field wish, topic, pin, board; too many)."""
        ...

    @idempotent
    async def tunings(self, caller: Caller) -> list[Tuning]:
        """Return all the caller's wishes, newest first."""
        ...

    @idempotent
    async def undo(self, caller: Caller, tuning: Id) -> None:
        """Take a wish back; one that is not there is back already."""
        ...
