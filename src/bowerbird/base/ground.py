"""Grounds: what an answer rests on, so that it can be given again for as long as all of that still holds.

Whoever makes an answer that is worth remembering collects a ground meanwhile. Every engine that is read then puts a
support of its own under it, which can tell later whether the same would be read again. Whatever cannot tell takes the
ground away: an answer that rests on it is made anew each time.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol, TypeVar


class Support(Protocol):
    """What one engine was asked."""

    def holds(self) -> bool:
        """Say whether the engine would answer the same to whoever asks now."""
        ...


Put = TypeVar("Put", bound=Support)


class Ground:
    """The supports of one answer, by the engine that put them there."""

    __slots__ = ("_supports", "_taken", "is_open")

    def __init__(self) -> None:
        self._supports: dict[object, Support] = {}
        self._taken = False
        self.is_open = True

    def support(self, engine: object, make: Callable[[], Put]) -> Put:
        """Return the support of an engine, made when that is first read, before it answers."""
        found = self._supports.get(engine)
        if found is None:
            found = make()
            if not self._taken:
                self._supports[engine] = found
        return found  # pyright: ignore[reportReturnType] - what an engine put there is its own

    def take_away(self) -> None:
        """Let the ground hold nothing any more."""
        self._taken = True
        self._supports.clear()

    def holds(self) -> bool:
        """Say whether all that the answer rests on would be read again now; what rests on nothing does not hold."""
        if all(support.holds() for support in self._supports.values()):
            return bool(self._supports)
        self.take_away()
        return False


_collected: Final[ContextVar[Ground | None]] = ContextVar("collected", default=None)


def collected() -> Ground | None:
    """Return the ground that is being collected where this is called, None where nobody collects one."""
    ground = _collected.get()
    return ground if ground is not None and ground.is_open else None


@contextmanager
def collecting() -> Generator[Ground]:
    """Collect the ground of what is made inside, also by the tasks that it starts, as long as this waits for them."""
    ground = Ground()
    before = _collected.set(ground)
    try:
        yield ground
    finally:
        ground.is_open = False
        _collected.reset(before)


def unsupported() -> None:
    """Tell that something was read of which nobody could say later whether it still holds."""
    ground = collected()
    if ground is not None:
        ground.take_away()
