"""A fan-out to thirty thousand lets others write between its steps: these wait for a step of it, not for all."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from typing_extensions import override

from bowerbird.adapters.sqlite.group import GroupCommit, Result, Work
from bowerbird.adapters.sqlite.timeline_writes import SqliteTimelineWrites
from bowerbird.adapters.sqlite.views import ROWS_MAX, open_views_writer
from bowerbird.ports.timelines import PLACED_MAX, Placed
from tests.support.timelines_entries import HOME, entry, some_id

FOLLOWERS = 30_000


class Counted(SqliteTimelineWrites):
    """Counts the steps of each task that writes."""

    def __init__(self, views: GroupCommit) -> None:
        super().__init__(views)
        self.steps: Counter[str] = Counter()

    @override
    async def _run(self, work: Work[Result], rows: int) -> Result:
        result = await super()._run(work, rows)
        task = asyncio.current_task()
        assert task is not None
        self.steps[task.get_name()] += 1
        return result


@pytest.fixture
async def writes(tmp_path: Path) -> AsyncGenerator[Counted]:
    writer = open_views_writer(tmp_path)
    yield Counted(writer)
    await writer.close()


async def fan_out(writes: Counted, followers: range, pin: int) -> None:
    """Push a pin to followers, as much in one call as the port allows."""
    for start in range(0, len(followers), PLACED_MAX):
        some = [some_id(number) for number in followers[start : start + PLACED_MAX]]
        await writes.add([Placed(HOME, follower, entry(pin)) for follower in some], 800)


async def test_others_write_between_the_steps_of_a_great_fan_out(writes: Counted) -> None:
    heavy = asyncio.create_task(fan_out(writes, range(1, FOLLOWERS + 1), 7), name="heavy")
    while writes.steps["heavy"] < 5:  # noqa: ASYNC110 - what is waited for is another task's doing
        await asyncio.sleep(0)
    for number in range(10):
        before = writes.steps["heavy"]
        await asyncio.create_task(fan_out(writes, range(1, 50), 100 + number), name="light")
        assert writes.steps["heavy"] - before <= 2
    assert not heavy.done(), "the others were done long before it"
    await heavy
    assert writes.steps["heavy"] == FOLLOWERS // ROWS_MAX
