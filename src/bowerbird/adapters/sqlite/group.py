"""Group commit: one thread writes one file, and all that waits is made durable together.

A flush of the disk costs as much for one change as for hundreds. Work that arrives while a transaction is being
flushed forms the next one; each piece has a savepoint, so that a refused one undoes only itself.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import apsw

from bowerbird.ports.records import EngineUnavailable

Result = TypeVar("Result")
Work = Callable[[apsw.Connection], Result]

# These say that one statement was wrong, and every other apsw.Error that the file cannot be written now.
_OF_ONE_STATEMENT = (
    apsw.ConstraintError,
    apsw.MismatchError,
    apsw.RangeError,
    apsw.SQLError,
    apsw.TooBigError,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait for the writer, and how much is written in one transaction, which takes one piece at least."""

    waiting_max: int = 4_096
    waiting_bytes_max: int = 64 << 20
    batch_max: int = 256
    batch_bytes_max: int = 64 << 20


@dataclass(slots=True)
class _Waiting:
    work: Work[Any]
    size_bytes: int
    answer: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: Any = None
    error: Exception | None = None


def _ignore(_results: Sequence[object]) -> None:
    """Hear of a commit and do nothing."""


class GroupCommit:
    """The one writer of a file: owns the connection and the executor, whose only thread touches it.

    `committed` is called in the event loop after every transaction, with what its works returned, also when nobody
    waits for them any more. An executor that runs inline makes everything happen in the loop.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        executor: Executor | None = None,
        limits: Limits | None = None,
        committed: Callable[[Sequence[object]], None] = _ignore,
    ) -> None:
        self._connection = connection
        self._executor = executor or ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-writer")
        self._limits = limits or Limits()
        self._committed = committed
        self._queue: deque[_Waiting] = deque()
        self._queue_bytes = 0
        self._draining: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """Return how many pieces of work wait for a transaction."""
        return len(self._queue)

    async def submit(self, work: Work[Result], size_bytes: int) -> Result:
        """Run `work` in the writer's thread within a transaction, and return its result once that is durable.

        What `work` raises undoes its changes and is raised here. Raises EngineUnavailable when too much waits, when
        the transaction failed (then nothing of it remains) and after `close`. When the caller is cancelled, the work
        may have been done.
        """
        self._admit(size_bytes)
        loop = asyncio.get_running_loop()
        waiting = _Waiting(work, size_bytes, loop.create_future())
        self._queue.append(waiting)
        self._queue_bytes += size_bytes
        if self._draining is None:
            self._draining = loop.create_task(self._drain())
        return await waiting.answer

    async def alone(self, work: Work[Result]) -> Result:
        """Run `work` in the writer's thread between two transactions; EngineUnavailable when the file fails it."""
        if self._closed:
            raise EngineUnavailable("The writer is shutting down.")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work, self._connection)
        except apsw.Error as error:
            raise _unavailable(error) from error

    async def close(self) -> None:
        """Refuse new work, finish what waits, and close the file."""
        first, self._closed = not self._closed, True
        if self._draining is not None:
            # Not awaited itself, or whoever gave up on closing would cancel it.
            await asyncio.wait({self._draining})
        if first:
            await asyncio.get_running_loop().run_in_executor(self._executor, self._connection.close)
            self._executor.shutdown()

    def _admit(self, size_bytes: int) -> None:
        if self._closed:
            raise EngineUnavailable("The writer is shutting down.")
        full = len(self._queue) >= self._limits.waiting_max
        if full or self._queue_bytes + size_bytes > self._limits.waiting_bytes_max:
            raise EngineUnavailable("Too much waits to be written.")

    async def _drain(self) -> None:
        try:
            while batch := self._take():
                outcomes = await self._outcomes([waiting.work for waiting in batch])
                _answer(batch, outcomes)
                if any(outcome.error is None for outcome in outcomes):
                    self._committed([outcome.value for outcome in outcomes if outcome.error is None])
        finally:
            self._draining = None

    async def _outcomes(self, works: Sequence[Work[Any]]) -> list[_Outcome]:
        try:
            committing = self._executor.submit(self._commit, works)
            # What ran inline is there already: to wait for it would cost the loop a few turns and a trip to the kernel.
            return committing.result() if committing.done() else await asyncio.wrap_future(committing)
        except RuntimeError as error:
            # The machine gives no thread to work in.
            return [_Outcome(error=EngineUnavailable(f"The file cannot be written: {error}")) for _ in works]

    def _take(self) -> list[_Waiting]:
        """Take the next transaction's work off the queue, leaving out what nobody waits for any more."""
        batch: list[_Waiting] = []
        left = self._limits.batch_bytes_max
        while self._queue and len(batch) < self._limits.batch_max:
            if batch and self._queue[0].size_bytes > left:
                break
            waiting = self._queue.popleft()
            self._queue_bytes -= waiting.size_bytes
            if not waiting.answer.done():
                batch.append(waiting)
                left -= waiting.size_bytes
        return batch

    def _commit(self, works: Sequence[Work[Any]]) -> list[_Outcome]:
        """Run all works in one transaction (in the writer's thread)."""
        try:
            self._roll_back()
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._isolated(work) for work in works]
            self._connection.execute("COMMIT")
        except apsw.Error as error:
            # Should this fail too, the next transaction begins by trying again.
            with suppress(apsw.Error):
                self._roll_back()
            return [_Outcome(error=_unavailable(error)) for _ in works]
        return outcomes

    def _isolated(self, work: Work[Any]) -> _Outcome:
        self._connection.execute("SAVEPOINT work")
        try:
            outcome = _Outcome(value=work(self._connection))
        except Exception as error:
            if isinstance(error, apsw.Error) and not isinstance(error, _OF_ONE_STATEMENT):
                raise
            self._connection.execute("ROLLBACK TO work")
            outcome = _Outcome(error=error)
        self._connection.execute("RELEASE work")
        return outcome

    def _roll_back(self) -> None:
        """End a transaction that failed; SQLite has often done so itself."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _answer(batch: Sequence[_Waiting], outcomes: Sequence[_Outcome]) -> None:
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.answer.done():
            continue
        if outcome.error is None:
            waiting.answer.set_result(outcome.value)
        else:
            waiting.answer.set_exception(outcome.error)


def _unavailable(error: apsw.Error) -> EngineUnavailable:
    return EngineUnavailable(f"The file cannot be written: {error}")
