"""The data folder belongs to one tree at a time, to the last of its processes, and asking who has it takes nothing."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bowerbird.app.folder import Folder
from bowerbird.app.settings import SettingsError


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(str(tmp_path / "data")).make()


def test_a_folder_is_taken_once(folder: Folder) -> None:
    assert not folder.is_taken()
    lock = folder.lock()
    assert folder.is_taken()
    with pytest.raises(SettingsError, match="Another Bowerbird is running"):
        folder.lock()
    os.close(lock)
    assert not folder.is_taken()
    os.close(folder.lock())


def test_whoever_inherits_the_lock_holds_it(folder: Folder) -> None:
    lock = folder.lock()
    argv = [sys.executable, "-I", "-S", "-c", "input()"]
    child = subprocess.Popen(argv, pass_fds=[lock], stdin=subprocess.PIPE)
    os.close(lock)
    assert folder.is_taken()
    child.communicate(b"\n", timeout=60)
    assert not folder.is_taken()


def test_asking_keeps_nobody_from_taking_it(folder: Folder) -> None:
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            folder.is_taken()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(2000):
            os.close(folder.lock())
    finally:
        over.set()
        asking.join()


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be used"):
        Folder(str(tmp_path / "file" / "data")).make()
    folder = Folder(str(tmp_path / "data")).make()
    (folder.run / "lock").mkdir()
    with pytest.raises(SettingsError, match="cannot be used"):
        folder.lock()
