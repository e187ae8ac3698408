"""What many pages need beside their own things: people, and what stands between them and the viewer."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar

from bowerbird.base.ids import Id, from_digest, from_text
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import Access, Pin, Shown
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.graph import Relation
from bowerbird.contracts.identity import User
from bowerbird.contracts.problems import Invalid, NotFound
from bowerbird.edge.api import present, resources
from bowerbird.edge.api.inputs import PageQuery
from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.wide import Pictured
from bowerbird.edge.http.route import Request

Paged = TypeVar("Paged", bound=PageQuery)

_AT_ONCE: Final = 500
_PINS_AT_ONCE: Final = _AT_ONCE // 2
"""Each may name two people, and those are asked for together."""

_STRANGER = Relation(follows=False, blocked=False)


def thing_at(text: str) -> Id:
    """Return the id in a place of a path; NotFound when it is none, as for an id of nothing."""
    try:
        return from_text(text)
    except ValueError:
        raise NotFound("there is no such thing") from None


def thing_in(text: str, field: str) -> Id:
    """Return the id in a field of a body; Invalid when it is none."""
    try:
        return from_text(text)
    except ValueError:
        raise Invalid("this is no id", field=field) from None


async def person_at(kit: Kit, caller: Caller, text: str) -> Id:
    """Return whom `me`, an id or a handle names; whether they are there, and seen, is still to be asked.

    What names nobody gets an id that nobody has, so that it is asked after like those whom a block hides.
    Unauthenticated for `me`.
    """
    if text == "me":
        return caller.signed_in()
    try:
        return from_text(text)
    except ValueError:
        pass
    try:
        return await kit.identity.find(caller, text)
    except NotFound:
        return from_digest(kinds.USER, hashlib.sha256(text.encode(errors="replace")).digest())


async def relations(kit: Kit, viewer: Id | None, people: list[Id]) -> dict[Id, Relation]:
    """Return what stands between the viewer and each person; nothing does for a visitor."""
    if viewer is None or not people:
        return dict.fromkeys(people, _STRANGER)
    return dict(zip(people, await kit.graph.relations(viewer, people), strict=True))


async def people(kit: Kit, caller: Caller, wanted: Iterable[Id | None]) -> dict[Id, User]:
    """Return those who exist and whom the caller may see, by id."""
    ids = [id_ for id_ in dict.fromkeys(wanted) if id_ is not None]
    users = await kit.identity.people(caller, ids) if ids else []
    hidden = await kit.graph.blocked(caller.person, ids)
    return {user.id: user for user, hides in zip(users, hidden, strict=True) if user is not None and not hides}


async def people_and_ties(
    kit: Kit, caller: Caller, wanted: Iterable[Id | None]
) -> tuple[dict[Id, User], dict[Id, Relation]]:
    """Return those who exist, by id, blocked or not, and what stands between the caller and every one asked for."""
    ids = [id_ for id_ in dict.fromkeys(wanted) if id_ is not None]
    users = await kit.identity.people(caller, ids) if ids else []
    ties = await relations(kit, caller.person, ids)
    return {user.id: user for user in users if user is not None}, ties


async def visible_person(kit: Kit, caller: Caller, text: str) -> tuple[User, Relation]:
    """Return somebody by `me`, id or handle; NotFound alike for nobody and for those blocked either way."""
    id_ = await person_at(kit, caller, text)
    found, ties = await people_and_ties(kit, caller, [id_])
    if id_ not in found or ties[id_].blocked:
        raise NotFound("there is no such person", field="user")
    return found[id_], ties[id_]


async def visible_pins(kit: Kit, caller: Caller, ids: Iterable[Id]) -> tuple[list[Shown], dict[Id, User]]:
    """Return those of the pins that the caller may see now, each once, in order, and who may be named at them."""
    found: list[Shown] = []
    named: dict[Id, User] = {}
    for part in _parts(ids, _PINS_AT_ONCE):
        shown = [one for one in await kit.boards.pins(caller, part) if one is not None and not one.pin.trashed]
        named |= await people(kit, caller, [id_ for one in shown for id_ in (one.pin.saved_by, one.access.board.owner)])
        found += [one for one in shown if one.access.board.owner in named]
    return found, named


async def visible_pin(kit: Kit, caller: Caller, pin: Id) -> Shown:
    """Return a pin that the caller may see, where it is now; NotFound alike for none and for one that is not shown."""
    shown = await kit.boards.pin(caller, pin)
    await people_of(kit, caller, shown)
    return shown


async def people_of(kit: Kit, caller: Caller, shown: Shown) -> dict[Id, User]:
    """Return who may be named at a pin; NotFound when that is not even the owner of its board."""
    found = await people(kit, caller, [shown.access.board.owner, shown.pin.saved_by])
    if shown.access.board.owner not in found:
        raise NotFound("there is no such pin, or you may not see it")
    return found


async def visible_boards(kit: Kit, caller: Caller, ids: Iterable[Id]) -> tuple[list[Access], dict[Id, User]]:
    """Return those of the boards that the caller may see now, each once, in order, and their owners."""
    found: list[Access] = []
    owners: dict[Id, User] = {}
    for part in _parts(ids, _AT_ONCE):
        accesses = [access for access in await kit.boards.access(caller, part) if access is not None]
        owners |= await people(kit, caller, [access.board.owner for access in accesses])
        found += [access for access in accesses if access.board.owner in owners]
    return found, owners


def _parts(ids: Iterable[Id], size: int) -> Iterator[list[Id]]:
    """Yield ids, each once, in as many parts as services take them in."""
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]


async def pictured(kit: Kit, caller: Caller, shown: Sequence[Shown]) -> list[Pictured]:
    """Return up to 500 pins, each with its picture's perceptual hash."""
    media = list(dict.fromkeys(one.pin.media for one in shown if one.pin.media is not None))
    pictures = await kit.media.pictures(caller, media) if media else []
    hashes: dict[Id | None, bytes] = {picture.id: picture.phash for picture in pictures if picture is not None}
    return [Pictured(one, hashes.get(one.pin.media, b"")) for one in shown]


async def board_list(kit: Kit, caller: Caller, accesses: list[Access]) -> list[resources.Board]:
    """Hydrate boards that the caller was found to see, with owners and covers in one batch each, and present them."""
    owners = await people(kit, caller, [access.board.owner for access in accesses])
    kept = [access for access in accesses if access.board.owner in owners]
    covers: list[list[Pin]] = await kit.boards.covers(caller, [access.board.id for access in kept]) if kept else []
    return [
        present.board(kit, access, owners[access.board.owner], cover, caller.person)
        for access, cover in zip(kept, covers, strict=True)
    ]


def mark_of(kit: Kit, request: Request[None, Paged], which: str = "") -> bytes | None:
    """Return where the page that the request's cursor asks for begins."""
    return kit.cursors.read(request.query.cursor, request.caller.person, request.path + which)


def cursor_to(kit: Kit, request: Request[None, Paged], mark: bytes | None, which: str = "") -> str | None:
    """Return the cursor of the page that begins at the mark."""
    return kit.cursors.write(mark, request.caller.person, request.path + which)
