"""Boards: what people keep, where, and who may see and change it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Literal, Protocol

from msgspec import UNSET, Struct, UnsetType

from bowerbird.base.calls import always, idempotent, keyed, leased, outlasts_leases
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.paging import LIMIT_MAX, Page, pages
from bowerbird.contracts.problems import NotFound

Rights = Literal["owner", "editor", "viewer", "public"]
"""Why the caller may see a board, the strongest reason first."""


class Board(Struct, frozen=True):
    """A board, on its owner's shard; the row, and the body of the `board_*` events.

    `generation` grows when the board turns private: picture addresses of older generations are refused from then on.
    `pins` counts those not deleted; it changes without a new version. `trashed` is 1 from `deleted_at` on.
    """

    id: Id
    owner: Id
    name: str
    description: str
    visibility: str
    created_at: int
    updated_at: int
    generation: int = 1
    pins: int = 0
    trashed: int = 0
    version: int = 1
    deleted_at: int | None = None


class Share(Struct, frozen=True):
    """Somebody's right to a board beside its owner (role "": no longer), on its shard; the body of `share_changed`."""

    board: Id
    person: Id
    owner: Id
    role: str
    version: int
    created_at: int


class Invitation(Struct, frozen=True):
    """A share as it arrives on the shard of the person it was given to: a projection, which authorises nothing.

    Version 0: there was no share; a pin that the person saved was moved to the board.
    """

    person: Id
    board: Id
    owner: Id
    role: str
    version: int
    created_at: int


class Pin(Struct, frozen=True):
    """A link or a picture on a board, on the board's shard; the row, and the body of the `pin_*` events.

    `owner` is the board's. `saved_by` None: a deleted account. `link` with its `url`, or `media`, or both. `live_link`
    is `link` while the pin is not deleted: a board holds a link once. `details`: "pending" until the page was fetched,
    then "ready", or "failed" with `failure`. `picture_name`, `width`, `height`, `color`, `thumbhash` are copied from
    the media, so that a page hydrates from one shard. `published_at` is set once, when there is a picture to show.
    `moved_to`: where the pin went, on another shard (such a row is trashed for ever, without `deleted_at`);
    `moved_from`: as what it stood on another shard before (until that row forwards to it, it waits: trashed, without
    `deleted_at` or `moved_to`). `last_board`: where it stood before its last move within the shard, so that whoever
    lists pins by board can take it off there. Times in microseconds.
    """

    id: Id
    board: Id
    owner: Id
    saved_by: Id | None
    position: int
    created_at: int
    updated_at: int
    link: Id | None = None
    live_link: Id | None = None
    media: Id | None = None
    url: str = ""
    title: str = ""
    note: str = ""
    alt: str = ""
    site: str = ""
    description: str = ""
    details: str = "ready"
    failure: str = ""
    picture_name: str = ""
    width: int = 0
    height: int = 0
    color: str = ""
    thumbhash: str = ""
    trashed: int = 0
    moved_to: Id | None = None
    moved_from: Id | None = None
    last_board: Id | None = None
    version: int = 1
    published_at: int | None = None
    deleted_at: int | None = None


class Access(Struct, frozen=True, array_like=True):
    """A board that the caller may see, and why."""

    board: Board
    rights: Rights


class BoardChange(Struct, frozen=True, kw_only=True):
    """What to change of a board; UNSET leaves a part as it is; `version`: the one the caller saw, if it matters."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    visibility: str | UnsetType = UNSET
    version: int | None = None


class NewPin(Struct, frozen=True, kw_only=True):
    """What to save: exactly one of `url`, `upload` (completed, the caller's) and `pin` (one that the caller may see).

    Texts left UNSET are filled from the page, or copied from the pin.
    """

    url: str | None = None
    upload: Id | None = None
    pin: Id | None = None
    title: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    alt: str | UnsetType = UNSET


class PinChange(Struct, frozen=True, kw_only=True):
    """What to change of a pin; as `BoardChange`."""

    title: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    alt: str | UnsetType = UNSET
    version: int | None = None


class Moved(Struct, frozen=True, array_like=True):
    """What became of one pin of many: where it is now (None: not moved) and why not (a problem's code, "" if moved)."""

    pin: Id
    now: Id | None
    problem: str


class Shown(Struct, frozen=True, array_like=True):
    """A pin with the board it is on and the caller's rights there."""

    pin: Pin
    access: Access


class Saved(Struct, frozen=True, array_like=True):
    """A pin as `Shown`, and whether it is new; False: the board had the link already, and nothing was changed."""

    pin: Pin
    access: Access
    created: bool


class BoardPins(Struct, frozen=True, array_like=True):
    """A page of a board's pins, as `paging.Page`, with what the caller may see of the board."""

    access: Access
    items: list[Pin]
    next: bytes | None


class Trashed(Struct, frozen=True, array_like=True):
    """A deleted board, or, with the board that it is of, a deleted pin; kept until `purge_at`."""

    board: Board | None
    pin: Pin | None
    purge_at: int


def _privatises(_caller: Caller, _board: Id, change: BoardChange) -> bool:
    return change.visibility == "private"


def _takes_away(*_what: object, copy: bool) -> bool:
    return not copy


class Boards(Protocol):
    """Owns board, pin, share and invitation rows. Whoever may not see a board gets NotFound, after the same work.

    The house itself sees every board, those in the trash too.
    """

    @keyed
    async def create(self, caller: Caller, name: str, description: str, visibility: str) -> Board:
        """Make a board. Invalid (field name or description)."""
        ...

    @outlasts_leases(_privatises)
    async def change(self, caller: Caller, board: Id, change: BoardChange) -> Board:
        """Rename, describe, publish or privatise (owner only). NotFound, Forbidden, Invalid, Stale."""
        ...

    @outlasts_leases(always)
    @idempotent
    async def delete(self, caller: Caller, board: Id, version: int | None = None) -> None:
        """Put a board into the owner's trash for 30 days. NotFound, Forbidden, Stale."""
        ...

    @idempotent
    async def restore(self, caller: Caller, board: Id) -> Board:
        """Take a board out of the trash. NotFound."""
        ...

    @idempotent
    async def access(self, caller: Caller, boards: Sequence[Id]) -> list[Access | None]:
        """Return for each board what the caller may see of it, now; None: nothing, or no such board. Up to 500."""
        ...

    @idempotent
    async def of_person(self, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Access]:
        """Return a person's boards that the caller may see, newest first (one's own: all of them)."""
        ...

    @idempotent
    async def shared_with_me(self, caller: Caller, after: bytes | None, limit: int) -> Page[Access]:
        """Return others' boards that were shared with the caller, newest first."""
        ...

    @idempotent
    async def covers(self, caller: Caller, boards: Sequence[Id]) -> list[list[Pin]]:
        """Return up to 4 newest pins with pictures of each board; up to 100 boards that the caller was found to see."""
        ...

    @idempotent
    async def trash(self, caller: Caller, after: bytes | None, limit: int) -> Page[Trashed]:
        """Return what the caller deleted, or had deleted on own boards, and can restore; newest first."""
        ...

    @idempotent
    async def shares(self, caller: Caller, board: Id) -> list[Share]:
        """Return with whom a board is shared (owner and members may know); at most 100."""
        ...

    @idempotent
    async def share(self, caller: Caller, board: Id, person: Id, role: str) -> Share:
        """Give somebody a role on a board (owner only). NotFound, Forbidden, Invalid (oneself, too many)."""
        ...

    @outlasts_leases(always)
    @idempotent
    async def unshare(self, caller: Caller, board: Id, person: Id) -> None:
        """Take somebody's role away (owner), or leave (oneself). NotFound, Forbidden."""
        ...

    @keyed
    async def save_pin(self, caller: Caller, board: Id, new: NewPin) -> Saved:
        """Save a link, a picture or another's pin to a board (owner, editor). NotFound, Forbidden, Invalid, Refused.

        Exists where the board has the link in a pin that a block hides from the caller.
        """
        ...

    @idempotent
    async def pins(self, caller: Caller, pins: Sequence[Id]) -> list[Shown | None]:
        """Return pins that the caller may see now, with their boards, in order; None for all others. Up to 500."""
        ...

    @idempotent
    async def pin(self, caller: Caller, pin: Id) -> Shown:
        """Return one pin; a moved one's present self (its id differs from the one asked for). NotFound."""
        ...

    @idempotent
    async def board_pins(self, caller: Caller, board: Id, after: bytes | None, limit: int) -> BoardPins:
        """Return a board's pins, newest first. NotFound."""
        ...

    @idempotent
    async def pins_of_person(self, caller: Caller, person: Id, after: bytes | None, limit: int) -> Page[Shown]:
        """Return what a person saved and the caller may see now, on whichever board, newest first.

        A page may be short. Beyond 1,000 boards of their own, and 480 of others, the older ones are left out.
        """
        ...

    async def change_pin(self, caller: Caller, pin: Id, change: PinChange) -> Shown:
        """Edit a pin's texts (owner and editors of the board). NotFound, Forbidden, Invalid, Stale."""
        ...

    @outlasts_leases(always)
    @idempotent
    async def delete_pin(self, caller: Caller, pin: Id, version: int | None = None) -> None:
        """Put a pin into the board owner's trash. NotFound, Forbidden, Stale."""
        ...

    @idempotent
    async def restore_pin(self, caller: Caller, pin: Id) -> Shown:
        """Take a pin out of the trash. NotFound, Forbidden, Exists (the board has the link again)."""
        ...

    @outlasts_leases(_takes_away)
    @keyed
    async def move_pins(self, caller: Caller, pins: Sequence[Id], board: Id, *, copy: bool) -> list[Moved]:
        """Move, or copy, up to 100 pins to a board that the caller may edit; each succeeds or fails alone."""
        ...

    @leased(always)
    @idempotent
    async def of_address(self, pin: Id, generation: int, name: str, viewer: Id | None) -> Pin:
        """Return the pin whose picture address this is, if it may be served now. NotFound.

        `viewer` None asks as the public: the board must be public and of that generation. A viewer (from a signed
        address) must be able to see the board now.
        """
        ...


async def pages_of_board(boards: Boards, caller: Caller, board: Id) -> AsyncIterator[BoardPins]:
    """Yield all pins of a board; none of one that is gone, or goes meanwhile, which events of its own tell."""
    with suppress(NotFound):
        async for page in pages(lambda mark: boards.board_pins(caller, board, mark, LIMIT_MAX)):
            yield page
