"""A process that changes a graph until it is killed, and says after every call which one that was.

python -m tests.ports.walks.crash FOLDER
"""

import asyncio
import os
import sys
from pathlib import Path

from bowerbird.adapters.csr.limits import Compaction
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.walks import Change, Saved, Unsaved
from tests.ports.walks.scene import DAY_US, board, thing
from tests.ports.walks.subject import Edges, Subject, Variant

STAYS = 40
"""Calls after which what one saved is taken off again."""


def change_of(number: int) -> list[Change]:
    """Return what call `number` changes."""
    return [Saved(*_edge(number), DAY_US), Unsaved(*_edge(number - STAYS))]


def edges_after(number: int) -> Edges:
    """Return what there is after calls up to `number`."""
    return {_edge(one): 1 for one in range(max(1, number - STAYS + 1), number + 1)}


async def main(folder: Path) -> None:
    """Change for ever, and make snapshots by the way."""
    subject = Subject(Variant(compaction=Compaction(changes_min=30, share=0.0)), folder)
    number = 0
    while True:
        number += 1
        await subject.walks.change(change_of(number), [Offset(0, number)])
        os.write(1, b"%d\n" % number)


def _edge(number: int) -> tuple[Id, Id]:
    return thing(1 + number % 1000), board(number % 7)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
