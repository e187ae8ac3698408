"""What is measured of vectors, each in a process of its own, so that its memory is its own: says JSON when it is over.

python -m bench.vectors_child fill|ask|add FOLDER
    python -m bench.vectors_child peer FILE
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from bench.machine import pss_mib
from bench.peers import float_graph
from bench.vectors_data import BLOCK_PINS, PINS, PRIVATE_PINS, Vectors, block, blocks, boards, packed, pictures, queries
from bowerbird.adapters.usearch.vectors import UsearchVectors
from bowerbird.adapters.usearch.writes import UsearchVectorWrites
from bowerbird.base.ids import Id
from bowerbird.ports.records import EngineUnavailable
from bowerbird.ports.vectors import VIEWS_MAX as VIEWS
from bowerbird.ports.vectors import Near, Picture, VectorWrites

SPACE: Final = "bench"
LIMIT: Final = 10
QUERIES: Final = 500
BOARDS: Final = 20
AT_ONCE: Final = 20
ADDS_A_S: Final = 200
ADD_S: Final = 45
BEHIND: Final = 10


class Asked(Struct, frozen=True):
    """Milliseconds of each search, of the clock and of the processor, and the pins that each found."""

    ms: list[float]
    cpu_ms: list[float]
    found: list[list[bytes]]


class Answers(Struct, frozen=True):
    """Searches among what is public, and with private boards too; MiB that opening and searching took."""

    public: Asked
    filtered: Asked
    mib: float
    open_ms: float


class Adds(Struct, frozen=True):
    """Pictures a second as fast as they go, then at a steady rate, and what the process of the writer took."""

    most: float
    steady: float
    put_ms: list[float]
    grown: int
    rest_mib: float
    peak_mib: float


def opened(root: Path) -> UsearchVectorWrites:
    """Open the writer as core does: what grows graphs stands back."""
    grower = ThreadPoolExecutor(1, initializer=os.nice, initargs=(BEHIND,))
    return UsearchVectorWrites.open(root, ThreadPoolExecutor(1), grower)


def reader(root: Path) -> UsearchVectors:
    """Open a reader; it has nobody who writes."""
    nobody: VectorWrites = None  # pyright: ignore[reportAssignmentType] - it is never called
    return UsearchVectors(root, nobody, ThreadPoolExecutor(2))


async def fill(root: Path) -> int:
    """Put all pictures that are not there yet, and return when all are in graphs; how many there are."""
    writes, vectors = opened(root), reader(root)
    done = (await vectors.counts(SPACE)).pins
    for first, some in blocks():
        if first + len(some) // VIEWS <= done:
            continue
        await put_all(writes, list(pictures(first, some)))
        print(f"{first:,}", file=sys.stderr, flush=True)
    await writes.settled()
    done = (await vectors.counts(SPACE)).pins
    await writes.close()
    vectors.close()
    return done


async def put_all(writes: UsearchVectorWrites, some: Sequence[Picture]) -> None:
    """Put pictures, and wait where graphs are too far behind."""
    for start in range(0, len(some), 200):
        while True:
            try:
                await writes.put(SPACE, some[start : start + 200])
                break
            except EngineUnavailable:
                await writes.settled()


async def ask(root: Path) -> Answers:
    """Search one after another."""
    asked = queries(QUERIES)
    before, began = pss_mib(os.getpid()), time.perf_counter()
    vectors = reader(root)
    await vectors.counts(SPACE)
    open_ms = (time.perf_counter() - began) * 1e3
    public = await _searched(asked, lambda one: vectors.nearest(SPACE, one, LIMIT, -1.0, public=True))
    mine = boards(BOARDS)
    filtered = await _searched(
        asked, lambda one: vectors.nearest(SPACE, one, LIMIT, -1.0, public=True, partitions=mine)
    )
    mib = pss_mib(os.getpid()) - before
    vectors.close()
    return Answers(public, filtered, mib, open_ms)


async def _searched(asked: Vectors, search: Callable[[bytes], Awaitable[list[Near]]]) -> Asked:
    ms, cpu_ms, found = list[float](), list[float](), list[list[bytes]]()
    for query in asked:
        began, used = time.perf_counter(), time.process_time()
        nears = await search(packed(query))
        ms.append((time.perf_counter() - began) * 1e3)
        cpu_ms.append((time.process_time() - used) * 1e3)
        found.append([bytes(one.pin) for one in nears])
    return Asked(ms, cpu_ms, found)


async def peer(path: Path) -> Answers:
    """Search the float32 graph in memory: the best views, of which the best ten pins; it knows of no visibility."""
    asked = queries(QUERIES)
    before, began = pss_mib(os.getpid()), time.perf_counter()
    index = float_graph.opened(path)
    open_ms = (time.perf_counter() - began) * 1e3

    async def search(query: bytes) -> list[Near]:
        matches = index.search(np.frombuffer(query, "<f2").astype(np.float32), LIMIT * VIEWS, threads=1)
        pins = dict.fromkeys(key // VIEWS for key in np.asarray(matches.keys).tolist())
        return [Near(peers_pin(pin), 0.0) for pin in list(pins)[:LIMIT]]

    public = await _searched(asked, search)
    return Answers(public, public, pss_mib(os.getpid()) - before, open_ms)


async def add(root: Path) -> Adds:
    """Put pictures that are not there as fast as they go, then at a steady rate; says when that begins."""
    before = pss_mib(os.getpid())
    writes = opened(root)
    rest = pss_mib(os.getpid()) - before
    new = [list(pictures(0, block(PINS + PRIVATE_PINS + number))) for number in range(2)]
    fresh = [
        Picture(Id((place + number * BLOCK_PINS).to_bytes(16, "big")), one.partition, True, one.views)  # noqa: FBT003 - a column
        for number, some in enumerate(new)
        for place, one in enumerate(some)
    ]
    began = time.perf_counter()
    for start in range(0, 4_000, AT_ONCE):
        await writes.put(SPACE, fresh[start : start + AT_ONCE])
    most = 4_000 / (time.perf_counter() - began)
    await writes.settled()
    print("steady", file=sys.stderr, flush=True)
    took = list[float]()
    began, grown = time.perf_counter(), _graphs(root)
    for number in range(ADD_S * ADDS_A_S // AT_ONCE):
        await asyncio.sleep(max(0.0, began + number * AT_ONCE / ADDS_A_S - time.perf_counter()))
        sent = time.perf_counter()
        start = 4_000 + number * AT_ONCE
        await writes.put(SPACE, fresh[start : start + AT_ONCE])
        took.append((time.perf_counter() - sent) * 1e3)
    steady = ADD_S * ADDS_A_S / (time.perf_counter() - began)
    await writes.settled()
    await writes.close()
    return Adds(most, steady, took, len(_graphs(root) - grown), rest, _peak_mib())


def peers_pin(pin: int) -> Id:
    """Return how the peer names a pin."""
    return Id(pin.to_bytes(16, "big"))


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(row for row in status if "VmHWM" in row).split()[1]) / 1024


def _graphs(root: Path) -> set[str]:
    return {path.name for path in (root / SPACE).glob("graph-*")}


async def main() -> None:
    """Do as the command line says."""
    doing = {"fill": fill, "ask": ask, "peer": peer, "add": add}[sys.argv[1]]
    print(msgspec.json.encode(await doing(Path(sys.argv[2]))).decode())


if __name__ == "__main__":
    asyncio.run(main())
