"""What the keys suite is handed: the port in two processes, the time that both go by, and a way to stop the engine."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from msgspec import Struct
from typing_extensions import override

from bowerbird.adapters.sqlite.connection import DURABLE, Tuning
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.ports.keys import Keys, KeyWrites
from tests.ports.suite import Opener
from tests.support.records_disk import FailingDisk
from tests.support.records_subject import TROUBLES, Outage

MASTER = bytes(range(32))


class SlowWorld(World):
    """The real world, but time stands still unless it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    @override
    def monotonic_s(self) -> float:
        return self.passed_s


@dataclass(frozen=True)
class Subject:
    """An empty engine as two processes see it. Within one of its `outages`, by name, it cannot write."""

    keys: Keys
    elsewhere: Keys
    world: SlowWorld
    outages: Mapping[str, Outage]


class Variant(Struct, frozen=True):
    """How the adapter is put together; a test of the suite itself puts broken parts in."""

    writer: type[SqliteKeyWriter] = SqliteKeyWriter
    keys: type[SqliteKeys] = SqliteKeys


@asynccontextmanager
async def open_sqlite(variant: Variant, folder: Path) -> AsyncGenerator[Subject]:
    """Open a fresh file in a folder, on a disk that can fail."""
    world, disk = SlowWorld(), FailingDisk()
    writer = variant.writer.open(folder, MASTER, world, tuning=Tuning(vfs=disk.name))
    keys, elsewhere = (variant.keys.open(folder, writer, MASTER, world) for _ in range(2))
    try:
        yield Subject(keys, elsewhere, world, {trouble: partial(disk.outage, trouble) for trouble in TROUBLES})
    finally:
        await writer.close()
        keys.close()
        elsewhere.close()


SQLITE: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "sqlite": partial(open_sqlite, Variant())
}


class KeptWhenDestroyed(SqliteKeyWriter):
    """Notes nothing when a key is destroyed."""

    @override
    async def destroy(self, owner: Id) -> None:
        return


class AnotherEachTime(SqliteKeyWriter):
    """Hands out a new key at every call, and stores the first."""

    @override
    async def create(self, owner: Id) -> bytes:
        await super().create(owner)
        return self._world.random_bytes(32)


class ReadableForever(SqliteKeys):
    """Never forgets a key that it read."""

    @override
    async def get(self, owners: Sequence[Id]) -> list[bytes | None]:
        self._kept = getattr(self, "_kept", {})
        found = await super().get(owners)
        self._kept |= {owner: key for owner, key in zip(owners, found, strict=True) if key}
        return [self._kept.get(owner) for owner in owners]


class RemembersForLong(SqliteKeys):
    """Lets destroyed keys live on for longer than it may."""

    @override
    @classmethod
    def open(cls, folder: Path, writes: KeyWrites, master: bytes, world: World, *, tuning: Tuning = DURABLE) -> Self:
        return super().open(folder, writes, master, SlowWorld(), tuning=tuning)


class InOrderOfOwner(SqliteKeys):
    """Returns keys in the order of their owners' ids."""

    @override
    async def get(self, owners: Sequence[Id]) -> list[bytes | None]:
        return await super().get(sorted(owners))


class ErasuresIncludeAfter(SqliteKeys):
    """Begins a page of erasures with the one that ended the page before."""

    @override
    async def erasures(self, after: Id | None, limit: int) -> list[Id]:
        rest = await super().erasures(after, limit)
        return rest if after is None else [after, *rest][:limit]


@dataclass(frozen=True)
class Defect:
    """A broken variant of the adapter, and the check that must fail on it."""

    variant: Variant
    caught_by: str

    @property
    def opener(self) -> Opener[Subject]:
        """Return what opens it."""
        return partial(open_sqlite, self.variant)


DEFECTS: Mapping[str, Defect] = {
    "kept when destroyed": Defect(Variant(writer=KeptWhenDestroyed), "a_destroyed_key_is_gone_for_ever"),
    "another each time": Defect(Variant(writer=AnotherEachTime), "a_key_is_made_once"),
    "readable for ever": Defect(Variant(keys=ReadableForever), "a_destroyed_key_is_gone_for_ever"),
    "remembers for long": Defect(Variant(keys=RemembersForLong), "other_processes_forget_within_the_bound"),
    "in order of owner": Defect(Variant(keys=InOrderOfOwner), "keys_come_in_the_order_of_their_owners"),
    "erasures include after": Defect(Variant(keys=ErasuresIncludeAfter), "erasures_are_listed_page_by_page"),
}
