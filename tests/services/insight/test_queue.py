"""The queue of views: bounded, sampled, never in the way of a request, and honest about what it loses."""

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import get_args

import pytest

from bowerbird.services.insight.service import BATCH_MAX
from bowerbird.services.insight.settings import InsightSettings
from tests.support.insight_house import SEED, InsightHouse, by, lost, running, written
from tests.support.records_disk import Trouble

TROUBLES: tuple[Trouble, ...] = get_args(Trouble)


def at_once(call: Coroutine[object, object, None]) -> None:
    """Run a call that must not wait for anything."""
    with pytest.raises(StopIteration):
        call.send(None)


async def until(true: Callable[[], bool]) -> None:
    """Let others run until something is true."""
    while not true():  # noqa: ASYNC110 - a count tells nobody when it changes
        await asyncio.sleep(0)


async def test_a_full_queue_drops_what_comes_last_and_counts_it(house: InsightHouse) -> None:
    ada, insight = await house.person(), house.service(InsightSettings(queue_views_max=3))
    before = lost("full")
    views = await house.see(insight, ada, 5)
    assert lost("full") == before + 2
    await insight.flush()
    assert await house.logged() == views[:3]
    more = await house.see(insight, ada, 3)
    await insight.flush()
    assert await house.logged() == views[:3] + more
    assert lost("full") == before + 2


async def test_a_call_larger_than_the_room_fills_it(house: InsightHouse) -> None:
    ada, insight = await house.person(), house.service(InsightSettings(queue_views_max=3))
    views = [house.view(ada) for _ in range(5)]
    await insight.seen(by(ada), views)
    await insight.flush()
    assert await house.logged() == views[:3]


async def test_nobody_waits_for_a_log_that_stands_still(house: InsightHouse) -> None:
    ada, insight = await house.person(), house.service(InsightSettings(queue_views_max=10))
    before = lost("full")
    async with running(insight):
        with house.standing():
            at_once(insight.seen(by(ada), [house.view(ada)]))
            await house.world.wake()
            await until(lambda: not insight.waiting)
            for _ in range(13):
                at_once(insight.seen(by(ada), [house.view(ada)]))
            assert (insight.waiting, lost("full")) == (10, before + 3)
        await until(lambda: not insight.waiting)
    await insight.flush()
    assert len(await house.stored()) == 11


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
async def test_the_share_that_a_setting_names_is_kept(house: InsightHouse, share: float) -> None:
    ada, insight = await house.person(), house.service(InsightSettings(sample_share=share))
    before, dice = lost("full"), Random(SEED)
    views = await house.see(insight, ada, 200)
    await insight.flush()
    assert await house.logged() == [view for view in views if dice.random() < share]
    assert lost("full") == before


async def test_each_view_of_a_call_is_sampled_for_itself(house: InsightHouse) -> None:
    ada, insight, dice = await house.person(), house.service(InsightSettings(sample_share=0.5)), Random(SEED)
    views = [house.view(ada) for _ in range(100)]
    await insight.seen(by(ada), views)
    await insight.flush()
    assert await house.logged() == [view for view in views if dice.random() < 0.5]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_while_the_log_is_away_one_batch_is_lost_and_the_others_wait(
    house: InsightHouse, trouble: Trouble
) -> None:
    ada, insight = await house.person(), house.service()
    before = lost("log"), written()
    await house.see(insight, ada, BATCH_MAX)
    kept = await house.see(insight, ada, 7)
    async with running(insight):
        async with house.disk.outage(trouble):
            await house.world.round()
            at_once(insight.seen(by(ada), [late := house.view(ada)]))
        assert (insight.waiting, lost("log"), written()) == (8, before[0] + BATCH_MAX, before[1])
        await house.world.round()
    assert (insight.waiting, lost("log"), written()) == (0, before[0] + BATCH_MAX, before[1] + 8)
    assert await house.logged() == [*kept, late]


async def test_without_keys_views_are_lost_and_nothing_else_fails(house: InsightHouse) -> None:
    ada, insight, before = await house.person(), house.service(), lost("log")
    house.world.pass_s(3600)
    house.keys.close()
    await house.see(insight, ada, 3)
    await insight.flush()
    assert await house.stored() == []
    assert lost("log") == before + 3


async def test_what_waits_at_the_end_is_written(house: InsightHouse) -> None:
    ada, insight = await house.person(), house.service(InsightSettings(flush_pause_ms=60_000))
    views = await house.see(insight, ada, BATCH_MAX + 1)
    await insight.flush()
    assert await house.logged() == views
    assert insight.waiting == 0


async def test_at_the_end_an_absent_log_is_asked_once(house: InsightHouse) -> None:
    ada, insight, before = await house.person(), house.service(), lost("log")
    await house.see(insight, ada, 5 * BATCH_MAX)
    async with house.disk.outage("full"):
        await insight.flush()
    assert (insight.waiting, lost("log")) == (0, before + 5 * BATCH_MAX)
    assert await house.stored() == []


async def test_a_batch_on_its_way_when_the_end_comes_is_written_once(house: InsightHouse) -> None:
    ada, insight, before = await house.person(), house.service(), lost("log")
    views = await house.see(insight, ada, BATCH_MAX + 1)
    with house.standing():
        async with running(insight):
            await house.world.wake()
            await until(lambda: insight.waiting == 1)
        ending = asyncio.create_task(insight.flush())
        await asyncio.sleep(0)
        assert not ending.done()
    await ending
    assert await house.logged() == views
    assert (insight.waiting, lost("log")) == (0, before)
