import fcntl
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bowerbird.app.cli.demo import demo
from bowerbird.app.cli.root import Shared
from bowerbird.app.demo.api import DemoFailed
from bowerbird.app.demo.progress import Progress
from bowerbird.app.demo.run import Run, kept_photos, run, was_complete
from bowerbird.app.folder import Folder


def command(*words: str) -> Result:
    return CliRunner().invoke(demo, words, obj=Shared(None, as_json=False))


def test_without_a_server_it_says_what_to_start(tmp_path: Path) -> None:
    result = command("--data", str(tmp_path))
    assert result.exit_code == 1
    assert f"No server runs on the data folder {tmp_path}" in result.stderr


def test_a_data_folder_is_filled_once(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path)).make()
    assert not was_complete(folder)
    (folder.path / "demo-complete").touch()
    result = command("--data", str(tmp_path), "--once")
    assert (result.exit_code, result.output) == (0, "")


async def test_two_runs_do_not_do_the_same_work(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path)).make()
    with (folder.run / "demo.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(DemoFailed, match="being filled in already"):
            await run(Run("http://127.0.0.1:9", folder, tmp_path), Progress())
    assert not was_complete(folder)


def test_photos_are_kept_in_the_cache_of_whoever_runs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert kept_photos() == tmp_path / "bowerbird" / "demo"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert kept_photos() == tmp_path / ".cache" / "bowerbird" / "demo"


def test_help_teaches() -> None:
    told = command("--help").output
    for word in ("--once", "--plain", "--photos", "run it again", "package registries"):
        assert word in told
