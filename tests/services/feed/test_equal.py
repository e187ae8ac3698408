"""Whatever people do, and however late, often and mixed up its events arrive: push, pull and hybrid show the model."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.feed_game import STEPS, Game, Step, Walk
from tests.support.house import open_house, settings_with
from tests.support.pausing import Pauses, pausing

LOW = {"entries_max": 5, "push_followers_max": 1, "pull_followers_min": 2, "chunk_entries_max": 2}
NUMBER = st.integers(0, 11)
PLAY = st.lists(st.tuples(st.sampled_from(STEPS), NUMBER, NUMBER, NUMBER), min_size=10, max_size=60)
PEOPLE = 4


SEED = st.integers(0, 1 << 30)
POLICIES = pytest.mark.parametrize("policy", ["push", "pull", "hybrid"])
PLAYS = settings(max_examples=24)


@POLICIES
@PLAYS
@given(steps=PLAY, seed=SEED)
def test_every_policy_shows_the_model(policy: str, steps: list[Step], seed: int) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Path(folder), policy, steps, seed))


@POLICIES
@PLAYS
@given(steps=PLAY, seed=SEED)
def test_every_policy_shows_the_model_with_bursts(policy: str, steps: list[Step], seed: int) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_burst(Path(folder), policy, steps, seed))


@asynccontextmanager
async def _opened(folder: Path, policy: str, seed: int, **feed: int) -> AsyncGenerator[Game]:
    """Open a game, and at its end wait for what was begun."""
    chance = Random(seed)
    chosen = settings_with(feed={**LOW, "policy": policy, **feed})
    async with open_house(folder, chosen, wrap=partial(pausing, pauses=Pauses(chance)), seed=seed) as house:
        game = Game(house, chance)
        await game.open(PEOPLE, 2)
        yield game
        await game.office.finish()


async def _burst(folder: Path, policy: str, steps: list[Step], seed: int) -> None:
    """Two pins of one person on a board make a burst; pages that change while they are read are not looked at."""
    async with _opened(folder, policy, seed, burst_pins_max=2) as game:
        game.town.burst_pins_max = 2
        for step in steps:
            await game.step(step)
            await game.check_nothing_forbidden()
        await game.office.quiesce()
        await game.check_equal()


async def _play(folder: Path, policy: str, steps: list[Step], seed: int) -> None:
    async with _opened(folder, policy, seed) as game:
        walks = [Walk(viewer) for viewer in game.town.people]
        for step in steps:
            await game.step(step)
            await game.check_nothing_forbidden()
            walk = game.chance.choice(walks)
            if walk.viewer in game.town.people and not walk.over:
                await game.walk_on(walk)
        await game.office.quiesce()
        await game.check_equal()
        await _read_while_pins_arrive(game)


async def _read_while_pins_arrive(game: Game) -> None:
    """Page through every feed while others save: what was there at first is all there, once, and nothing else."""
    expected = {viewer: game.town.feed(viewer) for viewer in game.town.people}
    walks = [Walk(viewer) for viewer in game.town.people]
    for walk in walks:
        await game.walk_on(walk)
    while under_way := [walk for walk in walks if not walk.over]:
        await game.step(("save", game.chance.randint(0, 11), game.chance.randint(0, 11), 0))
        await game.step(("deliver", 0, 3, game.chance.randint(0, 11)))
        await game.walk_on(game.chance.choice(under_way))
    for walk in walks:
        assert walk.seen == expected[walk.viewer]
