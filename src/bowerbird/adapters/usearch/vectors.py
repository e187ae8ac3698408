"""The port Vectors on files: every process reads for itself, and one of them writes."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from bowerbird.adapters.usearch import manifest as manifests
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.vectors import (
    LIMIT_MAX,
    PARTITIONS_MAX,
    PINS_MAX,
    Counts,
    Near,
    Picture,
    VectorWrites,
)

if TYPE_CHECKING:
    from bowerbird.adapters.usearch.following import Following

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class UsearchVectors:
    """As `ports.vectors.Vectors`. `writes`: the folder's one writer, or a remote of it; `executor`: for reading."""

    def __init__(self, root: Path, writes: VectorWrites, executor: Executor) -> None:
        self._root = root
        self._writes = writes
        self._executor = executor
        self._spaces: dict[str, Following] = {}

    async def put(self, space: str, pictures: Sequence[Picture], applied: Sequence[Offset] = ()) -> None:
        await self._writes.put(space, pictures, applied)

    async def move(
        self, space: str, pins: Sequence[Id], partition: Id, *, public: bool, applied: Sequence[Offset] = ()
    ) -> None:
        await self._writes.move(space, pins, partition, public=public, applied=applied)

    async def remove(self, space: str, pins: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await self._writes.remove(space, pins, applied)

    async def drop(self, space: str) -> None:
        await self._writes.drop(space)

    async def nearest(
        self,
        space: str,
        views: bytes,
        limit: int,
        floor: float,
        *,
        public: bool,
        partitions: Sequence[Id] = (),
    ) -> list[Near]:
        _refuse_unless(1 <= limit <= LIMIT_MAX, f"1 to {LIMIT_MAX} pins are returned, not {limit}.")
        _refuse_unless(-1 <= floor <= 1, f"A cosine is -1 to 1, not {floor}.")
        _refuse_unless(len(partitions) <= PARTITIONS_MAX, f"At most {PARTITIONS_MAX} partitions are searched.")
        following = self._following(space)
        return await self._run(following.nearest, views, limit, floor, partitions, public=public)

    async def views(self, space: str, pins: Sequence[Id]) -> list[bytes | None]:
        _refuse_unless(len(pins) <= PINS_MAX, f"At most {PINS_MAX} pins are named in one call, not {len(pins)}.")
        return await self._run(self._following(space).views, pins)

    async def spaces(self) -> list[str]:
        return await self._run(self._found)

    async def counts(self, space: str) -> Counts:
        return await self._run(self._following(space).counts)

    async def applied(self, space: str) -> list[Offset]:
        return await self._run(self._following(space).applied)

    def close(self) -> None:
        """Close the files."""
        for following in self._spaces.values():
            following.close()
        self._executor.shutdown()

    def _found(self) -> list[str]:
        return sorted(path.name for path in self._root.glob("*") if manifests.read(path) is not None)

    def _following(self, space: str) -> "Following":
        if space not in self._spaces:
            from bowerbird.adapters.usearch.following import (  # noqa: PLC0415 - with numpy, 30 MB to who never asks
                Following,
            )

            self._spaces[space] = Following(self._root / manifests.checked_name(space))
        return self._spaces[space]

    async def _run(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, lambda: work(*args, **kwargs))
        except OSError as error:
            raise EngineUnavailable(f"vectors: {error.strerror}") from error


def _refuse_unless(holds: bool, why: str) -> None:  # noqa: FBT001 - it is what is asked
    if not holds:
        raise ValueError(why)
