"""Sweeps: stepped until nothing is left, bounded, again after a pause, and not ended by a failure."""

import asyncio
from contextlib import suppress

from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from bowerbird.runtime.sweeps import STEPS_MAX, Sweep, exhaust, run
from tests.support.consumer_bench import Resting


class Heap:
    """Things to be dealt with, ten a step; `failures` steps fail first."""

    def __init__(self, things: int, failures: int = 0) -> None:
        self.things = things
        self.steps = 0
        self.failures = failures

    async def step(self) -> int:
        self.steps += 1
        if self.failures:
            self.failures -= 1
            raise RuntimeError("this step failed, as planned")
        dealt = min(10, self.things)
        self.things -= dealt
        return dealt


async def test_it_steps_until_nothing_is_left_and_counts() -> None:
    heap = Heap(35)
    await exhaust(Sweep("counted", heap.step, 60))
    assert (heap.things, heap.steps) == (0, 5)
    assert REGISTRY.get_sample_value("bowerbird_sweep_things_total", {"sweep": "counted"}) == 35


async def test_it_stops_after_so_many_steps_though_more_is_left() -> None:
    heap = Heap(1_000_000)
    await exhaust(Sweep("heap", heap.step, 60))
    assert heap.steps == STEPS_MAX


async def test_it_comes_again_after_about_its_pause_also_after_a_failure() -> None:
    heap, world = Heap(10, failures=2), Resting()
    with capture_logs() as lines:
        task = asyncio.create_task(run(Sweep("heap", heap.step, 60), world))
        for _ in range(200):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert heap.things == 0
    assert len(world.rests) > 10
    assert all(54 <= rest <= 66 for rest in world.rests)
    assert len(set(world.rests)) > 1, "sweeps of many processes must not come together"
    assert [line["event"] for line in lines] == ["sweep_failed"] * 2
