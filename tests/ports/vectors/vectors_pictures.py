"""Pictures whose cosines are known, and the shortest ways to put and find them, for the vectors suite."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bowerbird.base.ids import Id
from bowerbird.ports.vectors import DIMENSIONS, LIMIT_MAX, Near, Picture, Vectors

SPACE = "lite0-1"
WITHIN = 0.01


def some_id(number: int) -> Id:
    return Id(number.to_bytes(16, "big"))


MINE, YOURS, NOBODYS = some_id(1 << 40), some_id(2 << 40), some_id(3 << 40)


@cache
def spot(number: int) -> NDArray[np.float32]:
    """Return a point of its own for each number; any two are nearly at right angles."""
    return _unit(np.random.default_rng(number).standard_normal(DIMENSIONS))


def near(number: int, cosine: float, way: int = 0) -> NDArray[np.float32]:
    """Return a point at a cosine from `spot(number)`, in one of many directions from there."""
    at, aside = spot(number).astype(np.float64), spot(1_000_003 * (number + 1) + way).astype(np.float64)
    aside -= (aside @ at) * at
    aside /= np.linalg.norm(aside)
    return _unit(cosine * at + np.sqrt(1 - cosine * cosine) * aside)


def packed(*vectors: NDArray[np.float32]) -> bytes:
    return np.stack(vectors).astype("<f2").tobytes()


def unpacked(views: bytes) -> NDArray[np.float32]:
    """Return vectors, shape (views, DIMENSIONS)."""
    return np.frombuffer(views, "<f2").astype(np.float32).reshape(-1, DIMENSIONS)


def picture(pin: int, *vectors: NDArray[np.float32], partition: Id = YOURS, public: bool = True) -> Picture:
    """Return a pin's picture; without vectors it is at the spot of its number."""
    return Picture(some_id(pin), partition, public, packed(*(vectors or (spot(pin),))))


async def put(vectors: Vectors, pictures: Sequence[Picture], space: str = SPACE) -> None:
    """Put any number of pictures."""
    for start in range(0, len(pictures), 200):
        await vectors.put(space, pictures[start : start + 200])


async def found(
    vectors: Vectors,
    query: NDArray[np.float32],
    limit: int = LIMIT_MAX,
    floor: float = -1.0,
    *,
    public: bool = True,
    partitions: Sequence[Id] = (),
    space: str = SPACE,
) -> list[int]:
    """Return the numbers of the pins that are found, best first."""
    nears = await vectors.nearest(space, packed(query), limit, floor, public=public, partitions=partitions)
    return numbers(nears)


def numbers(nears: Sequence[Near]) -> list[int]:
    return [int.from_bytes(one.pin, "big") for one in nears]


def _unit(vector: NDArray[np.floating]) -> NDArray[np.float32]:
    return (vector / np.linalg.norm(vector)).astype(np.float32)
