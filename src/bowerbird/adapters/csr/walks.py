"""The port Walks on a folder of arrays: this process reads for itself, in threads; who writes is the one writer."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from bowerbird.adapters.csr.folder import Folder
from bowerbird.adapters.csr.limits import Habits
from bowerbird.adapters.csr.tail import all_frames
from bowerbird.ports.log import Offset
from bowerbird.ports.walks import Bias, Change, Found, Scored, Size, Walk, WalkWrites

if TYPE_CHECKING:
    from bowerbird.adapters.csr.reading import Reading

Result = TypeVar("Result")


class CsrWalks:
    """As `ports.walks.Walks`. `writes`: the one writer, or a remote of it; `executor`: threads, ended with it."""

    def __init__(self, path: Path, writes: WalkWrites, executor: Executor, habits: Habits | None = None) -> None:
        self._folder = Folder(path)
        self._writes = writes
        self._executor = executor
        self._habits = habits or Habits()
        self._reading: Reading | None = None
        self._lock = Lock()

    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        await self._writes.change(changes, applied)

    async def compact(self) -> None:
        await self._writes.compact()

    async def clear(self) -> None:
        await self._writes.clear()

    async def walk(self, asked: Walk) -> Found:
        return await self._run(lambda: self.reading().walk(asked))

    async def popular(self, since: int, limit: int, bias: Bias | None = None) -> list[Scored]:
        return await self._run(lambda: self.reading().popular(since, limit, bias or Bias()))

    async def size(self) -> Size:
        return await self._run(lambda: self.reading().size())

    async def applied(self) -> list[Offset]:
        return await self._run(self._applied)

    def close(self) -> None:
        """End the threads, and let go of the files."""
        self._executor.shutdown()
        if self._reading is not None:
            self._reading.close()

    def reading(self) -> "Reading":
        """Return what reads, made by the first who asks. It blocks."""
        with self._lock:
            if self._reading is None:
                from bowerbird.adapters.csr.reading import Reading  # noqa: PLC0415 - numpy is 17 MB to who never walks

                self._reading = Reading(self._folder, self._habits)
            return self._reading

    def _applied(self) -> list[Offset]:
        state = self._folder.manifest()
        found = {one.partition: one for one in state.applied}
        for frame in all_frames(self._folder, state):
            for one in frame.applied:
                known = found.get(one.partition, one)
                found[one.partition] = max(known, one, key=lambda offset: offset.number)
        return [found[partition] for partition in sorted(found)]

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)
