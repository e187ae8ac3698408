"""While an event is handled something else happens and is handled, before each of the calls: all comes out right."""

import asyncio
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.support.feed_scene import ACTS, NEEDS, Scene
from tests.support.house import open_house, settings_with
from tests.support.interrupting import Interruption, interrupted

LOW = {"entries_max": 100, "chunk_entries_max": 2}
CALLS_MAX = 100
SERVED = ("feed", "boards")
"""Pictures are counted and pages are read elsewhere; neither changes what a feed of photos holds."""


@pytest.mark.parametrize("first", ACTS)
def test_what_happens_meanwhile_is_not_lost(first: str) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Path(folder), first))


async def _play(folder: Path, first: str) -> None:
    interruption = Interruption()
    chosen = settings_with(feed={**LOW, "policy": "push"})
    async with open_house(folder, chosen, wrap=partial(interrupted, interruption=interruption)) as house:
        scene = Scene(house, Random(0), served=SERVED)
        for second in ACTS:
            at = 0
            while await _interrupt(scene, interruption, first, second, at):
                at += 1
                assert at < CALLS_MAX


async def _interrupt(scene: Scene, interruption: Interruption, first: str, second: str, at: int) -> bool:
    """Let the second act come before a call that handling the first makes; False when there are not so many calls."""
    await scene.set()
    for act in dict.fromkeys((NEEDS.get(first), NEEDS.get(second))):
        if act is not None and act != first:
            await ACTS[act](scene)
            await scene.office.settle()
    await ACTS[first](scene)
    await scene.office.collect()

    async def meanwhile() -> None:
        await ACTS[second](scene)
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
