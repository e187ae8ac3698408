"""The relay: what a unit queued comes to the log, in order, at least once, whatever fails between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec import Struct
from typing_extensions import override

from bowerbird.adapters.sqlite.outbox import SqliteOutbox
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id, pack
from bowerbird.base.outgoing import Outgoing
from bowerbird.base.shards import ShardMap
from bowerbird.contracts.events import CHANGES
from bowerbird.ports.records import EngineUnavailable, Queued
from bowerbird.ports.tables import Table
from bowerbird.runtime.relay import BATCH_MAX, RETRY_WAIT_S, Relay
from tests.support.consumer_bench import Bench, open_bench
from tests.support.house import FORGETFUL
from tests.support.records_subject import Inline


class Thing(Struct, frozen=True):
    id: Id


THINGS = Table("thing", Thing, key=("id",))


class Failing(SqliteOutbox):
    """An outbox that fails to delete for a number of times, and servers of it that fail to be read."""

    failures = 0
    broken: int | None = None

    @override
    async def take(self, server: int, limit: int) -> list[Queued]:
        if server == self.broken:
            raise EngineUnavailable("this server is away, as planned")
        return await super().take(server, limit)

    @override
    async def done(self, server: int, sequences: Sequence[int]) -> None:
        if self.failures:
            self.failures -= 1
            raise EngineUnavailable("the machine fell over, as planned")
        await super().done(server, sequences)


class Place:
    """Two servers with an outbox each, a log, and the relay between them."""

    def __init__(self, folder: Path, bench: Bench) -> None:
        self.bench = bench
        self.writer = SqliteWriter.open(folder, [THINGS], ShardMap.even(2), tuning=FORGETFUL, executor=Inline)
        self.outbox = Failing(self.writer)
        self.relay = Relay(self.outbox, bench.log, bench.world, CHANGES)
        self._count = 0

    async def commit(self, events: int = 1, shard: int = 0) -> None:
        """Commit a unit with some events."""
        self._count += 1
        key = Id(b"%016d" % self._count)
        row = pack(self._count, shard, 1, 1)
        outgoing = [Outgoing(key, key, "a type", b"%d.%d" % (self._count, number)) for number in range(events)]
        await self.writer.commit([THINGS.insert(Thing(row))], outgoing)

    async def logged(self) -> list[str]:
        """Return what the log holds."""
        return [stored.record.data.decode() for stored in await self.bench.raw.read(CHANGES, [], 1000)]

    async def waiting(self) -> int:
        """Return how many events wait in the outboxes."""
        self.outbox.broken = None
        return sum([len(await self.outbox.take(server, 10_000)) for server in await self.outbox.servers()])


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_bench(tmp_path) as bench:
        place = Place(tmp_path, bench)
        yield place
        await place.writer.close()


async def test_events_come_to_the_log_in_order_and_leave_the_outbox(place: Place) -> None:
    for _ in range(3):
        await place.commit(2)
    assert await place.relay.move() == 6
    assert await place.logged() == ["1.0", "1.1", "2.0", "2.1", "3.0", "3.1"]
    assert await place.waiting() == 0
    assert await place.relay.move() == 0
    [first, *_] = await place.bench.raw.read(CHANGES, [], 1)
    assert first.record.key == b"%016d" % 1


async def test_a_batch_is_bounded_and_the_next_goes_on(place: Place) -> None:
    for _ in range(3):
        await place.commit(BATCH_MAX // 2)
    assert [await place.relay.move() for _ in range(3)] == [BATCH_MAX, BATCH_MAX // 2, 0]
    assert len(await place.logged()) == 3 * (BATCH_MAX // 2)


async def test_a_failure_between_publishing_and_deleting_repeats_and_loses_nothing(place: Place) -> None:
    await place.commit(2)
    place.outbox.failures = 1
    with pytest.raises(EngineUnavailable):
        await place.relay.move()
    await place.commit()
    assert await place.relay.move() == 3
    assert await place.logged() == ["1.0", "1.1", "1.0", "1.1", "2.0"]
    assert await place.waiting() == 0


async def test_a_log_that_takes_nothing_leaves_everything_in_the_outbox(place: Place) -> None:
    await place.commit(2)
    place.bench.log.away["append"] = 1
    with pytest.raises(EngineUnavailable):
        await place.relay.move()
    assert await place.logged() == []
    assert await place.waiting() == 2


async def test_a_server_that_is_away_does_not_hold_up_another(place: Place) -> None:
    await place.commit(shard=0)
    await place.commit(shard=4095)
    place.outbox.broken = 0
    with pytest.raises(EngineUnavailable):
        await place.relay.move()
    assert await place.logged() == ["2.0"]
    place.outbox.broken = None
    assert await place.relay.move() == 1
    assert sorted(await place.logged()) == ["1.0", "2.0"]


async def test_it_wakes_when_something_is_queued_and_goes_on_after_a_failure(place: Place) -> None:
    """A rest of the relay is over at once here, and its longest wait for the outbox would be a second."""
    task = asyncio.create_task(place.relay.run())
    try:
        await place.bench.idle()
        place.outbox.failures = 3
        await place.commit()
        await place.bench.until(lambda: place.outbox.failures == 0)
        await place.bench.idle()
        assert await place.logged() == ["1.0"] * 4
        assert place.bench.world.rests == [RETRY_WAIT_S] * 3
        await place.commit()
        await place.bench.until(lambda: place.bench.log.calls.count("append") == 5)
        await place.bench.idle()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert await place.waiting() == 0
