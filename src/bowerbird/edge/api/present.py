"""From what services know to what the outside sees: one function a resource."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, cast

import msgspec

from bowerbird.base import ids, times
from bowerbird.base.ids import Id
from bowerbird.contracts import boards, caller, graph, identity
from bowerbird.edge.api import resources
from bowerbird.edge.api.fragments import Fragment, Key
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.http.route import Reply

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


def pin(kit: Kit, shown: boards.Shown, saver: identity.User | None, viewer: Id | None) -> resources.Pin:
    """Present a pin to a viewer who was found to see it; `saver` is who saved it, if that may be named."""
    pin, on = shown.pin, shown.access.board
    return resources.Pin(
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
        board=board_ref(on),
        rights=shown.access.rights,
        saved_by=person(kit, saver) if saver else None,
    )


def pin_among(kit: Kit, shown: boards.Shown, people: Mapping[Id, identity.User], viewer: Id | None) -> resources.Pin:
    """Present a pin as `pin` does; `people` are those who may be named to the viewer."""
    return pin(kit, shown, people.get(shown.pin.saved_by) if shown.pin.saved_by else None, viewer)


def pin_key(shown: boards.Shown, saver: identity.User | None, viewer: Id | None, expiry_s: int) -> Key:
    """Return all that an encoded pin depends on; its version tells which board it is on, and who saved it."""
    pin, on = shown.pin, shown.access.board
    about = (pin.id, pin.version, on.version, on.generation, shown.access.rights, saver and saver.version)
    return about if on.visibility == "public" else (*about, viewer, expiry_s)


def pins(kit: Kit, shown: Sequence[boards.Shown], people: dict[Id, identity.User], viewer: Id | None) -> list[Fragment]:
    """Encode pins, each as `resources.Pin`, or take them from the fragments.

    `people` are those who may be named to this viewer.
    """
    expiry_s = kit.addresses.expiry_s()
    encoded: list[Fragment] = []
    for one in shown:
        saver = people.get(one.pin.saved_by) if one.pin.saved_by else None
        key = pin_key(one, saver, viewer, expiry_s)
        encoded.append(kit.fragments.get(key) or kit.fragments.put(key, encode(pin(kit, one, saver, viewer))))
    return encoded


def listing(items: Sequence[Fragment], cursor: str | None) -> Reply[Any]:
    """Answer with a page of encoded items."""
    end = b'],"next":' + encode(cursor) + b"}"
    body = b'{"items":[' + b",".join([item.data for item in items]) + end
    return Reply(body, digest=b"".join([item.digest for item in items]) + end)


def moved(one: boards.Moved) -> resources.Moved:
    """Present what became of one pin of many."""
    return resources.Moved(
        pin=ids.to_text(one.pin),
        now=None if one.now is None else ids.to_text(one.now),
        problem=one.problem or None,
    )
