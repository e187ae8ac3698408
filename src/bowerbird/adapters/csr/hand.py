"""The process that makes snapshots: `python -I -m bowerbird.adapters.csr.hand`, on the pipes of `base.hand`.

It is a process for its memory and its processor, which the writer's shall not be; nobody strange is behind its input.
"""

import os
from pathlib import Path

from msgspec import msgpack

from bowerbird.adapters.csr.changes import changed
from bowerbird.adapters.csr.compaction import compacted
from bowerbird.adapters.csr.folder import Folder, Manifest
from bowerbird.adapters.csr.graph import Graph
from bowerbird.adapters.csr.order import Made, Order
from bowerbird.adapters.csr.snapshot import Snapshot
from bowerbird.adapters.csr.tail import all_frames
from bowerbird.base.hand import Confinement
from bowerbird.base.hand_loop import run

_NICENESS = 10


def answer(request: bytes) -> bytes:
    """Carry out an Order; return a Made."""
    order = msgpack.decode(request, type=Order)
    folder = Folder(Path(order.folder))
    graph = whole(folder, order.state)
    snapshot = compacted(graph, order.pruning)
    snapshot.write(folder.part(order.part))
    return msgpack.encode(Made(len(snapshot.boards_of) + len(snapshot.pruned)))


def whole(folder: Folder, state: Manifest) -> Graph:
    """Return the graph of a state, all changes made."""
    graph = Graph.of(Snapshot.open(folder.snapshot(state.snapshot)) if state.snapshot else Snapshot.empty())
    return changed(graph, b"".join(frame.records for frame in all_frames(folder, state)))


def stand_back() -> Confinement:
    """Leave the processor to whoever answers people; nothing else is given up."""
    os.nice(_NICENESS)
    return Confinement([], [])


if __name__ == "__main__":
    run(answer, stand_back)
