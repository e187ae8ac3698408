"""What was seen: vectors in spaces, rows with labels, and the eyes themselves; the only file that touches ports."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from bowerbird.base.ids import Id
from bowerbird.base.outgoing import Outgoing
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.events import outgoing
from bowerbird.contracts.problems import Invalid, Unavailable
from bowerbird.contracts.vision import Alike, Box, Label, Labelled
from bowerbird.ports import embedder as eyes
from bowerbird.ports.embedder import ASKED, VIEWS, BoxRefused, Embedder, NoModel
from bowerbird.ports.keys import Keys
from bowerbird.ports.likeness import OTHERS_MAX, POINTS_MIN, Likeness
from bowerbird.ports.log import Offset
from bowerbird.ports.pictures import PictureRefused, PicturesBusy
from bowerbird.ports.records import Conflict, EngineUnavailable, Records
from bowerbird.ports.tables import Index, Op, Table
from bowerbird.ports.vectors import DIMENSIONS, PARTITIONS_MAX, VECTOR_BYTES, VIEWS_MAX, Picture, Vectors
from bowerbird.services.vision.model import Scope, Seen, Space, Spot, Unseen, read_spaces

LABELLED: Final = Table(
    "labelled",
    Labelled,
    key=("pin",),
    indexes={"media": Index(("media",)), "age": Index(("at",), sweep=True)},
)
TABLES: Final[tuple[Table[Any], ...]] = (LABELLED,)

BOARDS_MAX: Final = PARTITIONS_MAX
HELD_MAX: Final = OTHERS_MAX
SAME_POINTS_MIN: Final = POINTS_MIN

_ASKED_AT: Final = tuple(VIEWS.index(box) * VECTOR_BYTES for box in ASKED)
"""Where among the views that are kept of a picture those lie that are asked for one like it."""


class Store:
    """What is written in one process the others' next read sees."""

    def __init__(
        self, vectors: Vectors, embedder: Embedder, likeness: Likeness, records: Records, keys: Keys, world: World
    ) -> None:
        self._vectors = vectors
        self._embedder = embedder
        self._likeness = likeness
        self._records = records
        self._keys = keys
        self._world = world
        self._making = asyncio.Lock()

    async def see(self, data: bytes) -> Seen:
        """Look at a picture that is to be found. Unseen, Unavailable."""
        return await self._seen(data, list(VIEWS))

    async def ask(self, data: bytes, box: Box | None) -> Seen:
        """Look at a picture, or a box of it, for which others are to be found. Unseen, Invalid, Unavailable."""
        boxes = list(ASKED) if box is None else [eyes.Box(box.x, box.y, box.width, box.height)]
        return await self._seen(data, boxes)

    async def _seen(self, data: bytes, boxes: list[eyes.Box]) -> Seen:
        with _engines():
            seen = await self._embedder.embed(data, boxes)
        if any(len(vector) != VECTOR_BYTES for vector in seen.vectors):
            raise Unavailable(f"the model that sees pictures does not make {DIMENSIONS} numbers of each")
        labels = [Label(label.id, label.name, label.probability) for label in seen.labels]
        return Seen(seen.version, b"".join(seen.vectors), labels)

    async def agreeing(self, one: bytes, others: Sequence[bytes]) -> list[int]:
        """Return in how many points each of up to HELD_MAX pictures agrees with one. Unseen, Unavailable."""
        with _engines():
            return await self._likeness.same(one, list(others)) if others else []

    async def spaces(self) -> list[Space]:
        """Return the spaces: the first answers, the last is filled."""
        with _engines():
            return read_spaces(await self._vectors.spaces())

    async def present(self) -> Space:
        """Return the space that is filled: of the model that is there now, made if there is none. Unavailable."""
        async with self._making:
            with _engines():
                version = await self._embedder.version()
            spaces = await self.spaces()
            return spaces[-1] if spaces and spaces[-1].version == version else await self._make(version, spaces)

    async def again(self) -> Space:
        """Have all pictures looked at again, by the model that is there now: make a space, which the sweep fills."""
        async with self._making:
            with _engines():
                version = await self._embedder.version()
            return await self._make(version, await self.spaces())

    async def _make(self, version: str, spaces: Sequence[Space]) -> Space:
        """Make a space to be filled in the place of any other that is filled and has never answered."""
        made = Space(max([self._world.now_us(), *(space.made_us + 1 for space in spaces)]), version)
        with _engines():
            for space in spaces[1:]:
                await self._vectors.drop(space.name)
            await self._vectors.put(made.name, [])
        return made

    async def finish(self, filled: Space) -> None:
        """Let a space answer that has all, up to where the log is in those before it, and drop these."""
        with _engines():
            before = [space for space in await self.spaces() if space.made_us < filled.made_us]
            for space in before[:1]:
                await self._vectors.put(filled.name, [], await self._vectors.applied(space.name))
            for space in before:
                await self._vectors.drop(space.name)

    async def progress(self) -> tuple[int, int]:
        """Return of how many pins the last space has the pictures, and of how many the first: it has to get as many."""
        with _engines():
            counts = [await self._vectors.counts(space.name) for space in await self.spaces()]
        return (counts[-1].pins, counts[0].pins) if counts else (0, 0)

    async def put(self, pin: Id, spot: Spot, seen: Seen) -> None:
        """Put a pin's picture into all spaces of the version by which it was seen."""
        picture = Picture(pin, spot.board, spot.public, seen.views)
        with _engines():
            for space in await self.spaces():
                if space.version == seen.version:
                    await self._vectors.put(space.name, [picture])

    async def move(self, pins: Sequence[Id], board: Id, *, public: bool) -> None:
        """Have those pins that are known found on a board, by everybody or not, in all spaces."""
        with _engines():
            for space in await self.spaces():
                await self._vectors.move(space.name, pins, board, public=public)

    async def remove(self, pins: Sequence[Id]) -> None:
        """Have pins not found any more, in any space."""
        with _engines():
            for space in await self.spaces() if pins else []:
                await self._vectors.remove(space.name, pins)

    async def standing(self, space: Space, pins: Sequence[Id]) -> set[Id]:
        """Return those of some pins that a space has."""
        with _engines():
            kept = await self._vectors.views(space.name, pins)
        return {pin for pin, views in zip(pins, kept, strict=True) if views is not None}

    async def asked(self, space: Space, pins: Sequence[Id]) -> list[bytes]:
        """Return what is asked for pictures like those of some pins, of each that a space has."""
        with _engines():
            kept = await self._vectors.views(space.name, pins)
        return [b"".join(views[at : at + VECTOR_BYTES] for at in _ASKED_AT) for views in kept if views is not None]

    async def nearest(self, space: Space, asked: bytes, scope: Scope, limit: int, floor: float) -> list[Alike]:
        """Return the pins nearest to what is asked, best first."""
        step, found = VIEWS_MAX * VECTOR_BYTES, list[Alike]()
        with _engines():
            for start in range(0, len(asked), step):
                near = await self._vectors.nearest(
                    space.name,
                    asked[start : start + step],
                    limit,
                    floor,
                    public=scope.public,
                    partitions=scope.boards[:BOARDS_MAX],
                )
                found += [Alike(one.pin, one.cosine) for one in near]
        return found

    async def labelled(self, pins: Sequence[Id]) -> list[Labelled | None]:
        """Return what was seen in the pictures of up to 500 pins, in order."""
        with _engines():
            return await self._records.get(LABELLED, [(pin,) for pin in pins]) if pins else []

    async def showing(self, media: Id, limit: int) -> list[Id]:
        """Return some pins in which a picture was seen."""
        with _engines():
            return [row.pin for row in await self._records.scan(LABELLED, "media", (media,), limit=limit)]

    async def due(self, space: Space, limit: int) -> list[Labelled]:
        """Return some of what was seen before a space was made."""
        with _engines():
            return await self._records.sweep(LABELLED, "age", space.made_us, limit)

    async def note(self, caller: Caller, old: Labelled | None, new: Labelled) -> bool:
        """Write what was seen, and tell of it; return False if the row is not the old one any more.

        Nothing is kept of somebody erased.
        """
        with _engines():
            [key] = await self._keys.get([new.owner])
        if key is None:
            await self.forget([new.pin])
            return True
        op = LABELLED.insert(new) if old is None else LABELLED.replace(new, {"version": old.version})
        try:
            await self._commit([op], [outgoing(self._world, caller, "pin_labelled", new, key)])
        except Conflict:
            return False
        return True

    async def forget(self, pins: Sequence[Id]) -> None:
        """Remove the rows of pins that are no more; whoever hears that they are purged knows it."""
        for pin in pins:
            await self._commit([LABELLED.delete((pin,))], [])

    async def _commit(self, ops: Sequence[Op], events: Sequence[Outgoing]) -> None:
        with _engines():
            await self._records.commit(ops, events)

    async def checkpoint(self, offsets: Sequence[Offset]) -> None:
        """Remember up to where the log is in the vectors.

        A space that is being filled is told only when it is full: else whoever begins after a loss of power would not
        hear again of what was lost.
        """
        spaces = await self.spaces()
        with _engines():
            if spaces:
                await self._vectors.put(spaces[0].name, [], offsets)

    async def applied(self) -> list[Offset]:
        """Return up to where the log is in the vectors, in all spaces: one that is being filled was not told yet."""
        spaces = await self.spaces()
        with _engines():
            return await self._vectors.applied(spaces[-1].name) if spaces else []


@contextmanager
def _engines() -> Generator[None]:
    """Turn what engines say of themselves into what services say."""
    try:
        yield
    except NoModel as error:
        raise Unavailable("there is no model to see pictures with", retry_after_s=60) from error
    except PicturesBusy as error:
        raise Unavailable("too many pictures are being looked at", retry_after_s=2) from error
    except EngineUnavailable as error:
        raise Unavailable("what pictures look like cannot be read or written now", retry_after_s=1) from error
    except BoxRefused as error:
        raise Invalid(str(error), field="box") from error
    except PictureRefused as error:
        if error.reason == "too-slow":
            # All renditions take about as long: it is the machine that has no time now, and another try finds it.
            raise Unavailable("pictures take too long to look at now", retry_after_s=5) from error
        raise Unseen(error.reason) from error
