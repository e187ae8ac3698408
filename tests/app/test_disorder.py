"""Every event ten times, in any order, among poison: in the end everything is as if each had come once, in its turn.

The real groups read the real log. What is compared with is the model of feeds, and what the log says when it is read
as a whole, where of each thing the highest version holds.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
from typing_extensions import override

from bowerbird.app.building import Built, build_records
from bowerbird.base.ids import Id
from bowerbird.contracts.events import CHANGES, read_envelope
from bowerbird.ports.log import POLL_MAX, Record
from bowerbird.runtime.consumers import Consumer
from tests.app.test_rebuild import BURST, SETTINGS, ignore, told
from tests.support.feed_game import STEPS, Game
from tests.support.house import House, open_house
from tests.support.post_office import PostOffice

TIMES = 10
POISON = 100
"""One record among so many is poison."""
PEOPLE = 4
PLAYED = 60


class Mess(PostOffice):
    """Brings events to the log ten times each, shuffled, with poison among them, and waits for the groups."""

    def __init__(self, house: House, chance: Random) -> None:
        super().__init__(house, chance)
        self._house_ = house
        self._dice = chance
        self.poison = 0

    @override
    async def collect(self) -> int:
        """Bring what was committed to the log, as badly as can be; return how much that was."""
        [queued] = [await self._house_.outbox.take(server, 10_000) for server in await self._house_.outbox.servers()]
        records = [Record(one.outgoing.key, one.outgoing.data, self._house_.world.now_us()) for one in queued] * TIMES
        count = sum(self._dice.random() < 1 / POISON for _ in records)
        for record in self._dice.sample(records, count):
            records.append(Record(record.key, self._spoilt(record.data), record.at))
        self.poison += count
        self._dice.shuffle(records)
        for start in range(0, len(records), 500):
            await self._house_.engines.log.append(CHANGES, records[start : start + 500])
        await self._house_.outbox.done(0, [one.sequence for one in queued])
        return len(queued)

    @override
    async def deliver(self, count: int, *, again: int = 0, only: str | None = None) -> None:
        """Let the groups go on for a while."""
        for _ in range(count):
            await asyncio.sleep(0)

    @override
    async def settle(self, only: str | None = None) -> None:
        """Wait until nothing is on its way any more."""
        while await self.collect() or any(lag.records for lag in await self._house_.engines.log.lag()):  # noqa: ASYNC110 - the log's words are what is waited for
            await asyncio.sleep(0)

    def _spoilt(self, data: bytes) -> bytes:
        """Return an event that cannot be opened, or bytes that are none."""
        if self._dice.random() < 0.5:
            return data[:-1] + bytes([data[-1] ^ 1])
        return self._dice.randbytes(40)


@asynccontextmanager
async def consuming(house: House) -> AsyncGenerator[None]:
    """Let every group read the log meanwhile."""
    log, keys = house.engines.log, house.engines.keys
    consumers = [Consumer(group, log, keys, house.world) for group in house.wired.groups]
    running = [asyncio.create_task(consumer.run()) for consumer in consumers]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)
    assert all(task.cancelled() for task in running)


@pytest.mark.anyio
@pytest.mark.parametrize("seed", range(4))
async def test_events_ten_times_in_any_order_among_poison_come_to_what_the_log_says(tmp_path: Path, seed: int) -> None:
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    await asyncio.to_thread(old.mkdir)
    await asyncio.to_thread(fresh.mkdir)
    dice = Random(seed)
    async with open_house(old, SETTINGS, seed=seed) as house:
        game = Game(house, dice)
        game.town.burst_pins_max = BURST
        game.office = mess = Mess(house, dice)
        async with consuming(house):
            await game.open(PEOPLE, 2)
            for _ in range(PLAYED):
                who, first, second = dice.choices(range(12), k=3)
                await game.step((dice.choice(STEPS), who, first, second))
            await mess.quiesce()
            await game.check_equal()
        built = await build_records(fresh, house.engines.log, house.engines.keys, house.world, ignore)
        assert await told(house, fresh) == await told(house, old)
        await _only_poison_is_parked(house, built, mess)


async def _only_poison_is_parked(house: House, built: Built, mess: Mess) -> None:
    """What was sealed for somebody who is erased by now nobody can tell from poison any more."""
    parked = await house.engines.log.parked(None, POLL_MAX)
    untold = [one.stored for one in parked if one.stored.offset.number not in built.poison]
    owners = {Id(read_envelope(stored.record.data).owner) for stored in untold}
    assert mess.poison > 0
    assert 0 < len(built.poison) <= mess.poison
    assert set(await house.engines.keys.get(list(owners))) <= {None}
