"""Things, boards and changes for the suite of walks, and what is asked of it most."""

from collections.abc import Iterable, Sequence

from bowerbird.base.ids import Id
from bowerbird.ports.walks import Bias, Described, Edge, Found, Saved, Unsaved, Walk, Walks, Wish

DAY_US = 86_400_000_000
TODAY = 20_000 * DAY_US


def thing(number: int) -> Id:
    """Return a thing; the id ends with zeros, which arrays of bytes are careless about."""
    return Id(number.to_bytes(8, "big") + bytes(8))


def board(number: int) -> Id:
    """Return a board."""
    return Id(bytes(8) + number.to_bytes(8, "big"))


def saves(boards: Sequence[Iterable[int]], at: int = TODAY) -> list[Saved]:
    """Return what puts things on boards, which are numbered from 0."""
    return [Saved(thing(one), board(number), at) for number, things in enumerate(boards) for one in things]


def unsaved(number: int, on: int) -> Unsaved:
    """Return what takes a thing off a board."""
    return Unsaved(thing(number), board(on))


def described(number: int, topic: int, language: str = "") -> Described:
    """Return what tells of a thing."""
    return Described(thing(number), topic, language)


def asked(
    *query: int,
    seed: int = 1,
    own: Iterable[tuple[int, int]] = (),
    bias: Bias | None = None,
    steps_max: int = 20_000,
    things_max: int = 100,
    boards_max: int = 0,
) -> Walk:
    """Return a walk from things."""
    return Walk(
        query=[Wish(thing(one)) for one in query],
        seed=seed,
        own=[Edge(thing(one), board(on)) for one, on in own],
        bias=bias or Bias(),
        steps_max=steps_max,
        things_max=things_max,
        boards_max=boards_max,
    )


async def found(walks: Walks, *query: int) -> set[int]:
    """Return the things that a long walk finds."""
    return {number(one.id) for one in (await walks.walk(asked(*query))).things}


def scores(answer: Found) -> dict[int, float]:
    """Return the score of each thing."""
    return {number(one.id): one.score for one in answer.things}


def number(id_: Id) -> int:
    """Return which thing or board it is."""
    return int.from_bytes(id_, "big") >> 64 or int.from_bytes(id_, "big")
