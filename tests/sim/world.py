"""A process's world: the machine's clock, its own chance, and threads that are jobs on the machine."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

from typing_extensions import override

from bowerbird.base.world import World
from tests.sim.machine import SimProcess

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class SimWorld(World):
    """As World, for one process."""

    def __init__(self, process: SimProcess) -> None:
        super().__init__()
        self._process = process
        self._chance = process.machine.chance.stream("world", process.name, process.number)

    @override
    def now_us(self) -> int:
        return self._process.machine.wall_us()

    @override
    def monotonic_s(self) -> float:
        return self._process.machine.now_us / 1e6

    @override
    def random_bytes(self, count: int) -> bytes:
        return self._chance.randbytes(count)

    @override
    def chance(self) -> float:
        return self._chance.random()

    @override
    def pool(self, threads_max: int, name: str, niceness: int = 0) -> Executor:
        return SimPool(self._process, threads_max, name)


class SimPool(Executor):
    """Threads: each job runs whole, at some moment after it was given, and is told of a little later.

    So what a loop does meanwhile comes before, between and behind the two, as with threads; but never within a job.
    """

    def __init__(self, process: SimProcess, threads_max: int, name: str) -> None:
        self._process = process
        self._machine = process.machine
        self._chance = self._machine.chance.stream("pool", process.name, process.number, name)
        self._free_us = [0] * threads_max
        self._closed = False

    @override
    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        if self._closed:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future: Future[Result] = Future()

        def work() -> None:
            if self._process.alive and future.set_running_or_notify_cancel():
                with self._machine.as_process(self._process):
                    tell = _outcome(future, fn, *args, **kwargs)
                self._machine.at(told_us, lambda: self._tell(tell))

        began_us, told_us = self._place()
        self._machine.at(began_us, work)
        return future

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._closed = True

    def _place(self) -> tuple[int, int]:
        """Return when the next job runs and when it is told of, on the thread that is free first."""
        thread = min(range(len(self._free_us)), key=self._free_us.__getitem__)
        began_us = max(self._machine.now_us, self._free_us[thread]) + self._chance.randint(5, 300)
        told_us = began_us + self._chance.choice((20, 100, 500, 2_000, 8_000)) * self._chance.randint(1, 4) // 4
        self._free_us[thread] = told_us
        return began_us, told_us

    def _tell(self, tell: Callable[[], None]) -> None:
        if self._process.alive:
            with self._machine.as_process(self._process):
                tell()


def _outcome(
    future: Future[Result], fn: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Callable[[], None]:
    """Run a job and return what tells of its outcome."""
    try:
        result = fn(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 - it is the caller's, who finds it in the future
        kept = error
        return lambda: future.set_exception(kept)
    return lambda: future.set_result(result)
