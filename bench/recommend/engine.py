"""The walk's engine in a folder of its own, with a community in it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bowerbird.adapters.csr.limits import Habits, Pruning
from bowerbird.adapters.csr.order import argv
from bowerbird.adapters.csr.walks import CsrWalks
from bowerbird.adapters.csr.writes import CsrWalkWrites
from bowerbird.base.ids import Id
from bowerbird.base.processes import Processes
from bowerbird.base.world import World
from bowerbird.ports.walks import CHANGES_MAX, Change, Described, Saved, Walks
from bowerbird.runtime.hands import HandLimits, Hands

MEMORY_BYTES_MAX: Final = 8 << 30

Opened = Callable[[Habits], CsrWalks]


def id_of(number: int) -> Id:
    """Return an id that looks like one derived from a digest."""
    return Id((number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128)).to_bytes(16, "big"))


def number_of(id_: Id) -> int:
    """Return the number of an id."""
    return int.from_bytes(id_, "big") * _INVERSE % (1 << 128)


_INVERSE: Final = pow(0x9E3779B97F4A7C15F39CC0605CEDC835, -1, 1 << 128)


@asynccontextmanager
async def engine(folder: Path, pruning: Pruning | None = None) -> AsyncGenerator[Opened]:
    """Yield what opens readers of a graph that is empty."""
    world = World()
    hands = Hands(Processes(), argv(), HandLimits(hands_max=1, memory_bytes_max=MEMORY_BYTES_MAX))
    writes = CsrWalkWrites.open(folder, hands, world, pruning=pruning)
    readers: list[CsrWalks] = []

    def opened(habits: Habits) -> CsrWalks:
        readers.append(CsrWalks(folder, writes, world.pool(1, "walks"), habits))
        return readers[-1]

    try:
        yield opened
    finally:
        for reader in readers:
            reader.close()
        await writes.close()
        await hands.close()


async def put(walks: Walks, saves: Sequence[tuple[int, int]], topics: Sequence[tuple[int, int]] = ()) -> None:
    """Put edges (thing, board) and the topics of things, and make a snapshot of them."""
    changes: list[Change] = [Saved(id_of(thing), id_of(board), 0) for thing, board in saves]
    changes += [Described(id_of(thing), topic, "") for thing, topic in topics if topic]
    for start in range(0, len(changes), CHANGES_MAX):
        await walks.change(changes[start : start + CHANGES_MAX])
        await asyncio.sleep(0)
    await walks.compact()
