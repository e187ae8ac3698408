"""Saves and sights for the suite of tastes, and all that can be read of them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from bowerbird.base.ids import Id
from bowerbird.ports.tastes import PAGE_MAX, Mark, Save, Sight, Tastes

Look = TypeVar("Look")


def some_id(letter: str, number: int) -> Id:
    """Return an id that tells what it is of."""
    return Id(letter.encode() + number.to_bytes(15, "big"))


def pin(number: int) -> Id:
    return some_id("p", number)


def thing(number: int) -> Id:
    return some_id("t", number)


def person(number: int) -> Id:
    return some_id("u", number)


def board(number: int) -> Id:
    return some_id("b", number)


def save(
    number: int,
    *,
    of: int | None = None,
    by: int | None = 1,
    on: int = 1,
    at: int | None = None,
    public: bool = True,
) -> Save:
    """Return a save of a pin, whose thing and time, unless they are told, are numbered as the pin."""
    return Save(
        pin(number),
        thing(number if of is None else of),
        None if by is None else person(by),
        board(on),
        number if at is None else at,
        public,
    )


def sight(of: int, at: int, by: int = 1) -> Sight:
    return Sight(person(by), thing(of), at)


def mark(one: Save) -> Mark:
    return Mark(one.at, one.pin)


def newest_first(saves: Iterable[Save]) -> list[Save]:
    return sorted(saves, key=lambda one: (one.at, one.pin), reverse=True)


async def by_person(tastes: Tastes, number: int = 1) -> list[Save]:
    return await tastes.of_person(person(number), None, PAGE_MAX)


async def on(tastes: Tastes, number: int = 1) -> list[Save]:
    return await tastes.of_board(board(number), None, PAGE_MAX)


async def held(tastes: Tastes, things: Sequence[int]) -> list[Save]:
    """Return the newest public save of each of some things that has one."""
    return [one for some in await tastes.holding([thing(number) for number in things], 1) for one in some]


async def looks(during: Coroutine[Any, Any, None], look: Callable[[], Awaitable[Look]]) -> list[Look]:
    """Return what is seen, again and again, while something is done, and at its end."""
    doing = asyncio.ensure_future(during)
    seen: list[Look] = []
    try:
        while not doing.done():
            seen.append(await look())
            await asyncio.sleep(0)
    finally:
        await doing
    return [*seen, await look()]
