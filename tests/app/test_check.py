"""`bowerbird check` finds every kind of damage, names where it is, and finds nothing where there is none."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import apsw
import pytest

from tests.support.records_sql import rows
from tests.support.server import Server, serving
from tests.support.visitor import Visitor, settled

Harm = Callable[[Path], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Return a server that has stopped, on whose data something of everything is."""
    with serving(tmp_path_factory.mktemp("check")) as server:
        ada, eve = Visitor(server.base_url, "ada"), Visitor(server.base_url, "eve")
        boards = [ada.board(f"Board {number}") for number in range(30)]
        pins = [ada.photo(board, seed=number)["id"] for number, board in enumerate(boards)]
        eve.follow(ada)
        settled(eve.feed_pins, lambda found: len(found) > 20)
        assert server.command("check", "--blobs", "--events").stdout.strip() == "Everything is sound."
        assert len(pins) == len(boards)
    return server


def sql(file: str, statement: str) -> Harm:
    """Return what changes a database behind everybody's back."""

    def harm(data: Path) -> None:
        connection = apsw.Connection(str(data / file))
        rows(connection, statement)
        connection.close()

    return harm


def zeros(file: str, table: str) -> Harm:
    """Return what overwrites the first page of a table or an index."""

    def harm(data: Path) -> None:
        connection = apsw.Connection(str(data / file))
        rows(connection, "PRAGMA journal_mode = DELETE")
        pages = dict(rows(connection, "SELECT name, rootpage FROM sqlite_schema"))
        [(size,)] = rows(connection, "PRAGMA page_size")
        rows(connection, "PRAGMA journal_mode = WAL")
        connection.close()
        with (data / file).open("r+b") as opened:
            opened.seek((pages[table] - 1) * size)
            opened.write(bytes(size))

    return harm


def head(file: str) -> Harm:
    """Return what overwrites a file's head."""

    def harm(data: Path) -> None:
        for rest in data.glob(f"{file}-*"):
            rest.unlink()
        with (data / file).open("r+b") as opened:
            opened.write(bytes(100))

    return harm


def first_blob(data: Path) -> Path:
    """Return a picture's file."""
    return min(path for path in (data / "blobs").rglob("*") if path.is_file())


def cut(data: Path) -> None:
    """Truncate a picture's file."""
    with first_blob(data).open("r+b") as opened:
        opened.truncate(10)


def flip_event(data: Path) -> None:
    """Change one bit of a sealed body."""
    connection = apsw.Connection(str(data / "log.db"))
    [(data_,)] = rows(connection, "SELECT data FROM segment_1 WHERE number = 3")
    rows(connection, "UPDATE segment_1 SET data = ? WHERE number = 3", (data_[:-1] + bytes([data_[-1] ^ 1]),))
    connection.close()


HARMS: Final[dict[str, tuple[Harm, str, str]]] = {
    "a table's page": (zeros("core.db", "pin"), "core.db", "pin"),
    "an index's page": (zeros("core.db", "pin__board"), "core.db", "pin"),
    "a page of the keys": (zeros("keys.db", "keys"), "keys.db", "keys"),
    "a page of the log": (zeros("log.db", "segment_1"), "log.db", "segment_1"),
    "a page of views": (zeros("views.db", "entry"), "views.db", "entry"),
    "no database at all": (head("core.db"), "core.db", ""),
    "a missing database": (lambda data: (data / "log.db").unlink(), "log.db", ""),
    "a wrong count": (sql("core.db", "UPDATE board SET pins = pins + 1 WHERE name = 'Board 3'"), "core.db", "board"),
    "a board that is gone": (sql("core.db", "DELETE FROM board WHERE name = 'Board 4'"), "core.db", "pin"),
    "a picture's row that is gone": (
        sql("core.db", "DELETE FROM picture WHERE id = (SELECT media FROM pin LIMIT 1)"),
        "core.db",
        "picture_use",
    ),
    "a name that nobody has": (
        sql("core.db", "DELETE FROM claim WHERE id = (SELECT max(id) FROM claim)"),
        "core.db",
        "claim",
    ),
    "no credential": (sql("core.db", "DELETE FROM credential"), "core.db", "claim"),
    "a key that is gone": (
        sql("keys.db", "DELETE FROM keys WHERE owner != x'000000000000800080000000' || x'00000000'"),
        "keys.db",
        "keys",
    ),
    "a key that does not open": (
        sql("keys.db", "UPDATE keys SET wrapped = randomblob(60)"),
        "keys.db",
        "keys",
    ),
    "a gap in the log": (sql("log.db", "DELETE FROM segment_1 WHERE number = 5"), "log.db", "segment_1"),
    "a segment that is cut": (sql("log.db", "DELETE FROM segment_1 WHERE number > 9"), "log.db", "segment_1"),
    "a segment that is gone": (sql("log.db", "DROP TABLE segment_1"), "log.db", "segment_1"),
    "an event that was changed": (flip_event, "log.db", "changes"),
    "a reader behind the end": (sql("log.db", "UPDATE reader SET done = 99999"), "log.db", "reader"),
    "a wrong degree": (sql("views.db", "UPDATE degree SET followers = followers + 1"), "views.db", "degree"),
    "an entry that is gone": (
        sql(
            "views.db", "DELETE FROM entry WHERE (timeline, at, post) IN (SELECT timeline, at, post FROM entry LIMIT 1)"
        ),
        "views.db",
        "timeline",
    ),
    "a missing picture": (lambda data: first_blob(data).unlink(), "blobs", "picture"),
    "a picture that is cut": (cut, "blobs", "picture"),
}


@pytest.mark.parametrize("name", HARMS)
def test_what_is_damaged_is_named(sound: Server, tmp_path: Path, name: str) -> None:
    harm, file, table = HARMS[name]
    data = tmp_path / "data"
    shutil.copytree(sound.data, data, ignore=shutil.ignore_patterns("run"))
    harm(data)
    tried = sound.command("--json", "check", "--blobs", "--events", "--data", str(data))
    assert tried.returncode == 1, tried.stderr
    found: list[dict[str, Any]] = json.loads(tried.stdout)
    assert (file, table) in {(one["file"], one["table"]) for one in found}, found
    assert "Traceback" not in tried.stderr
