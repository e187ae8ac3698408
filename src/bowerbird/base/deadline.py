"""The deadline of what is being done: how long whatever it asks of others may still take.

Whoever takes up a request opens a `Deadline`; every call that is made on the request's behalf, however deep, asks
`left_ms`. What outlives the request, such as a task that it happened to start, is not bound by it.
"""

from contextvars import ContextVar
from typing import Final, Self

from bowerbird.base.world import World


class Deadline:
    """A context manager: from its beginning to its end, what runs within has no longer than until `at_s`.

    `at_s` counts as `World.monotonic_s` does. One inside another can only bring the end nearer.
    """

    __slots__ = ("at_s", "is_over", "outer")

    def __init__(self, at_s: float) -> None:
        self.at_s = at_s
        self.is_over = False
        self.outer: Deadline | None = None

    def __enter__(self) -> Self:
        self.outer = _current()
        if self.outer is not None:
            self.at_s = min(self.at_s, self.outer.at_s)
        _present.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over = True  # and so it is passed over, in every context that has it


_present: Final[ContextVar[Deadline | None]] = ContextVar("deadline", default=None)


def left_ms(world: World, most_ms: int) -> int:
    """Return the milliseconds that are left, 0 when the time is over, `most_ms` at most or where nothing bounds it."""
    deadline = _current()
    if deadline is None:
        return most_ms
    return max(0, min(most_ms, int((deadline.at_s - world.monotonic_s()) * 1000)))


def _current() -> Deadline | None:
    deadline = _present.get()
    while deadline is not None and deadline.is_over:
        deadline = deadline.outer
    return deadline
