"""The event loop of one simulated process: callbacks in the order in which they became ready, timers on the machine.

There is nothing behind it: no selector, no socket, no thread. Whatever would need one says so.
"""

import asyncio
import math
from asyncio import Handle, TimerHandle
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import override

if TYPE_CHECKING:
    from tests.sim.machine import SimProcess

Result = TypeVar("Result")

_numbers = count()


class SimTask(asyncio.Task[Result]):
    """A task whose place in a set does not hang on where in memory it lies."""

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, Result] | Generator[Any, None, Result],
        loop: asyncio.AbstractEventLoop,
        context: Context | None,
    ) -> None:
        self._number = next(_numbers)
        super().__init__(coroutine, loop=loop, context=context)

    @override
    def __hash__(self) -> int:
        return self._number


class SimLoop(asyncio.BaseEventLoop):
    """`ready`: what waits to be run. After the death of its process nothing is ever run."""

    def __init__(self, process: "SimProcess") -> None:
        self.ready: deque[Handle] = deque()
        self._process = process
        self._machine = process.machine
        super().__init__()
        self.set_task_factory(_task)

    def run_one(self) -> None:
        """Run the callback that waits longest."""
        handle = self.ready.popleft()
        if not handle.cancelled():
            handle._run()

    @override
    def time(self) -> float:
        return self._machine.now_us / 1e6

    @override
    def is_running(self) -> bool:
        return self._machine.current is self._process

    @override
    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Handle:
        handle = Handle(callback, args, self, context)
        if self._process.alive:
            self.ready.append(handle)
        return handle

    @override
    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Handle:
        return self.call_soon(callback, *args, context=context)

    @override
    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> TimerHandle:
        return self.call_at(self.time() + delay, callback, *args, context=context)

    @override
    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> TimerHandle:
        handle = TimerHandle(when, callback, args, self, context)
        self._machine.at(math.ceil(when * 1e6), lambda: self._due(handle))
        return handle

    def _due(self, handle: TimerHandle) -> None:
        if self._process.alive and not handle.cancelled():
            self.ready.append(handle)

    @override
    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if self._process.alive:
            error = context.get("exception")
            task: Any = context.get("task") or context.get("future")
            told = f"{context.get('message')}: {error!r} in {task!r}"
            self._machine.complaints.append(f"{self._process.name}: {told}")

    @override
    def __del__(self) -> None:
        """Go without a word: there is nothing to close."""


def _task(
    loop: asyncio.AbstractEventLoop,
    coroutine: Coroutine[Any, Any, Result] | Generator[Any, None, Result],
    context: Context | None = None,
) -> SimTask[Result]:
    return SimTask(coroutine, loop, context)
