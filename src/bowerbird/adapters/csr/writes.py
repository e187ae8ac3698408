"""The one writer of a graph: every call appends a frame; now and then a hand makes a snapshot of what there is."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Final, Self, TypeVar

import structlog
from msgspec import msgpack

from bowerbird.adapters.csr.files import Files, guarded
from bowerbird.adapters.csr.folder import Folder
from bowerbird.adapters.csr.frames import encode
from bowerbird.adapters.csr.limits import Compaction, Pruning
from bowerbird.adapters.csr.order import Made, Order
from bowerbird.base.hand import Hand, HandFailed
from bowerbird.base.world import World
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.walks import Change

_NAME_BYTES: Final = 8

Result = TypeVar("Result")

log = structlog.get_logger()


class CsrWalkWrites:
    """As `ports.walks.WalkWrites`. `hand` runs `order.argv()`; `executor`: one thread, ended with it."""

    def __init__(
        self, files: Files, hand: Hand, world: World, executor: Executor, pruning: Pruning, compaction: Compaction
    ) -> None:
        self._files = files
        self._hand = hand
        self._world = world
        self._executor = executor
        self._pruning = pruning
        self._compaction = compaction
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._due = self._limit()
        self._closed = False

    @classmethod
    def open(
        cls,
        path: Path,
        hand: Hand,
        world: World,
        executor: Executor | None = None,
        pruning: Pruning | None = None,
        compaction: Compaction | None = None,
    ) -> Self:
        """Use a folder, made if there is none; EngineUnavailable when it will not do. It blocks."""
        files = guarded(lambda: Files(Folder(path)))
        thread = executor or world.pool(1, "walks-writer")
        return cls(files, hand, world, thread, pruning or Pruning(), compaction or Compaction())

    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        await self._run(lambda: self._files.append(encode(changes, applied), len(changes), applied))
        if self._files.waiting >= self._due and not self._tasks:
            self._start(self._compact_by_itself())

    async def compact(self) -> None:
        # A caller who gives up does not take the work with him.
        await asyncio.shield(self._start(self._compact()))

    async def clear(self) -> None:
        async with self._turn:
            await self._run(self._files.clear)
            self._due = self._limit()

    async def close(self) -> None:
        """Refuse new work, give up on a snapshot that is not done, and close the files."""
        first, self._closed = not self._closed, True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if first:
            await asyncio.get_running_loop().run_in_executor(self._executor, self._files.close)
            self._executor.shutdown()

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _compact_by_itself(self) -> None:
        try:
            await self._compact()
        except EngineUnavailable as error:
            log.warning("graph_not_compacted", reason=str(error))

    async def _compact(self) -> None:
        async with self._turn:
            # Should it fail, it is tried again after as many more changes.
            self._due = self._files.waiting + self._compaction.changes_min
            sealed = await self._run(self._files.seal)
            if sealed is None:
                return
            part = self._world.random_bytes(_NAME_BYTES).hex()
            order = Order(folder=str(self._files.path.absolute()), state=sealed.state, part=part, pruning=self._pruning)
            try:
                answer = await self._hand.ask(msgpack.encode(order), self._compaction.timeout_ms)
            except HandFailed as error:
                raise EngineUnavailable(f"No snapshot was made: {error}") from error
            edges, now = msgpack.decode(answer, type=Made).edges, self._world.now_us()
            await self._run(lambda: self._files.adopt(part, sealed, edges, now))
            self._due = self._limit()

    def _limit(self) -> int:
        return max(self._compaction.changes_min, int(self._files.edges * self._compaction.share))

    async def _run(self, work: Callable[[], Result]) -> Result:
        """Do something in the writer's thread; it is done to the end, whatever becomes of the caller."""
        if self._closed:
            raise EngineUnavailable("The writer is shutting down.")
        return await asyncio.get_running_loop().run_in_executor(self._executor, lambda: guarded(work))
