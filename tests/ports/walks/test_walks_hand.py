"""Snapshots are made by a process of its own, and numpy is not there before somebody walks."""

import subprocess
import sys
from pathlib import Path

import pytest

from bowerbird.adapters.csr.order import argv
from bowerbird.adapters.csr.walks import CsrWalks
from bowerbird.adapters.csr.writes import CsrWalkWrites
from bowerbird.base.processes import Processes
from bowerbird.base.world import World
from bowerbird.ports.log import Offset
from bowerbird.ports.records import EngineUnavailable
from bowerbird.runtime.hands import HandLimits, Hands
from tests.ports.walks.scene import found, saves

LIGHT = """
import asyncio, sys
from pathlib import Path
from bowerbird.adapters.csr.order import argv
from bowerbird.adapters.csr.walks import CsrWalks
from bowerbird.adapters.csr.writes import CsrWalkWrites
from bowerbird.base.processes import Processes
from bowerbird.base.world import World
from bowerbird.runtime.hands import HandLimits, Hands
from tests.ports.walks.scene import asked, saves

async def main():
    world = World()
    hands = Hands(Processes(), argv(), HandLimits(hands_max=1))
    writes = CsrWalkWrites.open(Path(sys.argv[1]), hands, world)
    walks = CsrWalks(Path(sys.argv[1]), writes, world.pool(1, "walks"))
    await walks.change(saves([[1, 2]]))
    await walks.compact()
    await walks.applied()
    assert "numpy" not in sys.modules
    assert (await walks.walk(asked(1))).things
    assert "numpy" in sys.modules
    walks.close()
    await writes.close()
    await hands.close()

asyncio.run(main())
"""


async def test_a_process_makes_the_snapshot(tmp_path: Path) -> None:
    world, hands = World(), Hands(Processes(), argv(), HandLimits(hands_max=1))
    writes = CsrWalkWrites.open(tmp_path, hands, world)
    walks = CsrWalks(tmp_path, writes, world.pool(1, "walks"))
    await walks.change(saves([[1, 2], [2, 3]]), [Offset(0, 4)])
    await walks.compact()
    assert hands.status().answered == 1
    assert (tmp_path / "00000002.graph").exists()
    assert await found(walks, 1) == {2, 3}
    await hands.close()
    await walks.change(saves([[3, 4]]))
    with pytest.raises(EngineUnavailable):
        await walks.compact()
    assert await found(walks, 4) == {1, 2, 3}
    walks.close()
    await writes.close()
    for late in (writes.change([]), writes.compact(), writes.clear()):
        with pytest.raises(EngineUnavailable):
            await late


def test_numpy_comes_with_the_first_walk(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", LIGHT, str(tmp_path)], cwd=root, check=True)


async def test_a_reader_without_a_graph_says_so(tmp_path: Path) -> None:
    walks = CsrWalks(tmp_path, None, World().pool(1, "walks"))  # pyright: ignore[reportArgumentType] - it is not asked
    for question in (walks.size(), walks.applied()):
        with pytest.raises(EngineUnavailable):
            await question
    (tmp_path / "manifest.json").write_text('{"format": 2}')
    with pytest.raises(EngineUnavailable):
        await walks.size()
    walks.close()


@pytest.mark.parametrize("spoiled", [b"", b"nonsense", b"BBWALKS1\xff\xff\xff\x7f", b"BBWALKS1\x01\x00\x00\x00\x80"])
async def test_a_spoiled_snapshot_is_not_walked(tmp_path: Path, spoiled: bytes) -> None:
    world, hands = World(), Hands(Processes(), argv(), HandLimits(hands_max=1))
    writes = CsrWalkWrites.open(tmp_path, hands, world)
    await writes.change(saves([[1, 2]]))
    await writes.compact()
    (tmp_path / "00000002.graph").write_bytes(spoiled)
    walks = CsrWalks(tmp_path, writes, world.pool(1, "walks"))
    with pytest.raises(EngineUnavailable):
        await walks.size()
    walks.close()
    await writes.close()
    await hands.close()
