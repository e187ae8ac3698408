"""A full disk, and one that fails: nobody dies of it, reads go on, writes are refused in time, and it heals by itself.

A full disk is real, a small one in memory; for single files and other errors the kernel is made to answer with them.
"""

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kills.tree import Tree
from tests.kills.trouble import HEALED_S, Scene, failing, fill, refused_clearly
from tests.kills.watch import go_on, kill

DISK_BYTES = 32 << 20
BODY_BYTES = 4 << 20
TROUBLE_S = 1.0
WRITES = {"board", "save", "link", "begin", "send", "private", "follow", "sign in", "register"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    with Tree(tmp_path_factory.mktemp("failing")) as tree:
        yield tree


def test_a_full_disk_stops_writing_and_nothing_else(tmp_path: Path) -> None:
    with Tree(tmp_path, disk_bytes=DISK_BYTES) as tree:
        scene = Scene(tree)
        refused: set[str] = set()
        filler = fill(tree.disk)
        until = time.monotonic() + TROUBLE_S
        while time.monotonic() < until:
            fill(tree.disk)  # what an engine sets free meanwhile, somebody may write on
            refused |= scene.write()
            scene.read()
        assert refused >= WRITES
        scene.nothing_half()
        filler.unlink()
        assert scene.healed() < HEALED_S
        scene.nobody_died()


def test_an_upload_that_meets_the_end_of_the_disk_leaves_nothing_and_can_be_sent_again(tmp_path: Path) -> None:
    picture = os.urandom(BODY_BYTES)
    with Tree(tmp_path, disk_bytes=DISK_BYTES) as tree:
        scene = Scene(tree)
        begun = scene.owner.begin_upload(len(picture))
        filler = fill(tree.disk)
        os.truncate(filler, filler.stat().st_size - BODY_BYTES // 2)
        refused_clearly("the bytes", scene.owner.send_bytes(begun, picture))
        scene.nothing_half()
        filler.unlink()
        assert scene.owner.send_bytes(begun, picture).status_code == 201


@pytest.mark.parametrize("victim", ["core", "edge-1"])
def test_who_dies_while_the_disk_is_full_is_back_and_reads_go_on(tmp_path: Path, victim: str) -> None:
    with Tree(tmp_path, disk_bytes=DISK_BYTES) as tree:
        scene = Scene(tree)
        filler = fill(tree.disk)
        kill(tree.pids()[victim])
        tree.wait_until_ready()
        scene.read()
        fill(tree.disk)  # what a death sets free counts too
        assert {"board", "send", "sign in"} <= scene.write()
        filler.unlink()
        assert scene.healed() < HEALED_S


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize(
    ("where", "refused"),
    [
        ("core.db", {"board", "save", "link", "begin", "private", "follow", "sign in", "register"}),
        ("keys.db", {"register"}),
        ("log.db", set[str]()),
        ("views.db", set[str]()),
        ("blobs/", {"send"}),
        ("run/", set[str]()),
        ("", WRITES),
    ],
    ids=["core", "keys", "log", "views", "blobs", "run", "all"],
)
def test_what_cannot_be_written_is_refused_and_the_rest_goes_on(
    tree: Tree, where: str, refused: set[str], number: int
) -> None:
    scene = Scene(tree)
    tree.rule = failing(where, number)
    until = time.monotonic() + TROUBLE_S
    try:
        assert scene.write() == refused
        while time.monotonic() < until:
            scene.write()
            scene.read()
    finally:
        tree.rule = go_on
    assert scene.healed() < HEALED_S
    scene.nobody_died()
