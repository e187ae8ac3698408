"""Engines that a test sends away, breaks at one call, or steps in front of, call by call."""

from collections.abc import AsyncIterator, Awaitable, Callable
from inspect import isasyncgenfunction
from random import Random
from typing import Any, Literal, TypeVar

from bowerbird.ports.pictures import PicturesBusy
from bowerbird.ports.records import EngineUnavailable
from tests.support.pausing import Pauses

Engine = TypeVar("Engine")
Action = Callable[[], Awaitable[object]]
When = Literal["before", "after"]


class Crash(Exception):  # noqa: N818 - what happens to a process
    """The process ends here, as far as whoever made the call can tell."""


class Trouble:
    """What befalls calls. `away`: engines, or single methods ("records.commit"), that cannot be reached."""

    def __init__(self) -> None:
        self.away: set[str] = set()
        self._pauses: Pauses | None = None
        self._left: int | None = None
        self._when: When = "before"
        self._action: Action | None = None

    def arm(self, at: int, action: Action, when: When = "before") -> None:
        """Let something happen before or after call number `at` of those that follow (0: the next)."""
        self._left, self._when, self._action = at, when, action

    def disarm(self) -> bool:
        """Return whether it has happened; it does not any more."""
        happened, self._left = self._left is None, None
        return happened

    def pause(self, seed: int) -> None:
        """From now on let others in before each call."""
        self._pauses = Pauses(Random(seed))

    async def before(self, engine: str, method: str) -> None:
        """Meet a call."""
        if self._pauses is not None:
            await self._pauses()
        if self.away & {engine, f"{engine}.{method}"}:
            raise PicturesBusy if engine == "pictures" else EngineUnavailable(f"{engine} is away, as planned")
        if self._left is not None:
            self._left -= 1
            await self._act("before")

    async def after(self) -> None:
        """Meet a call that was answered."""
        await self._act("after")

    async def _act(self, when: When) -> None:
        if self._left is None or self._left >= 0 or when != self._when or self._action is None:
            return
        self._left = None
        await self._action()


async def crash() -> None:
    """End here."""
    raise Crash


class _Troubled:
    """Stands in front of an engine."""

    def __init__(self, engine: object, name: str, trouble: Trouble) -> None:
        self._engine = engine
        self._name = name
        self._trouble = trouble

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401 - whatever the engine has
        asked, trouble = getattr(self._engine, method), self._trouble

        async def call(*args: object, **kwargs: object) -> object:
            await trouble.before(self._name, method)
            answer = await asked(*args, **kwargs)
            await trouble.after()
            return answer

        async def pieces(*args: object, **kwargs: object) -> AsyncIterator[bytes]:
            await trouble.before(self._name, method)
            async for piece in asked(*args, **kwargs):
                yield piece
            await trouble.after()

        return pieces if isasyncgenfunction(asked) else call


def troubled(engine: Engine, name: str, trouble: Trouble) -> Engine:
    """Return the engine with trouble in front of it."""
    stand_in: Any = _Troubled(engine, name, trouble)
    return stand_in
