"""While an event is handled something else happens and is handled, before each of the calls: all comes out right."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest

from tests.support.feed_scene import ACTS, NEEDS, PILES, Piles, Scene
from tests.support.house import open_house, settings_with
from tests.support.interrupting import Interruption, interrupted

LOW = {"entries_max": 100, "chunk_entries_max": 2}
CALLS_MAX = 100
EVERY = int(os.environ.get("INTERRUPTED_EVERY", "2"))
"""Of the calls one in so many is come before; which ones is another matter for each act that comes."""
Stage = TypeVar("Stage", bound=Scene)
Acts = Mapping[str, Callable[[Stage], Awaitable[None]]]
DEAR = {"move from the pile"}
"""What arranges two bursts makes hundreds of calls, and comes in between only."""
SERVED = ("feed", "boards")
"""Pictures are counted and pages are read elsewhere; neither changes what a feed of photos holds."""


@pytest.mark.parametrize("first", ACTS)
def test_what_happens_meanwhile_is_not_lost(first: str) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Path(folder), Scene, ACTS, first))


@pytest.mark.parametrize("first", sorted(PILES.keys() - DEAR))
def test_what_happens_meanwhile_to_bursts_is_not_lost(first: str) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Path(folder), Piles, PILES, first, burst_pins_max=Piles.MOST))


async def _play(folder: Path, kind: type[Stage], acts: Acts[Stage], first: str, **feed: int) -> None:
    interruption = Interruption()
    chosen = settings_with(feed={**LOW, "policy": "push", **feed})
    async with open_house(folder, chosen, wrap=partial(interrupted, interruption=interruption)) as house:
        scene = kind(house, Random(0), served=SERVED)
        for number, second in enumerate(acts):
            at = number % EVERY
            while await _interrupt(scene, acts, interruption, first, second, at):
                at += EVERY
                assert at < CALLS_MAX


async def _interrupt(
    scene: Stage, acts: Acts[Stage], interruption: Interruption, first: str, second: str, at: int
) -> bool:
    """Let the second act come before a call that handling the first makes; False when there are not so many calls."""
    await scene.set()
    for act in dict.fromkeys((NEEDS.get(first), NEEDS.get(second))):
        if act is not None and act != first:
            await acts[act](scene)
            await scene.office.settle()
    await acts[first](scene)
    await scene.office.collect()

    async def meanwhile() -> None:
        await acts[second](scene)
        await scene.office.collect()
        await scene.office.deliver(len(scene.office.waiting))
        await scene.office.finish()

    interruption.arm(at, meanwhile)
    await scene.office.deliver(len(scene.office.waiting), only="feed")
    await scene.office.finish()
    happened = interruption.disarm()
    await scene.office.settle()
    await scene.check_equal()
    await scene.strike()
    return happened
