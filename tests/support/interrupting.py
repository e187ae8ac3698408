"""Engines at whose every call something else can be made to happen first: the interleavings, one after another."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bowerbird.adapters.sqlite.keys import SqliteKeys

Engine = TypeVar("Engine")
Action = Callable[[], Awaitable[None]]


class Interruption:
    """What happens before call number `at` of those made while it is armed (0: the next)."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._action: Action | None = None

    def arm(self, at: int, action: Action) -> None:
        """Let something happen before a call."""
        self._left, self._action = at, action

    def disarm(self) -> bool:
        """Return whether it has happened; it does not any more."""
        happened, self._left = self._left is None, None
        return happened

    async def __call__(self) -> None:
        if self._left is None or self._action is None:
            return
        self._left -= 1
        if self._left < 0:
            self._left = None
            await self._action()


class _Interrupted:
    """Stands in front of an engine."""

    def __init__(self, engine: object, interruption: Interruption) -> None:
        self._engine = engine
        self._interruption = interruption

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the engine has
        method = getattr(self._engine, name)

        async def call(*args: object, **kwargs: object) -> object:
            await self._interruption()
            return await method(*args, **kwargs)

        return call


def interrupted(engine: Engine, interruption: Interruption) -> Engine:
    """Return the engine with the interruption before each call.

    Keys are as they are: what comes before they are asked and what comes before the next call is the same.
    """
    if isinstance(engine, SqliteKeys):
        return engine
    stand_in: Any = _Interrupted(engine, interruption)
    return stand_in
