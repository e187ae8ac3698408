"""What hands that see take, measured from outside: `python -m bench.vision.hands MODEL FOLDER TURNS`, for measure.py.

FOLDER holds renditions, of which each repeat takes the next TURNS. It loads neither OpenCV nor ONNX Runtime, or part of
the hands' memory would be counted as its own. Prints figures as JSON.
"""

import asyncio
import sys
from itertools import pairwise
from pathlib import Path

import msgspec

from bench.figures import Figure, Goal, figure
from bench.machine import cpu_us, pss_mib
from bowerbird.adapters.vision import embedder, likeness
from bowerbird.adapters.vision.limits import HAND_BYTES_MAX
from bowerbird.base.processes import Processes
from bowerbird.ports.embedder import VIEWS
from bowerbird.runtime.hands import HandLimits, Hands


async def embedding(pool: Hands, model: Path, parts: list[list[bytes]]) -> list[float]:
    """Return milliseconds of a processor for a picture of six views, of each part."""
    asks = embedder.OnnxEmbedder(pool, model)
    await asks.embed(parts[0][0], list(VIEWS))
    took: list[float] = []
    for part in parts:
        before = cpu_us(pool.pids())
        for each in part:
            await asks.embed(each, list(VIEWS))
        took.append((cpu_us(pool.pids()) - before) / 1e3 / len(part))
    return took


async def matching(pool: Hands, parts: list[list[bytes]]) -> list[float]:
    """Return milliseconds of a processor for two pictures held against each other, of each part."""
    asks = likeness.OpenCvLikeness(pool)
    await asks.same(parts[0][0], parts[0][:1])
    took: list[float] = []
    for part in parts:
        before = cpu_us(pool.pids())
        for one, other in pairwise(part):
            await asks.same(one, [other])
        took.append((cpu_us(pool.pids()) - before) / 1e3 / (len(part) - 1))
    return took


async def measure(model: Path, parts: list[list[bytes]]) -> list[Figure]:
    """Measure both pools."""
    limits = HandLimits(hands_max=1, memory_bytes_max=HAND_BYTES_MAX)
    sees, matches = Hands(Processes(), embedder.argv(model), limits), Hands(Processes(), likeness.argv(), limits)
    embedded, matched = await embedding(sees, model, parts), await matching(matches, parts)
    held = [[pss_mib(pid) for pid in pool.pids()] for pool in (sees, matches)]
    await sees.close()
    await matches.close()
    return [
        figure("a picture of six views, in its hand", "ms", embedded),
        figure("two pictures held against each other, in their hand", "ms", matched),
        figure("the embedding hand", "MiB", held[0], Goal(most=100)),
        figure("the matching hand", "MiB", held[1]),
    ]


def main() -> None:
    """Measure, and print the figures."""
    turns = int(sys.argv[3])
    renditions = [path.read_bytes() for path in sorted(Path(sys.argv[2]).iterdir())]
    parts = [renditions[at : at + turns] for at in range(0, len(renditions) - turns + 1, turns)]
    print(msgspec.json.encode(asyncio.run(measure(Path(sys.argv[1]), parts))).decode())


if __name__ == "__main__":
    main()
