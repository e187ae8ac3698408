"""Engines that let others in: before and after each call the caller stands aside for as many turns as chance picks.

What runs side by side meets in every order that the loop can bring about, and the same seed brings it about again.
"""

import asyncio
from random import Random
from typing import Any, TypeVar

Engine = TypeVar("Engine")

_TURNS_MAX = (2, 20, 300)
_WEIGHTS = (85, 12, 3)


class Pauses:
    """How long callers stand aside, by a seeded chance: mostly for a turn or two, seldom for as long as others need."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    async def __call__(self) -> None:
        for _ in range(self._chance.randint(0, self._chance.choices(_TURNS_MAX, _WEIGHTS)[0])):
            await asyncio.sleep(0)


class _Pausing:
    """Stands in front of an engine."""

    def __init__(self, engine: object, pauses: Pauses) -> None:
        self._engine = engine
        self._pauses = pauses

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the engine has
        method = getattr(self._engine, name)

        async def call(*args: object, **kwargs: object) -> object:
            await self._pauses()
            try:
                return await method(*args, **kwargs)
            finally:
                await self._pauses()

        return call


def pausing(engine: Engine, pauses: Pauses) -> Engine:
    """Return the engine with pauses around each call."""
    stand_in: Any = _Pausing(engine, pauses)
    return stand_in
