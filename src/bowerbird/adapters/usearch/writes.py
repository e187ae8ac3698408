"""The writing half of vectors on files: one thread writes, one makes graphs, and nobody waits for the second."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Final, ParamSpec, Self, TypeVar

import structlog

from bowerbird.adapters.usearch import changes, upkeep
from bowerbird.adapters.usearch.files import Files
from bowerbird.adapters.usearch.graph import extend
from bowerbird.adapters.usearch.manifest import checked_name
from bowerbird.adapters.usearch.upkeep import Growth, Sizes
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.vectors import PICTURES_MAX, PINS_MAX, SPACES_MAX, Picture

_MOVED_AT_ONCE: Final = 100
"""Pictures that are moved between two calls."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_log = structlog.get_logger()


class UsearchVectorWrites:
    """As `ports.vectors.VectorWrites`, in the one process that writes; `open` is the way to get one.

    `writer` and `grower`: executors of one thread each; the second is busy for seconds at a time and may stand back.
    """

    def __init__(self, root: Path, spaces: dict[str, Files], writer: Executor, grower: Executor, sizes: Sizes) -> None:
        self._root = root
        self._spaces = spaces
        self._writer = writer
        self._grower = grower
        self._sizes = sizes
        self._tending: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    def open(cls, root: Path, writer: Executor, grower: Executor, sizes: Sizes | None = None) -> Self:
        """Use a folder, made if there is none; EngineUnavailable when it will not do. It blocks."""
        sizes = sizes or Sizes()
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = {path.name: Files.open(path, sizes.file_rows) for path in sorted(root.iterdir()) if path.is_dir()}
        except OSError as error:
            raise EngineUnavailable(f"{root} cannot be opened: {error}") from error
        there = {name: files for name, files in found.items() if files is not None}
        return cls(root, there, writer, grower, sizes)

    async def put(self, space: str, pictures: Sequence[Picture], applied: Sequence[Offset] = ()) -> None:
        _refuse_more("pictures", len(pictures), PICTURES_MAX)
        try:
            await self._run(self._put, checked_name(space), pictures, applied)
        finally:
            # What is refused since too much waits is what makes somebody see to it.
            self._tend()

    async def move(
        self, space: str, pins: Sequence[Id], partition: Id, *, public: bool, applied: Sequence[Offset] = ()
    ) -> None:
        _refuse_more("pins", len(pins), PINS_MAX)
        await self._run(self._move, checked_name(space), pins, partition, applied, public=public)
        self._tend()

    async def remove(self, space: str, pins: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        _refuse_more("pins", len(pins), PINS_MAX)
        await self._run(self._remove, checked_name(space), pins, applied)
        self._tend()

    async def drop(self, space: str) -> None:
        await self._run(self._drop, checked_name(space))

    async def close(self) -> None:
        """Refuse new work, give up what is done behind, bring everything to the disk, and close the files."""
        first, self._closed = not self._closed, True
        if self._tending is not None:
            await asyncio.wait({self._tending})
        if first:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._writer, self._close)
            self._writer.shutdown()
            self._grower.shutdown()

    async def settled(self) -> None:
        """Return when nothing is left to be done behind."""
        while self._tending is not None:
            await asyncio.wait({self._tending})

    # --- in the writer's thread

    def _put(self, name: str, pictures: Sequence[Picture], applied: Sequence[Offset]) -> None:
        files, latest = self._spaces.get(name), changes.latest(pictures)
        if files is None:
            if len(self._spaces) >= SPACES_MAX:
                raise ValueError(f"There are {SPACES_MAX} spaces already: drop one.")
            files = self._spaces[name] = Files.make(self._root / name, self._sizes.file_rows)
        if pictures and upkeep.fresh(files) >= self._sizes.waiting_max:
            raise EngineUnavailable("Too many vectors wait to be put into a graph.")
        changes.put(files, latest, applied)

    def _move(self, name: str, pins: Sequence[Id], partition: Id, applied: Sequence[Offset], *, public: bool) -> None:
        if files := self._spaces.get(name):
            changes.move(files, pins, partition, applied, public=public)

    def _remove(self, name: str, pins: Sequence[Id], applied: Sequence[Offset]) -> None:
        if files := self._spaces.get(name):
            changes.remove(files, pins, applied)

    def _drop(self, name: str) -> None:
        if files := self._spaces.get(name):
            files.drop()
            del self._spaces[name]

    def _close(self) -> None:
        for files in self._spaces.values():
            if files.unsynced:
                files.sync()
            files.close()

    async def _run(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        if self._closed:
            raise EngineUnavailable("The writer is shutting down.")
        return await self._in_writer(work, *args, **kwargs)

    async def _in_writer(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writer, lambda: work(*args, **kwargs))
        except OSError as error:
            raise EngineUnavailable(f"vectors: {error.strerror}") from error

    # --- behind

    def _tend(self) -> None:
        if self._tending is None and not self._closed:
            self._tending = asyncio.get_running_loop().create_task(self._tend_all())

    async def _tend_all(self) -> None:
        """Do what is due in every space; what fails is tried again after the next write."""
        try:
            while not self._closed and any([await self._tend_one(name) for name in list(self._spaces)]):
                pass
        except EngineUnavailable as error:
            _log.warning("vectors_not_tended", error=str(error))
        finally:
            self._tending = None

    async def _tend_one(self, name: str) -> bool:
        """Do one thing; False when nothing is due."""
        grown = await self._in_writer(self._due, name)
        if grown is None:
            return await self._in_writer(self._tidy, name)
        args = (grown.before, grown.rows, grown.numbers, grown.path, lambda: not self._closed and name in self._spaces)
        made = await asyncio.get_running_loop().run_in_executor(self._grower, extend, *args)
        if made:
            await self._in_writer(self._adopt, name, grown)
        return made

    def _due(self, name: str) -> Growth | None:
        files = self._spaces.get(name)
        return None if files is None else upkeep.growth(files, self._sizes)

    def _tidy(self, name: str) -> bool:
        files = self._spaces.get(name)
        return files is not None and upkeep.tidy(files, self._sizes, _MOVED_AT_ONCE)

    def _adopt(self, name: str, grown: Growth) -> None:
        """Take a graph that was made, unless its space was dropped meanwhile, and maybe made again."""
        if self._spaces.get(name) is grown.files:
            upkeep.adopt(grown)


def _refuse_more(what: str, count: int, count_max: int) -> None:
    if count > count_max:
        raise ValueError(f"At most {count_max} {what} are named in one call, not {count}.")
