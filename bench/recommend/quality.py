"""Quality: how much of what people would have saved is among what they are recommended, and how much is recommended.

    python -m bench.recommend.quality [--save]

The habits of walkers and the pruning were chosen on the community of seed 1; what is told here is of others.
"""

import argparse
import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from bench.figures import Figure, Goal, Run, Section, as_markdown, figure, ratio, write
from bench.machine import describe
from bench.recommend.community import Shape, grow
from bench.recommend.demo import demo
from bench.recommend.engine import Opened, engine, id_of, number_of, put
from bench.recommend.rivals import Rivals
from bench.report import RESULTS
from bowerbird.adapters.csr.limits import Habits, Pruning
from bowerbird.ports.walks import Walk, Walks, Wish

SEEDS: Final = (2, 3, 4)
FIRST: Final = 50
BETTER: Final = Goal(least=1.0)

# Pixie's plain walk: no booster, nothing pruned, nothing divided.
PLAIN: Final = Habits(restart=0.5, boosted=False, rarity=0.0, degree_share=0.0)
UNPRUNED: Final = Pruning(entropy_bits_max=float("inf"), exponent=1.0)

OURS: Final = "the walk"
RIVALS: Final = (
    "popularity",
    "co-occurrence, counted",
    "co-occurrence, cosine",
    "a plain random walk",
    "the walk without booster",
)

Recommend = Callable[[Sequence[int]], Awaitable[list[int]]]

HOW: Final = (
    "Saves of a community with planted tastes (`bench/recommend/community.py`): {people:,} people with {tastes} topics "
    "each of {topics}, {things:,} things, {saves:,} saves, a fifth of them noise; of {judged} people a fifth of what "
    "they saved is held out, and the rest asks. Hit rate@50: which part of what was held out is among the first 50. "
    "Coverage: which part of all things is recommended to anybody. Seeds {seeds}; what can be tuned was tuned on seed "
    "1. `plain`: no booster, nothing pruned, as many steps from each thing. `cosine`: counted, divided by the root of "
    "both things' boards. Demo: {turns} saves of the demo's people, each held out in turn, of {demo_saves} of "
    "{demo_things} things; few saves, so that one more or less is {one:.1%}."
)


def measure(_folder: object, _known: object) -> Section:
    """Measure all on the communities, then on the demo."""
    found = [asyncio.run(_on_community(seed)) for seed in SEEDS]
    figures: list[Figure] = []
    for what, place in (("hit rate@50", 0), ("coverage", 1)):
        by_name = {name: [one[name][place] for one in found] for name in (OURS, *RIVALS)}
        figures += [figure(f"{what}: {name}", "", values) for name, values in by_name.items()]
        figures += [ratio(f"{what}: {OURS}, of {name}'s", by_name[OURS], by_name[name], BETTER) for name in RIVALS]
    on_demo = asyncio.run(_on_demo())
    for what, place in (("hit rate@50", 0), ("coverage", 1)):
        figures += [figure(f"demo, {what}: {name}", "", [on_demo[name][place]]) for name in (OURS, *RIVALS)]
    return Section("Recommendations: quality", _how(), figures)


def _how() -> str:
    shape, community, shown = Shape(), grow(SEEDS[0]), demo()
    return HOW.format(
        people=shape.people,
        tastes=shape.tastes,
        topics=shape.topics,
        things=community.things,
        saves=len(community.saves),
        judged=len(community.trials),
        seeds=", ".join(map(str, SEEDS)),
        turns=len(shown.turns),
        demo_saves=shown.saves,
        demo_things=shown.things,
        one=1 / len(shown.turns),
    )


async def _on_community(seed: int) -> dict[str, tuple[float, float]]:
    """Return the hit rate and the coverage of each."""
    community = grow(seed)
    rivals = Rivals(community.saves, community.things)
    async with AsyncExitStack() as stack:
        topics: list[int] = community.topics.tolist()
        opened = await _graph(stack, community.saves.tolist(), list(enumerate(topics)))
        plain = await _graph(stack, community.saves.tolist(), [], UNPRUNED)
        found: dict[str, tuple[float, float]] = {}
        for name, recommend in _all(rivals, opened, plain).items():
            lists = [await recommend(trial.query) for trial in community.trials]
            hits = sum(len(trial.wanted & {*some}) for trial, some in zip(community.trials, lists, strict=True))
            wanted = sum(len(trial.wanted) for trial in community.trials)
            found[name] = (hits / wanted, len(set[int]().union(*lists)) / community.things)
    return found


async def _on_demo() -> dict[str, tuple[float, float]]:
    """Return the same; every turn has a graph of its own."""
    shown = demo()
    lists: dict[str, list[list[int]]] = {name: [] for name in (OURS, *RIVALS)}
    for turn in shown.turns:
        async with AsyncExitStack() as stack:
            opened = await _graph(stack, turn.saves.tolist(), [])
            plain = await _graph(stack, turn.saves.tolist(), [], UNPRUNED)
            for name, recommend in _all(Rivals(turn.saves, shown.things), opened, plain).items():
                lists[name].append(await recommend(turn.query))
    wanted = [turn.wanted for turn in shown.turns]
    return {
        name: (
            mean(one in found for one, found in zip(wanted, some, strict=True)),
            len(set[int]().union(*some)) / shown.things,
        )
        for name, some in lists.items()
    }


async def _graph(
    stack: AsyncExitStack,
    saves: Sequence[tuple[int, int]],
    topics: Sequence[tuple[int, int]],
    pruning: Pruning | None = None,
) -> Opened:
    folder = stack.enter_context(TemporaryDirectory())
    opened = await stack.enter_async_context(engine(Path(folder), pruning))
    await put(opened(Habits()), saves, topics)
    return opened


def _all(rivals: Rivals, opened: Opened, plain: Opened) -> dict[str, Recommend]:
    counted = (rivals.popularity, rivals.together, rivals.together_cosine)
    walks = (plain(PLAIN), opened(Habits(boosted=False)))
    found: dict[str, Recommend] = {OURS: _walking(opened(Habits()))}
    found |= dict(zip(RIVALS, [*map(_counting, counted), *map(_walking, walks)], strict=True))
    return found


def _walking(walks: Walks) -> Recommend:
    async def recommend(query: Sequence[int]) -> list[int]:
        seed = int(np.sum(query))
        asked = Walk(query=[Wish(id_of(thing)) for thing in query], seed=seed, things_max=FIRST)
        return [number_of(one.id) for one in (await walks.walk(asked)).things]

    return recommend


def _counting(count: Callable[[Sequence[int], int], list[int]]) -> Recommend:
    async def recommend(query: Sequence[int]) -> list[int]:
        return count(query, FIRST)

    return recommend


def main() -> None:
    """Do as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench.recommend.quality")
    parser.add_argument("--save", action="store_true", help="write bench/results/recommend.json")
    save: bool = parser.parse_args().save
    machine, argv = describe(), ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(argv, cwd=RESULTS, capture_output=True, text=True, check=False).stdout.strip()
    run = Run(datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), commit, machine, measure(None, None))
    print(as_markdown(run))
    if save:
        write(run, RESULTS, "recommend")


if __name__ == "__main__":
    main()
