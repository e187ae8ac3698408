"""From what services know to what the outside sees: one function a resource."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, cast

import msgspec

from bowerbird.base import ids, times
from bowerbird.base.ids import Id
from bowerbird.contracts import boards, caller, graph, identity
from bowerbird.edge.api import resources
from bowerbird.edge.api.kit import Kit

encode: Final = msgspec.json.Encoder().encode

SCOPES: Final[dict[Literal["read", "write", "admin"], int]] = {
    "read": caller.READ,
    "write": caller.WRITE,
    "admin": caller.ADMIN,
}


def person(kit: Kit, user: identity.User) -> resources.Person:
    """Present somebody in brief."""
    return resources.Person(ids.to_text(user.id), user.handle, user.name, kit.addresses.of_person(user))


def user(kit: Kit, who: identity.User, counts: graph.Counts, *, followed: bool, you: bool) -> resources.User:
    """Present a profile."""
    return resources.User(
        id=ids.to_text(who.id),
        handle=who.handle,
        name=who.name,
        about=who.about,
        picture=kit.addresses.of_person(who),
        followers=counts.followers,
        following=counts.following,
        followed=followed,
        you=you,
        created_at=times.to_text(who.created_at),
    )


def me(kit: Kit, who: identity.User, counts: graph.Counts, email: str) -> resources.Me:
    """Present somebody's own profile to themselves."""
    return resources.Me(
        id=ids.to_text(who.id),
        handle=who.handle,
        name=who.name,
        about=who.about,
        picture=kit.addresses.of_person(who),
        email=email,
        role="admin" if who.role == "admin" else "person",
        followers=counts.followers,
        following=counts.following,
        version=who.version,
        created_at=times.to_text(who.created_at),
        updated_at=times.to_text(who.updated_at),
    )


def session(opened: identity.Session, current: Id | None) -> resources.Session:
    """Present a session; `current` is the one that asks."""
    return resources.Session(
        id=ids.to_text(opened.id),
        client=opened.client,
        address=opened.address,
        current=opened.id == current,
        created_at=times.to_text(opened.created_at),
        seen_at=times.to_text(opened.seen_at),
        expires_at=times.to_text(opened.expires_at),
    )


def token(made: identity.AccessToken) -> resources.Token:
    """Present an access token without its secret."""
    return resources.Token(
        id=ids.to_text(made.id),
        name=made.name,
        scopes=[name for name, bit in SCOPES.items() if made.scopes & bit],
        created_at=times.to_text(made.created_at),
        expires_at=None if made.expires_at is None else times.to_text(made.expires_at),
    )


def visibility(board: boards.Board) -> Literal["public", "private"]:
    """Return a board's visibility by its outside name."""
    return "public" if board.visibility == "public" else "private"


def board_ref(board: boards.Board) -> resources.BoardRef:
    """Present a board in brief."""
    return resources.BoardRef(ids.to_text(board.id), ids.to_text(board.owner), board.name, visibility(board))


def board(
    kit: Kit, access: boards.Access, owner: identity.User, cover: Iterable[boards.Pin], viewer: Id | None
) -> resources.Board:
    """Present a board to a viewer who was found to see it."""
    shown = access.board
    return resources.Board(
        id=ids.to_text(shown.id),
        owner=person(kit, owner),
        name=shown.name,
        description=shown.description,
        visibility=visibility(shown),
        rights=access.rights,
        pins=shown.pins,
        cover=[picture(kit, pin, shown, viewer) for pin in cover if pin.picture_name],
        version=shown.version,
        created_at=times.to_text(shown.created_at),
        updated_at=times.to_text(shown.updated_at),
    )


def picture(kit: Kit, pin: boards.Pin, on: boards.Board, viewer: Id | None) -> resources.Picture:
    """Present a pin's picture, its addresses signed where the board is not public."""
    return resources.Picture(
        src=kit.addresses.of_pin(pin, on, None if on.visibility == "public" else viewer),
        width=pin.width,
        height=pin.height,
        color=pin.color,
        thumbhash=pin.thumbhash,
        alt=pin.alt or pin.title,
    )


def pin_core(kit: Kit, pin: boards.Pin, on: boards.Board, viewer: Id | None) -> resources.PinCore:
    """Present what a pin is whoever looks at it; the viewer counts only for signed addresses."""
    return resources.PinCore(
        id=ids.to_text(pin.id),
        url=pin.url or None,
        title=pin.title,
        note=pin.note,
        alt=pin.alt,
        site=pin.site,
        description=pin.description,
        details=cast("Literal['pending', 'ready', 'failed']", pin.details),
        failure=pin.failure,
        picture=picture(kit, pin, on, viewer) if pin.picture_name else None,
        version=pin.version,
        created_at=times.to_text(pin.created_at),
        updated_at=times.to_text(pin.updated_at),
    )


def pins(kit: Kit, shown: Sequence[boards.Shown], people: dict[Id, identity.User], viewer: Id | None) -> list[bytes]:
    """Encode pins, each as `resources.Pin`: the part that depends on the pin alone comes from the fragments.

    `people` are those who may be named to this viewer.
    """
    expiry_s = kit.addresses.expiry_s()
    ends: dict[tuple[Id, Id | None], bytes] = {}
    encoded: list[bytes] = []
    for one in shown:
        about = (one.pin.board, one.pin.saved_by)
        end = ends.get(about)
        if end is None:
            end = ends[about] = _pin_end(kit, one, people)
        encoded.append(_pin_begin(kit, one, viewer, expiry_s) + end)
    return encoded


def _pin_begin(kit: Kit, shown: boards.Shown, viewer: Id | None, expiry_s: int) -> bytes:
    pin, on = shown.pin, shown.access.board
    public = on.visibility == "public"
    key = (pin.id, pin.version, on.generation, None if public else viewer, 0 if public else expiry_s)
    kept = kit.fragments.get(key)
    if kept is None:
        kept = encode(pin_core(kit, pin, on, viewer))[:-1]
        kit.fragments.put(key, kept)
    return kept


def _pin_end(kit: Kit, shown: boards.Shown, people: dict[Id, identity.User]) -> bytes:
    saver = people.get(shown.pin.saved_by) if shown.pin.saved_by else None
    return b"".join(
        (
            b',"board":',
            encode(board_ref(shown.access.board)),
            b',"rights":',
            encode(shown.access.rights),
            b',"saved_by":',
            encode(person(kit, saver) if saver else None),
            b"}",
        )
    )


def listing(items: Iterable[bytes], cursor: str | None) -> bytes:
    """Join encoded items to a page."""
    return b'{"items":[' + b",".join(items) + b'],"next":' + encode(cursor) + b"}"


def moved(one: boards.Moved) -> resources.Moved:
    """Present what became of one pin of many."""
    return resources.Moved(
        pin=ids.to_text(one.pin),
        now=None if one.now is None else ids.to_text(one.now),
        problem=one.problem or None,
    )
