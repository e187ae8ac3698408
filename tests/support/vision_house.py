"""A house with people whose pins show pictures, eyes whose model a test changes, and what is found alike."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from typing_extensions import override

from bowerbird.app.sections import Settings
from bowerbird.base.ids import Id
from bowerbird.contracts.boards import NewPin
from bowerbird.contracts.caller import NOBODY, Caller
from bowerbird.contracts.media import Picture
from bowerbird.contracts.vision import Box, Label, Labelled, Looked
from bowerbird.ports import embedder as eyes
from bowerbird.ports.blobs import LIST_MAX
from bowerbird.ports.embedder import Embedded, NoModel
from bowerbird.services.vision.store import LABELLED, Store
from tests.support import house as houses
from tests.support.eyes import Eyes
from tests.support.house import House, by, open_house
from tests.support.post_office import PostOffice

EVERYWHERE = 100


class Moody(Eyes):
    """Eyes of which a test chooses the model (None: there is none), and that may be in `trouble`.

    Each model has a way of its own to see; `before` is done before the next look. `boxes`: of each look, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.model: str | None = "eyes-1"
        self.trouble: Exception | None = None
        self.before: list[Callable[[], Awaitable[object]]] = []
        self.boxes: list[list[eyes.Box]] = []

    @override
    async def version(self) -> str:
        if self.model is None:
            raise NoModel("there is none, as planned")
        return self.model

    @override
    async def embed(self, data: bytes, boxes: list[eyes.Box]) -> Embedded:
        version = await self.version()
        if self.trouble is not None:
            raise self.trouble
        hooks, self.before = self.before, []
        for hook in hooks:
            await hook()
        self.boxes.append(boxes)
        seen = await super().embed(data, boxes)
        return replace(seen, version=version, vectors=[_turned(each, version) for each in seen.vectors])


def _turned(vector: bytes, version: str) -> bytes:
    return np.roll(np.frombuffer(vector, "<f2"), 7 * len(version) + ord(version[-1])).tobytes()


@dataclass
class Gallery:
    """The house; `eyes` are those of all its processes, moody unless it was opened otherwise."""

    house: House
    eyes: Moody = field(init=False)
    office: PostOffice = field(init=False)

    def __post_init__(self) -> None:
        seeing: Any = self.house.engines.embedder
        self.eyes = seeing
        self.office = PostOffice(self.house, Random(0))
        self.boards = self.house.services.boards
        self.vision = self.house.services.vision

    @property
    def store(self) -> Store:
        """Return a store of vision's on the same engines."""
        e = self.house.engines
        return Store(e.vectors, e.embedder, e.likeness, e.records, e.keys, self.house.world)

    async def board(self, person: Id, visibility: str = "public") -> Id:
        """Make a board."""
        return (await self.boards.create(by(person), "A board", "", visibility)).id

    async def pin(self, person: Id, board: Id, data: bytes) -> Id:
        """Save a picture."""
        photo = await self.house.photo(person, data)
        return (await self.boards.save_pin(by(person), board, NewPin(upload=photo))).pin.id

    async def picture(self, pin: Id, person: Id) -> Picture:
        """Return a pin's picture."""
        media = (await self.boards.pin(by(person), pin)).pin.media
        [picture] = await self.house.services.media.pictures(by(person), [media or Id(b"")])
        assert picture is not None
        return picture

    async def look(self, person: Id | None, pin: Id, box: Box | None = None) -> Looked:
        """Return what somebody finds who looks at a pin."""
        return await self.vision.look(caller(person), pin, box, EVERYWHERE)

    async def finds(self, person: Id | None, pin: Id) -> list[Id]:
        """Return the pins that somebody finds like one, the likest first."""
        return [one.pin for one in (await self.look(person, pin)).alike]

    async def labels(self, *pins: Id) -> list[list[Label]]:
        """Return what is seen in pins."""
        return await self.vision.labels(NOBODY, pins)

    async def rows(self, *pins: Id) -> list[Labelled | None]:
        """Return the rows of pins."""
        return await self.house.engines.records.get(LABELLED, [(pin,) for pin in pins])

    async def spaces(self) -> list[str]:
        """Return the versions of the spaces that there are, the oldest first."""
        return [space.version for space in await self.store.spaces()]

    async def stored(self) -> list[str]:
        """Return the keys of all blobs."""
        blobs = self.house.engines.blobs
        return [stat.key for prefix in ("uploads/", "pictures/") for stat in await blobs.list(prefix, "", LIST_MAX)]

    async def sweep(self) -> int:
        """Do a step of what is done with time."""
        [refill] = [sweep for sweep in self.house.wired.sweeps if sweep.name == "vision.refill"]
        return await refill.step()


def caller(person: Id | None) -> Caller:
    """Return the caller that somebody, or nobody, is."""
    return NOBODY if person is None else by(person)


def names(labels: Sequence[Label]) -> list[str]:
    """Return what labels say."""
    return [label.name for label in labels]


@asynccontextmanager
async def open_gallery(folder: Path, settings: Settings | None = None, **options: Any) -> AsyncGenerator[Gallery]:  # noqa: ANN401 - those of a house
    """Open a house whose eyes are moody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(houses, "Eyes", Moody)
        async with open_house(folder, settings, **options) as house:
            yield Gallery(house)
