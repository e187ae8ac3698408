"""Pages: every list is read a bounded page at a time, continued by a mark that the edge makes opaque."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import count
from typing import Annotated, Final, Generic, Protocol, TypeVar

import msgspec
from msgspec import Meta, Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.problems import Invalid

LIMIT_MAX: Final = 100
LIMIT: Final = 25
RANKED_MAX: Final = 300
"""How long a list becomes whose order may change from page to page."""

_BRIEF_BYTES: Final = 4

Item = TypeVar("Item")


class Page(Struct, Generic[Item], frozen=True, array_like=True):
    """Items in order, and where the next page begins: bytes that only the service reads; None at the end."""

    items: list[Item]
    next: bytes | None = None


class Continued(Protocol):
    """A page of any kind."""

    @property
    def next(self) -> bytes | None:
        """Where the next page begins; None at the end."""
        ...


Read = TypeVar("Read", bound=Continued)


async def pages(
    read: Callable[[bytes | None], Awaitable[Read]], *, pages_max: int | None = None
) -> AsyncIterator[Read]:
    """Yield the pages of a list, all of them without `pages_max`; `read` is told where one begins."""
    mark: bytes | None = None
    for _ in count() if pages_max is None else range(pages_max):
        page = await read(mark)
        yield page
        if (mark := page.next) is None:
            return


class Mark(Struct, frozen=True, array_like=True):
    """Where a page begins of a list whose order may change: what its first page began with, and what came since.

    `start`: a time, or a chance. `seen` is a few bytes for each item: whatever becomes of the order, none comes twice.
    """

    start: Annotated[int, Meta(ge=0, lt=1 << 62)]
    seen: Annotated[bytes, Meta(max_length=RANKED_MAX * _BRIEF_BYTES)] = b""

    def unseen(self, ids: Iterable[Id]) -> list[Id]:
        """Return those that were on no page before."""
        seen = {self.seen[at : at + _BRIEF_BYTES] for at in range(0, len(self.seen), _BRIEF_BYTES)}
        return [id_ for id_ in ids if _brief(id_) not in seen]

    @property
    def room(self) -> int:
        """Return how many more items may come."""
        return RANKED_MAX - len(self.seen) // _BRIEF_BYTES

    def after(self, page: Iterable[Id], *, more: bool) -> bytes | None:
        """Return the mark behind a page; None when nothing comes, or enough has."""
        mark = Mark(self.start, self.seen + b"".join(map(_brief, page)))
        return _encoder.encode(mark) if more and mark.room > 0 else None


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Mark)


def read_mark(after: bytes | None, start: int) -> Mark:
    """Read a mark; without one, return that of a first page which begins with `start`. Invalid (field cursor)."""
    if after is None:
        return Mark(start)
    try:
        return _decoder.decode(after)
    except msgspec.MsgspecError as error:
        raise Invalid("this cursor is not one of this list", field="cursor") from error


def _brief(id_: Id) -> bytes:
    return hashlib.blake2b(id_, digest_size=_BRIEF_BYTES).digest()
