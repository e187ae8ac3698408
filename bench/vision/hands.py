"""What hands that see take, measured from outside."""

from itertools import pairwise
from pathlib import Path

from bench.figures import Figure, figure
from bench.machine import cpu_us
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
    """Measure both pools; each repeat takes one of the parts."""
    limits = HandLimits(hands_max=1, memory_bytes_max=HAND_BYTES_MAX)
    sees, matches = Hands(Processes(), embedder.argv(model), limits), Hands(Processes(), likeness.argv(), limits)
    embedded, matched = await embedding(sees, model, parts), await matching(matches, parts)
    held = [[_resident_mib(pid) for pid in pool.pids()] for pool in (sees, matches)]
    await sees.close()
    await matches.close()
    return [
        figure("a picture of six views, in its hand", "ms", embedded),
        figure("two pictures held against each other, in their hand", "ms", matched),
        figure("the embedding hand, resident", "MiB", held[0]),
        figure("the matching hand, resident", "MiB", held[1]),
    ]


def _resident_mib(pid: int) -> float:
    """Return all that a process has in memory, what it shares with others too: libraries, with this one."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024
