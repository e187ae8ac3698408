"""Engines that let others in: before and after each call the caller stands aside for as many turns as chance picks.

What runs side by side meets in every order that the loop can bring about, and the same seed brings it about again.
"""

import asyncio
from random import Random
from typing import Any, TypeVar

Engine = TypeVar("Engine")


class Pauses:
    """How long callers stand aside: up to `turns_max` turns of the loop, by a seeded chance."""

    def __init__(self, chance: Random, turns_max: int = 3) -> None:
        self._chance = chance
        self.turns_max = turns_max

    async def __call__(self) -> None:
        for _ in range(self._chance.randint(0, self.turns_max)):
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


def pausing(engine: Engine, pauses: Pauses | None) -> Engine:
    """Return the engine with pauses around each call; the same engine without."""
    stand_in: Any = engine if pauses is None else _Pausing(engine, pauses)
    return stand_in
