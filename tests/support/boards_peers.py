"""What stands between boards and the engines, so that a test can count, step in between, and shut a door."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

from typing_extensions import override

from bowerbird.base.hand import Hand, HandBusy
from bowerbird.ports.records import Outgoing, Position, Records
from bowerbird.ports.tables import Key, Op, Row, Table


class Watched(Records):
    """Records that note each read, and let a test act between what a verb reads and what it writes."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.reads: list[tuple[str, int]] = []
        self.commits = 0
        self.before_commit: list[Callable[[], Awaitable[object]]] = []

    @override
    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        hooks, self.before_commit = self.before_commit, []
        for hook in hooks:
            await hook()
        self.commits += 1
        return await self._records.commit(ops, outgoing)

    @override
    async def get(self, table: Table[Row], keys: Sequence[Key]) -> list[Row | None]:
        self.reads.append((table.name, len(keys)))
        return await self._records.get(table, keys)

    @override
    async def scan(
        self,
        table: Table[Row],
        index: str,
        prefix: Key,
        *,
        after: Key | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[Row]:
        self.reads.append((f"{table.name}.{index}", 1))
        return await self._records.scan(table, index, prefix, after=after, limit=limit, newest_first=newest_first)

    @override
    async def sweep(self, table: Table[Row], index: str, upto: int, limit: int) -> list[Row]:
        return await self._records.sweep(table, index, upto, limit)


class Door(Hand):
    """A hand's code in a thread of this process, which may be too busy to be asked."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self.busy = False
        self.asked = 0

    @override
    async def ask(self, request: bytes, timeout_ms: int) -> bytes:
        if self.busy:
            raise HandBusy
        self.asked += 1
        return await asyncio.to_thread(self._answer, request)


def resolve_nothing(host: str, _port: int) -> list[str]:
    """Know no names, so that no test asks the network; addresses are their own."""
    try:
        return [str(ip_address(host))]
    except ValueError as error:
        raise OSError from error
