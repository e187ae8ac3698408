"""Keys on SQLite: read from the file within the event loop and remembered for a while; made and destroyed elsewhere."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import apsw

from bowerbird.adapters.sqlite.connection import DURABLE, Tuning, open_reader
from bowerbird.adapters.sqlite.key_file import FILE, MIGRATIONS, check, unwrap
from bowerbird.adapters.sqlite.statements import key_count
from bowerbird.base.ground import unsupported
from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.ports.keys import CACHE_TTL_S_MAX, KeyWrites
from bowerbird.ports.records import KEYS_MAX, EngineUnavailable

_CACHED_MAX = 10_000


class SqliteKeys:
    """As `ports.keys.Keys`. `reader`: this process's own; `writes`: the writer, or a remote of it."""

    def __init__(
        self,
        reader: apsw.Connection,
        writes: KeyWrites,
        master: bytes,
        world: World,
        cached_max: int = _CACHED_MAX,
    ) -> None:
        self._reader = reader
        self._writes = writes
        self._master = master
        self._cache = _Cache(world, cached_max)

    @classmethod
    def open(cls, folder: Path, writes: KeyWrites, master: bytes, world: World, *, tuning: Tuning = DURABLE) -> Self:
        """Open the file for reading; EngineUnavailable until its writer has, also WrongMasterKey, SchemaTooNew."""
        reader = open_reader(folder / FILE, len(MIGRATIONS), tuning)
        check(reader, folder / FILE, master)
        return cls(reader, writes, master, world)

    def close(self) -> None:
        """Close the reader."""
        self._reader.close()

    async def create(self, owner: Id) -> bytes:
        return await self._writes.create(owner)

    async def destroy(self, owner: Id) -> None:
        try:
            await self._writes.destroy(owner)
        finally:
            # Afterwards: what was read while the writer was at work is forgotten too.
            self._cache.forget(owner)

    async def get(self, owners: Sequence[Id]) -> list[bytes | None]:
        unsupported()
        found = {owner: self._cache.get(owner) for owner in owners}
        unknown = [owner for owner, key in found.items() if key is None]
        for start in range(0, len(unknown), KEYS_MAX):
            for owner, key in self._read(unknown[start : start + KEYS_MAX]):
                found[owner] = key
                self._cache.put(owner, key)
        return [found[owner] for owner in owners]

    async def erasures(self, after: Id | None, limit: int) -> list[Id]:
        rows = self._ask(
            "SELECT owner FROM keys WHERE wrapped IS NULL AND owner > ? ORDER BY owner LIMIT ?", (after or b"", limit)
        )
        return [row[0] for row in rows]

    def _read(self, owners: Sequence[Id]) -> list[tuple[Id, bytes]]:
        count = key_count(len(owners))
        marks = ", ".join("?" * count)
        rows = self._ask(
            f"SELECT owner, wrapped FROM keys WHERE owner IN ({marks}) AND wrapped IS NOT NULL",  # noqa: S608 - marks alone
            (*owners, *([None] * (count - len(owners)))),
        )
        return [(owner, unwrap(self._master, held, owner)) for owner, held in rows]

    def _ask(self, text: str, values: Sequence[bytes | int | None]) -> list[tuple[Any, ...]]:
        try:
            return self._reader.execute(text, values).fetchall()
        except apsw.Error as error:
            raise EngineUnavailable(f"{FILE} cannot be read: {error}") from error


class _Cache:
    """The keys used last, each for at most CACHE_TTL_S_MAX."""

    def __init__(self, world: World, cached_max: int) -> None:
        self._world = world
        self._cached_max = cached_max
        self._held: OrderedDict[Id, tuple[float, bytes]] = OrderedDict()

    def get(self, owner: Id) -> bytes | None:
        held = self._held.get(owner)
        if held is None:
            return None
        until, key = held
        if self._world.monotonic_s() >= until:
            del self._held[owner]
            return None
        self._held.move_to_end(owner)
        return key

    def put(self, owner: Id, key: bytes) -> None:
        self._held[owner] = (self._world.monotonic_s() + CACHE_TTL_S_MAX, key)
        if len(self._held) > self._cached_max:
            self._held.popitem(last=False)

    def forget(self, owner: Id) -> None:
        self._held.pop(owner, None)
