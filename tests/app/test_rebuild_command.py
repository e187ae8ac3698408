"""`bowerbird rebuild` on the folder of a server: what was there goes on, whatever had happened to the records."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.app.test_check import Harm, head, sql
from tests.support.server import Server, serving
from tests.support.visitor import Returning, Visitor, settled


def gone(file: str) -> Harm:
    """Return what removes a database."""

    def harm(data: Path) -> None:
        for path in data.glob(f"{file}*"):
            path.unlink()

    return harm


HARMS: Final[dict[str, Harm]] = {
    "nothing": gone("nothing"),
    "the records are gone": gone("core.db"),
    "the records are no database": head("core.db"),
    "the views are gone": gone("views.db"),
    "rows are gone": sql("core.db", "DELETE FROM pin"),
}


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """Return a server that has stopped: ada has a board with a photo, eve follows ada."""
    with serving(tmp_path) as server:
        ada, eve = Visitor(server.base_url, "ada"), Visitor(server.base_url, "eve")
        ada.photo(ada.board("Bread"))
        eve.follow(ada)
        settled(eve.feed_pins, lambda found: len(found) == 1)
    return server


@pytest.mark.parametrize("harm", HARMS)
def test_a_server_goes_on_with_what_was_built(server: Server, harm: str) -> None:
    HARMS[harm](server.data)
    built = server.command("--json", "rebuild")
    assert built.returncode == 0, built.stderr
    told = json.loads(built.stdout)
    assert (told["undrained"] is None) == (harm in {"nothing", "the views are gone", "rows are gone"})
    assert Path(told["kept"]).is_dir()
    assert told["poison"] == []
    checked = server.command("check", "--blobs", "--events")
    assert checked.stdout.strip() == "Everything is sound."
    with serving(server.data.parent) as again:
        ada, eve = Returning(again.base_url, "ada"), Returning(again.base_url, "eve")
        assert len(eve.feed_pins()) == 1
        ada.photo(ada.board("Cake"), seed=1)
        settled(eve.feed_pins, lambda found: len(found) == 2)


def files(data: Path) -> set[str]:
    """Return what lies in a folder, without what SQLite keeps beside its files."""
    return {path.name for path in data.iterdir() if not path.name.endswith(("-wal", "-shm"))}


def test_a_dry_run_says_what_differs_and_changes_nothing(server: Server) -> None:
    same = server.command("--json", "rebuild", "--dry-run")
    assert (same.returncode, json.loads(same.stdout)["differ"]) == (0, []), same.stderr
    sql("core.db", "UPDATE pin SET note = 'not what anybody wrote'")(server.data)
    before = files(server.data)
    other = server.command("--json", "rebuild", "--dry-run")
    assert (other.returncode, json.loads(other.stdout)["differ"]) == (1, ["pin"]), other.stderr
    assert files(server.data) == before
    assert "pin" in server.command("rebuild", "--compare").stdout
    assert "those said that were there" in server.command("rebuild", "--compare").stdout


def test_a_disk_that_takes_no_more_is_a_sentence_and_changes_nothing(server: Server) -> None:
    before = {name: (server.data / name).stat().st_ino for name in files(server.data) - {"run"}}
    tried = server.command("rebuild", file_bytes_max=100_000)
    assert (tried.returncode, "cannot be written" in tried.stderr) == (1, True), tried.stderr
    assert "Traceback" not in tried.stderr
    assert {name: (server.data / name).stat().st_ino for name in files(server.data) - {"run"}} == before
    assert server.command("rebuild").returncode == 0


def test_what_was_killed_is_begun_anew(server: Server) -> None:
    server.killed_command("rebuild")
    assert server.command("rebuild", "--compare").returncode == 0
    assert not (server.data / "rebuild").exists()
    assert server.command("check").returncode == 0
