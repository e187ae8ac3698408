"""Pure rules of the graph: what a follow and a block become, and the marks that continue a list."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.contracts.graph import Block, Follow
from bowerbird.contracts.problems import Invalid

PEOPLE_MAX = 500
"""How many people one call may ask about, and the longest page."""


class Mark(Struct, frozen=True, array_like=True):
    """A place in a list of ties; `version` counts in the map of followers alone."""

    at: Annotated[int, Meta(ge=0, le=1 << 62)]
    person: Annotated[bytes, Meta(min_length=16, max_length=16)]
    version: Annotated[int, Meta(ge=0, le=1 << 62)] = 0


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Mark)


def write_mark(mark: Mark) -> bytes:
    """Return a mark as pages carry it."""
    return _encoder.encode(mark)


def read_mark(after: bytes | None) -> Mark | None:
    """Read a mark that `write_mark` wrote; Invalid (field cursor) for anything else."""
    if after is None:
        return None
    try:
        return _decoder.decode(after)
    except msgspec.MsgspecError as error:
        raise Invalid("this cursor is not one of this list", field="cursor") from error


def page_limit(limit: int) -> int:
    """Return how many rows to read for a page."""
    return max(1, min(limit, PEOPLE_MAX))


def check_people(count: int) -> None:
    """Refuse to be asked about too many people at once: Invalid."""
    if count > PEOPLE_MAX:
        raise Invalid(f"at most {PEOPLE_MAX} people at once", field="people")


def followed(old: Follow | None, follower: Id, followee: Id, now_us: int) -> Follow:
    """Return the row of somebody who follows from now on."""
    version = old.version + 1 if old else 1
    return Follow(follower=follower, followee=followee, active=1, version=version, created_at=now_us)


def ended(follow: Follow) -> Follow:
    """Return the row of somebody who follows no longer."""
    return replace(follow, active=0, version=follow.version + 1)


def blocked(old: Block | None, person: Id, other: Id, now_us: int) -> Block:
    """Return the blocker's row from now on."""
    if old is None:
        return Block(person=person, other=other, made=1, received=0, version=1, created_at=now_us)
    return replace(old, made=1, version=old.version + 1, created_at=now_us)


def unblocked(old: Block) -> Block:
    """Return the row of somebody who blocks no longer."""
    return replace(old, made=0, version=old.version + 1)


def hides(block: Block | None) -> bool:
    """Return whether two people are invisible to each other."""
    return block is not None and bool(block.made or block.received)
