"""The pure rules of boards and pins: texts, what is shown to whom, and what a pin becomes."""

from collections.abc import Collection
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from bowerbird.base import text
from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Access, Board, NewPin, Pin, Rights, Share
from bowerbird.contracts.media import Picture
from bowerbird.contracts.paging import LIMIT_MAX
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound, Stale

NAME_MAX: Final = 100
DESCRIPTION_MAX: Final = 1088
TITLE_MAX: Final = 200
NOTE_MAX: Final = 1000
ALT_MAX: Final = 500
VISIBILITIES: Final = ("public", "private")
ROLES: Final = ("viewer", "editor")
SHARES_MAX: Final = 100
IDS_MAX: Final = 500

GOINGS: Final = frozenset({"board_deleted", "board_purged", "pin_purged"})
"""Events that are heard though their owner is erased, in what `bare` leaves of them."""

PICTURE_REFUSED: Final = "picture-refused"
"""A pin's `failure` when its page was read but the page's picture could not be."""


class Mark(Struct, frozen=True, array_like=True):
    """Where a list goes on: behind the thing `id` with the time or position `at`."""

    at: Annotated[int, Meta(ge=0, lt=1 << 62)]
    id: Annotated[Id, Meta(min_length=16, max_length=16)]


_marks: Final = msgspec.msgpack.Decoder(Mark)


def read_mark(mark: bytes | None) -> Mark | None:
    """Read a mark; Invalid (field cursor) when it is none of ours."""
    try:
        return None if mark is None else _marks.decode(mark)
    except msgspec.DecodeError as error:
        raise Invalid("this cursor is not one of this list", field="cursor") from error


def mark(at: int, id_: Id) -> bytes:
    """Return the mark behind a thing."""
    return msgspec.msgpack.encode(Mark(at, id_))


def page_limit(limit: int) -> int:
    """Return how many things a page may hold."""
    return max(1, min(limit, LIMIT_MAX))


def no_board() -> NotFound:
    """Return the one answer for a board that is not there and for one that the caller may not see."""
    return NotFound("there is no such board, or you may not see it")


def no_pin() -> NotFound:
    """Return the one answer for a pin that is not there and for one that the caller may not see."""
    return NotFound("there is no such pin, or you may not see it")


def no_person() -> NotFound:
    """Return the one answer for a person that is not there and for one that the caller may not see."""
    return NotFound("there is no such person", field="user")


def cleaned(value: str, field: str, longest: int, *, shortest: int = 0, multiline: bool = False) -> str:
    """Return a text as it is stored; Invalid, naming the field."""
    try:
        kept = text.clean(value, multiline=multiline)
    except ValueError as error:
        raise Invalid(f"{field} {error}", field=field) from error
    if not shortest <= len(kept) <= longest:
        least = f"{shortest} to " if shortest else "at most "
        raise Invalid(f"{field} has {least}{longest} characters", field=field)
    return kept


def board_name(value: str) -> str:
    """Return a board's name as it is stored."""
    return cleaned(value, "name", NAME_MAX, shortest=1)


def board_description(value: str) -> str:
    """Return a board's description as it is stored."""
    return cleaned(value, "description", DESCRIPTION_MAX, multiline=True)


def one_of(value: str, field: str, choices: Collection[str]) -> str:
    """Return a value that is one of the choices; Invalid, naming the field."""
    if value not in choices:
        raise Invalid(f"{field} is one of {', '.join(choices)}", field=field)
    return value


def pin_texts(title: str | UnsetType, note: str | UnsetType, alt: str | UnsetType) -> dict[str, str]:
    """Return those of a pin's texts that are given, as they are stored; Invalid, naming the field."""
    given: dict[str, str] = {}
    if title is not UNSET:
        given["title"] = cleaned(title, "title", TITLE_MAX)
    if note is not UNSET:
        given["note"] = cleaned(note, "note", NOTE_MAX, multiline=True)
    if alt is not UNSET:
        given["alt"] = cleaned(alt, "alt", ALT_MAX)
    return given


def one_source(new: NewPin) -> None:
    """Refuse to save nothing, or two things as one; Invalid."""
    if sum(source is not None for source in (new.url, new.upload, new.pin)) != 1:
        raise Invalid("a pin is saved from a url, an upload or another pin: exactly one of them")


def same_version(seen: int | None, present: int) -> None:
    """Refuse to change what is not any more what the caller saw; Stale."""
    if seen is not None and seen != present:
        raise Stale(f"it was changed since version {seen}; this is version {present}")


def rights(board: Board, viewer: Id | None, share: Share | None) -> Rights | None:
    """Return why a person (None: nobody in particular) may see a board, None if not; blocks apart."""
    if board.trashed:
        return None
    if viewer is not None and board.owner == viewer:
        return "owner"
    if share is not None and share.role == "editor":
        return "editor"
    if share is not None and share.role == "viewer":
        return "viewer"
    return "public" if board.visibility == "public" else None


def hides_saver(access: Access, saved_by: Id | None, blocked: Collection[Id]) -> bool:
    """Return whether a block between reader and saver hides a pin; owners keep sight of all that is on their boards."""
    return saved_by is not None and saved_by in blocked and access.rights != "owner"


def may_edit(access: Access) -> bool:
    """Return whether an access includes changing pins."""
    return access.rights in {"owner", "editor"}


def must_edit(access: Access) -> Access:
    """Return an access that includes changing pins; Forbidden."""
    if not may_edit(access):
        raise Forbidden("only the owner and the editors of a board may do this")
    return access


def must_own(access: Access) -> Access:
    """Return an access that includes everything; Forbidden."""
    if access.rights != "owner":
        raise Forbidden("only the owner of a board may do this")
    return access


def publishable(pin: Pin) -> bool:
    """Return whether a pin may enter feeds and search: it has a picture. Further gates belong here."""
    return pin.media is not None


def published(pin: Pin, now_us: int) -> Pin:
    """Return the pin, published now if it may be and was not."""
    if pin.published_at is None and publishable(pin):
        return replace(pin, published_at=now_us)
    return pin


def pictured(pin: Pin, picture: Picture) -> Pin:
    """Return the pin with a picture of its owner."""
    return replace(
        pin,
        media=picture.id,
        picture_name=picture.name,
        width=picture.width,
        height=picture.height,
        color=picture.color,
        thumbhash=picture.thumbhash,
    )


def waits(pin: Pin) -> bool:
    """Return whether a pin is on its way from another shard: it has its place there, and nobody sees it yet."""
    return bool(pin.trashed) and pin.deleted_at is None and pin.moved_to is None


def arrived(pin: Pin, now_us: int) -> Pin:
    """Return a pin that waited, on its board from now on."""
    return replace(pin, trashed=0, updated_at=now_us, version=pin.version + 1)


def saved_events(pin: Pin) -> list[str]:
    """Return the events of a pin that is new on its shard."""
    if waits(pin):
        return ["pin_moving"]
    return ["pin_saved"] if pin.published_at is None else ["pin_saved", "pin_published"]


def bare(body: Struct) -> Struct:
    """Return a board or a pin of an erased owner as those may hear of it who keep lists: ids and version alone."""
    match body:
        case Board():
            return Board(body.id, body.owner, "", "", "private", 0, 0, trashed=1, version=body.version)
        case Pin():
            return Pin(body.id, body.board, body.owner, body.saved_by, 0, 0, 0, trashed=1, version=body.version)
        case _:
            raise TypeError(type(body).__name__)


def changed_events(old: Pin, new: Pin) -> list[str]:
    """Return the events of a pin that was changed."""
    if old.published_at is None and new.published_at is not None:
        return ["pin_changed", "pin_published"]
    return ["pin_changed"]
