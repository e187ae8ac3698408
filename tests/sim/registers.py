"""Registers: what a thing may hold, as far as those who wrote it know, while writes overlap and some are in doubt.

A read that began and ended at two moments may find what a write left that began before the read's end, unless another
write, acknowledged before the read began, was begun after the first one was acknowledged. A write whose outcome nobody
knows may come about at any time later, or never. A lazy one counts from its acknowledgement, but shows only later.
"""

from typing import Generic, TypeVar

Value = TypeVar("Value")

_NEVER = 1 << 62


class Write(Generic[Value]):
    """One attempt to write; its outcome is not known until it is acknowledged or refused."""

    __slots__ = ("began_us", "done_us", "lazy", "value")

    def __init__(self, value: Value, began_us: int, *, lazy: bool) -> None:
        self.value = value
        self.began_us = began_us
        self.lazy = lazy
        self.done_us = _NEVER


class Register(Generic[Value]):
    """A value that is written by many; it holds its first value from ever."""

    def __init__(self, value: Value) -> None:
        self._writes: list[Write[Value]] = []
        self.settle(value)

    def begin(self, value: Value, now_us: int, *, lazy: bool = False) -> Write[Value]:
        """Begin to write."""
        write = Write(value, now_us, lazy=lazy)
        self._writes.append(write)
        return write

    def done(self, write: Write[Value], now_us: int) -> None:
        """Take a write as acknowledged: every read that begins from now on finds it, or what was written later."""
        write.done_us = now_us

    def refused(self, write: Write[Value]) -> None:
        """Take a write as one that never was."""
        if write in self._writes:
            self._writes.remove(write)

    def possible(self, began_us: int, ended_us: int, *, at_rest: bool = False) -> set[Value]:
        """Return what a read between two moments may find; `at_rest`: when what is lazy has come about."""
        done = [w for w in self._writes if w.done_us < began_us and (at_rest or not w.lazy)]
        latest_us = max((w.began_us for w in done), default=-1)
        return {w.value for w in self._writes if w.began_us <= ended_us and w.done_us >= latest_us}

    def written_between(self, value: Value, after_us: int, before_us: int) -> bool:
        """Return whether a value was written, beginning after one moment and acknowledged before another."""
        return any(w.value == value and w.began_us > after_us and w.done_us < before_us for w in self._writes)

    def settle(self, value: Value) -> None:
        """Take it that the register holds this, and that nothing is under way."""
        write = Write(value, -2, lazy=False)
        write.done_us = -1
        self._writes = [write]
