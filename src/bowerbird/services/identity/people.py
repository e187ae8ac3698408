"""Who there is: by id, by name, and all of them."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from bowerbird.base import ids
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import ADMIN, Caller
from bowerbird.contracts.identity import User
from bowerbird.contracts.paging import Page
from bowerbird.contracts.problems import Forbidden, Invalid, NotFound
from bowerbird.services.identity import model
from bowerbird.services.identity.kit import Kit

_ID_LENGTH: Final = 36


class Mark(Struct, frozen=True, array_like=True):
    """A place on the list of everybody."""

    part: Annotated[int, Meta(ge=0, lt=model.BUCKETS)]
    user: Annotated[Id, Meta(min_length=16, max_length=16)] | None


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Mark)


async def people(kit: Kit, caller: Caller, wanted: Sequence[Id]) -> list[User | None]:
    """As the contract's `people`."""
    caller.reader()
    if len(wanted) > model.PEOPLE_MAX:
        raise Invalid(f"at most {model.PEOPLE_MAX} people at once", field="ids")
    return [user if user and user.deleted_at is None else None for user in await kit.store.users(wanted)]


async def find(kit: Kit, caller: Caller, name: str) -> Id:
    """As the contract's `find`."""
    caller.reader()
    user = await kit.store.user(await _named(kit, name))
    if user is None or user.deleted_at is not None:
        raise NotFound("there is no such person", field="user")
    return user.id


async def _named(kit: Kit, name: str) -> Id:
    """Return whom a name names; one that names nobody costs as much, and gets an id that nobody has."""
    wanted = model.claim_id("handle", name)
    if len(name) == _ID_LENGTH:
        try:
            return ids.from_text(name)
        except ValueError:
            return model.nobody(wanted)
    claim = await kit.store.claim(wanted)
    return claim.user if claim else model.nobody(wanted)


async def email_of(kit: Kit, caller: Caller) -> str:
    """As the contract's `email_of`."""
    credential = await kit.store.credential(caller.signed_in())
    if credential is None:
        raise NotFound("there is no such person")
    return credential.email


async def everybody(kit: Kit, caller: Caller, after: bytes | None, limit: int) -> Page[User]:
    """As the contract's `everybody`."""
    if not caller.system:
        caller.signed_in()
        if not caller.scopes & ADMIN:
            raise Forbidden("only administrators may list everybody")
    wanted = max(1, min(limit, model.PEOPLE_MAX))
    listed, mark = await _listed(kit, read_mark(after), wanted)
    users = await kit.store.users(listed)
    present = [user for user in users if user is not None and user.deleted_at is None]
    return Page(present, _encoder.encode(mark) if mark else None)


async def _listed(kit: Kit, mark: Mark, wanted: int) -> tuple[list[Id], Mark | None]:
    """Return up to `wanted` people behind the mark, part by part, and the mark behind them."""
    found: list[Id] = []
    for part in range(mark.part, model.BUCKETS):
        after = mark.user if part == mark.part else None
        found += await kit.store.listed(part, after, wanted - len(found))
        if len(found) == wanted:
            return found, Mark(part, found[-1])
    return found, None


def read_mark(after: bytes | None) -> Mark:
    """Read a mark of the list of everybody; Invalid (field cursor) when it is none."""
    if after is None:
        return Mark(0, None)
    try:
        return _decoder.decode(after)
    except msgspec.MsgspecError as error:
        raise Invalid("this cursor is not one of this list", field="cursor") from error
