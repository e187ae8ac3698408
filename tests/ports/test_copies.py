"""Copies of all databases are of one moment, whatever is written while they are made."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import pytest

from bowerbird.adapters.sqlite.copies import SqliteCopies
from bowerbird.adapters.sqlite.group import GroupCommit, Work
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter
from bowerbird.adapters.sqlite.log import SqliteLog
from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.views import open_views_writer
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id
from bowerbird.base.shards import ShardMap
from bowerbird.contracts.events import CHANGES
from bowerbird.contracts.links import Link
from bowerbird.ports.copies import IDLE_S_MAX, PAGES_MAX
from bowerbird.ports.records import Outgoing
from bowerbird.runtime.relay import Relay
from bowerbird.services.boards.store import TABLES
from bowerbird.services.links.store import LINK
from bowerbird.services.links.store import TABLES as LINKS
from tests.support.house import MASTER
from tests.support.records_sql import rows
from tests.support.set_clock import Ahead
from tests.support.waiting import until

SHARDS = ShardMap()
TURNS = 200


@dataclass
class Machine:
    """Writers of a folder, and what copies them."""

    folder: Path
    world: Ahead
    writer: SqliteWriter
    keys: SqliteKeyWriter
    log: SqliteLog
    outbox: SqliteOutbox
    copies: SqliteCopies

    async def write(self) -> Id:
        """Commit a row with an event; its owner has a key by then."""
        id_ = self.world.new_id(4, 7)
        await self.keys.create(id_)
        event = Outgoing(self.world.new_id(9, 7), id_, "link_saved", bytes(id_))
        await self.writer.commit([LINK.insert(Link(id_, "https://example.org", "x" * 43, 1, 1))], [event])
        return id_

    async def move(self) -> int:
        """Bring what waits to the log."""
        return await Relay(self.outbox, self.log, self.world, CHANGES).move()

    async def begin(self, target: Path) -> None:
        """Begin a copy in a new folder."""
        await asyncio.to_thread(target.mkdir)
        await self.copies.begin(str(target))

    async def copy(self, target: Path, pages: int = 1) -> int:
        """Copy everything, in steps."""
        await self.begin(target)
        while (progress := await self.copies.step(pages)).total - progress.done > 4 * pages:
            pass
        return await self.copies.finish()


@asynccontextmanager
async def machine(folder: Path) -> AsyncGenerator[Machine]:
    """Open all databases in a folder."""
    world = Ahead()
    await asyncio.to_thread(folder.mkdir)
    writer = SqliteWriter.open(folder, [*TABLES, *LINKS], SHARDS)
    keys = SqliteKeyWriter.open(folder, MASTER, world)
    log = SqliteLog.open(folder, world)
    views = open_views_writer(folder)
    outbox = SqliteOutbox(writer)
    copies = SqliteCopies(folder, SHARDS, writer, outbox, keys, log, views, world)
    try:
        yield Machine(folder, world, writer, keys, log, outbox, copies)
    finally:
        await copies.close()
        for engine in (writer, keys, log, views):
            await engine.close()


def held(folder: Path, file: str, question: str) -> list[bytes]:
    """Return one column of a database that nobody uses."""
    connection = apsw.Connection(str(folder / file))
    try:
        assert rows(connection, "PRAGMA integrity_check") == [("ok",)]
        return [row[0] for row in rows(connection, question)]
    finally:
        connection.close()


def check(folder: Path, written: set[Id], gone: set[Id]) -> None:
    """Find that a copy holds all that was written, with all its events, and a key for everybody who is not gone."""
    records = held(folder, "core.db", "SELECT id FROM link")
    events = held(folder, "core.db", "SELECT data FROM _outbox")
    assert written <= set(records)
    assert len(set(records)) == len(records)
    if held(folder, "log.db", "SELECT id FROM segment"):
        events += held(folder, "log.db", "SELECT data FROM segment_1")
    assert set(records) <= set(events), "the event of a row is neither in the log nor on its way"
    there = set(held(folder, "keys.db", "SELECT owner FROM keys WHERE wrapped IS NOT NULL"))
    assert set(records) - gone <= there


@pytest.mark.anyio
async def test_what_was_written_while_a_copy_was_made_is_in_it(tmp_path: Path) -> None:
    async with machine(tmp_path / "data") as here:
        written: dict[Id, int] = {}
        over = asyncio.Event()

        async def write() -> None:
            while not over.is_set():
                id_ = await here.write()
                written[id_] = here.world.now_us()

        async def move() -> None:
            while not over.is_set():
                await here.move()

        writing = [asyncio.create_task(task()) for task in (write, write, write, move)]
        await until(lambda: len(written) >= 50)
        for number in range(3):
            until_us = await here.copy(tmp_path / f"copy{number}")
            check(tmp_path / f"copy{number}", {id_ for id_, at in written.items() if at < until_us}, set())
        over.set()
        await asyncio.gather(*writing)


@pytest.mark.anyio
async def test_nothing_gets_lost_between_the_ends_of_two_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the end of the log's copy and that of the keys' events go to the log, people come, and people go."""
    async with machine(tmp_path / "data") as here:
        written = {await here.write() for _ in range(5)}
        await here.move()
        leaver, between = next(iter(written)), list[asyncio.Task[object]]()
        alone = GroupCommit.alone

        async def much_happens() -> None:
            written.add(await here.write())
            await here.move()

        async def slow(group: GroupCommit, work: Work[Any]) -> object:
            if not between and group is here.writer.group(0):
                between.append(asyncio.create_task(much_happens()))
                between.append(asyncio.create_task(here.keys.destroy(leaver)))
                for _ in range(TURNS):
                    await asyncio.sleep(0.001)
            return await alone(group, work)

        await here.begin(tmp_path / "copy")
        await here.copies.step(PAGES_MAX)
        monkeypatch.setattr(GroupCommit, "alone", slow)
        known = set(written)
        await here.copies.finish()
        monkeypatch.undo()
        await asyncio.gather(*between)
        check(tmp_path / "copy", known, set())
        assert leaver not in held(tmp_path / "data", "keys.db", "SELECT owner FROM keys WHERE wrapped IS NOT NULL")


@pytest.mark.anyio
async def test_a_copy_that_nobody_goes_on_with_is_abandoned(tmp_path: Path) -> None:
    async with machine(tmp_path / "data") as here:
        target = tmp_path / "copy"
        await here.begin(target)
        await here.copies.step(1)
        here.world.ahead_s = IDLE_S_MAX
        await until(lambda: not any(target.iterdir()))
        with pytest.raises(ValueError, match="No copy was begun"):
            await here.copies.step(1)
        with pytest.raises(ValueError, match="No copy was begun"):
            await here.copies.finish()
        await here.copies.abandon()
        await here.copy(tmp_path / "another")
        check(tmp_path / "another", set(), set())


@pytest.mark.anyio
async def test_the_next_copy_takes_the_place_of_one_that_was_begun(tmp_path: Path) -> None:
    async with machine(tmp_path / "data") as here:
        first = tmp_path / "first"
        await here.begin(first)
        written = {await here.write()}
        await here.copy(tmp_path / "second")
        assert list(first.iterdir()) == []
        check(tmp_path / "second", written, set())


@pytest.mark.anyio
@pytest.mark.parametrize("pages", [0, PAGES_MAX + 1])
async def test_a_step_is_bounded(tmp_path: Path, pages: int) -> None:
    async with machine(tmp_path / "data") as here:
        await here.begin(tmp_path / "copy")
        with pytest.raises(ValueError, match="A step copies"):
            await here.copies.step(pages)
