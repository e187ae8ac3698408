"""Up to when a group has heard everything: by what waits for it, and by what it gave up on."""

from pathlib import Path

import pytest

from bowerbird.app.heard import heard_until
from bowerbird.contracts.events import CHANGES
from bowerbird.ports.log import POLL_MAX, Offset, Record
from tests.support.house import House, open_house

HOUR_US = 3_600_000_000


async def append(house: House, count: int) -> list[Offset]:
    """Append records, an hour apart."""
    offsets: list[Offset] = []
    for _ in range(count):
        house.world.pass_s(3600)
        offsets += await house.engines.log.append(CHANGES, [Record(b"k", b"d", house.world.now_us())])
    return offsets


async def heard(house: House) -> int:
    """Return how long ago the group media has heard everything up to, in whole hours; -1 for never."""
    at = await heard_until(house.engines.log, "media", house.world)
    return -1 if at == 0 else (house.world.now_us() - at) // HOUR_US


@pytest.mark.anyio
async def test_what_waits_was_not_heard(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        offsets = await append(house, 3)
        assert await heard(house) == -1
        await house.engines.log.commit("media", CHANGES, offsets[:1])
        assert await heard(house) == 1
        await house.engines.log.commit("media", CHANGES, offsets)
        assert await heard(house) == 0
        await house.engines.log.commit("other", CHANGES, offsets[:1])
        assert await heard(house) == 0


@pytest.mark.anyio
async def test_what_was_given_up_on_was_not_heard_until_it_is_replayed(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        log, offsets = house.engines.log, await append(house, 5)
        await log.commit("media", CHANGES, offsets)
        stored = await log.read(CHANGES, [], 10)
        for one in (stored[3], stored[1]):
            await log.park("media", CHANGES, one, "no")
        await log.park("other", CHANGES, stored[0], "no")
        assert await heard(house) == 3
        await log.unpark("media", CHANGES, stored[1].offset)
        assert await heard(house) == 1


@pytest.mark.anyio
async def test_a_group_that_gave_up_on_too_much_has_heard_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        log = house.engines.log
        await log.append(CHANGES, [Record(b"k", b"d", house.world.now_us())] * POLL_MAX)
        stored = await log.read(CHANGES, [], POLL_MAX)
        await log.commit("media", CHANGES, [stored[-1].offset])
        for one in stored:
            await log.park("media", CHANGES, one, "no")
        assert await heard(house) == -1
