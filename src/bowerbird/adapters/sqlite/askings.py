"""Askings on views.db, the reading half: one seek to a beginning, and on from there as far as there is to tell."""

from collections.abc import Sequence

import apsw

from bowerbird.adapters.sqlite.views import ask
from bowerbird.base.ids import Id
from bowerbird.ports.askings import PAGE_MAX, PEOPLE_MIN, QUERY_CHARACTERS_MAX, Asking, AskingWrites
from bowerbird.ports.log import Offset

_BEGUN = "SELECT query FROM opening WHERE prefix = ? AND people >= ? ORDER BY people DESC, query LIMIT ?"


class SqliteAskings:
    """As `ports.askings.Askings`. `reader`: this process's own; `writes`: the one writer, or a remote of it."""

    def __init__(self, reader: apsw.Connection, writes: AskingWrites) -> None:
        self._reader = reader
        self._writes = writes

    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        await self._writes.note(askings, applied)

    async def forget(self, person: Id) -> None:
        await self._writes.forget(person)

    async def expire(self, before_us: int, limit: int) -> int:
        return await self._writes.expire(before_us, limit)

    async def begun(self, prefix: str, people_min: int, limit: int) -> list[str]:
        if not 1 <= len(prefix) <= QUERY_CHARACTERS_MAX:
            raise ValueError(f"A query begins with 1 to {QUERY_CHARACTERS_MAX} characters, not {len(prefix)}.")
        if people_min < PEOPLE_MIN:
            raise ValueError(f"What fewer than {PEOPLE_MIN} people asked is not told, as for {people_min}.")
        if not 1 <= limit <= PAGE_MAX:
            raise ValueError(f"A page holds 1 to {PAGE_MAX} queries, not {limit}.")
        return [query for (query,) in ask(self._reader, _BEGUN, (prefix, people_min, limit))]

    async def applied(self) -> list[Offset]:
        rows = ask(self._reader, "SELECT partition, number FROM askings_applied ORDER BY partition", ())
        return [Offset(*row) for row in rows]
