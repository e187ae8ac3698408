"""Vectors: pictures of pins as points, several a picture, and those that lie nearest to a given one.

A space holds what one version of the embedding made. A new version fills a space of its own, named by itself, while
the old one answers; then the old one is dropped.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent, slow
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset

DIMENSIONS: Final = 320
VECTOR_BYTES: Final = 2 * DIMENSIONS
"""A vector is DIMENSIONS numbers of 16 bits (IEEE half precision, little-endian), of length 1 (within a hundredth)."""

VIEWS_MAX: Final = 6
PICTURES_MAX: Final = 200
PINS_MAX: Final = 1000
PARTITIONS_MAX: Final = 1000
LIMIT_MAX: Final = 200
SPACES_MAX: Final = 4
SPACE_PATTERN: Final = "[a-z0-9][a-z0-9._-]{0,63}"


class Picture(Struct, frozen=True, array_like=True):
    """A pin's picture. `views`: 1 to VIEWS_MAX vectors, one behind another, of the whole of it and of parts.

    `partition`: among which it is found by those who may see it, public or not; usually its board.
    """

    pin: Id
    partition: Id
    public: bool
    views: bytes


class Near(Struct, frozen=True, array_like=True):
    """A pin that was found: the cosine of its nearest view, within a hundredth."""

    pin: Id
    cosine: float


class Counts(Struct, frozen=True, array_like=True):
    """What a space holds: `fresh` views are not in the graph yet, and found without it; `bytes` are on the disk."""

    pins: int
    public_pins: int
    views: int
    fresh: int
    bytes: int


class VectorWrites(Protocol):
    """The writing half: what crosses to the one writer.

    What is written before a read begins, that read sees, in whatever process. What outlasts a crash is a beginning of
    what was written, all of it where only the process died: `applied` is remembered with the data, behind it, and never
    goes back. What breaks a bound is a ValueError; an engine that is away, or has too much to do, EngineUnavailable.
    """

    @idempotent
    async def put(self, space: str, pictures: Sequence[Picture], applied: Sequence[Offset] = ()) -> None:
        """Put up to PICTURES_MAX pictures; one that is there for the pin gives way, wherever it was.

        The first put makes the space, also one of no pictures; of more than SPACES_MAX, ValueError. Of two pictures of
        one pin the later in `pictures` counts.
        """
        ...

    @idempotent
    async def move(
        self, space: str, pins: Sequence[Id], partition: Id, *, public: bool, applied: Sequence[Offset] = ()
    ) -> None:
        """Move up to PINS_MAX pins to another partition, make them public, or private; absent ones are ignored."""
        ...

    @idempotent
    async def remove(self, space: str, pins: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        """Take up to PINS_MAX pins out; absent ones are ignored."""
        ...

    @idempotent
    @slow
    async def drop(self, space: str) -> None:
        """Forget a space with all that is in it; nothing happens where there is none."""
        ...


class Vectors(VectorWrites, Protocol):
    """A projection: it can be dropped and built again, from the log and the pictures.

    A space that is not there is empty, and what is moved or removed there is ignored. What is private has no part in
    what is found among what is public: neither in what is found, nor in its order.
    """

    @idempotent
    async def nearest(
        self,
        space: str,
        views: bytes,
        limit: int,
        floor: float,
        *,
        public: bool,
        partitions: Sequence[Id] = (),
    ) -> list[Near]:
        """Return up to `limit` (1 to LIMIT_MAX) pins with the highest cosine to any of `views`, best first.

        `views`: 1 to VIEWS_MAX vectors, one behind another. None is returned below `floor` (-1 to 1). Found are pins of
        up to PARTITIONS_MAX partitions, each of them, and with `public` the public ones too, of which a few may be
        missed. Pins of the same cosine come in the order of their ids.
        """
        ...

    @idempotent
    async def views(self, space: str, pins: Sequence[Id]) -> list[bytes | None]:
        """Return the vectors of up to PINS_MAX pins, each within a hundredth of what was put; None for absent ones."""
        ...

    @idempotent
    async def spaces(self) -> list[str]:
        """Return the names of all spaces, in order."""
        ...

    @idempotent
    async def counts(self, space: str) -> Counts:
        """Return how much a space holds."""
        ...

    @idempotent
    async def applied(self, space: str) -> list[Offset]:
        """Return the offsets stored with the data, by partition of the log."""
        ...
