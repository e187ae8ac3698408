"""What is told of a running tree: where it answers, from everywhere and from here, and nothing once it is gone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bowerbird.app import announced
from bowerbird.app.announced import Tree
from bowerbird.app.folder import Folder
from bowerbird.app.sections import Settings, read


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    folder = Folder(str(tmp_path)).make()
    lock = folder.lock()
    yield folder
    os.close(lock)


def settings(host: str, origin: str = "") -> Settings:
    return read(None, {"server.host": host, "server.port": 8123, "http.origin": origin or None})[0]


@pytest.mark.parametrize(
    ("host", "origin", "address", "local"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("0.0.0.0", "", "http://127.0.0.1:8123", "http://127.0.0.1:8123"),  # noqa: S104 - nobody listens
        ("::", "https://pins.example", "https://pins.example", "http://[::1]:8123"),
        ("10.1.2.3", "https://pins.example", "https://pins.example", "http://10.1.2.3:8123"),
    ],
)
def test_a_tree_is_found_where_it_listens(folder: Folder, host: str, origin: str, address: str, local: str) -> None:
    announced.announce(folder, settings(host, origin))
    assert announced.read(folder) == Tree(address, local, os.getpid())
    announced.withdraw(folder)
    assert announced.read(folder) is None


def test_what_was_left_behind_is_not_believed(tmp_path: Path) -> None:
    """By a tree that was killed: nobody has the folder, or a command has it."""
    folder = Folder(str(tmp_path)).make()
    told = announced.announce(folder, settings("127.0.0.1"))
    assert announced.read(folder) is None
    lock = folder.lock()
    assert announced.read(folder) == told
    gone = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(gone, 0)
    file = folder.run / "tree.json"
    file.write_bytes(file.read_bytes().replace(str(told.pid).encode(), str(gone).encode()))
    assert announced.read(folder) is None
    file.write_bytes(b"")
    assert announced.read(folder) is None
    os.close(lock)
