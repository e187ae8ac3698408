"""Brings Bowerbird's rows into the peer's tables: `python -m bench.peers.pins.fill CORE_DB PEER_DB`."""

import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine

from bench.peers.pins.models import Base
from bowerbird.base.ids import Id, to_text

_PIN_COLUMNS: Final = (
    "id(id), id(board), id(saved_by), id(link), url, title, note, alt, site, description, details, failure, "
    "picture_name, width, height, color, thumbhash, version, at(position), at(created_at), at(updated_at), "
    "at(published_at), at(deleted_at)"
)
_COPIES: Final = {
    "user": "id(id), handle, name, picture_name, at(deleted_at) FROM theirs.user",
    "follow": "id(follower), id(followee) FROM theirs.follow WHERE active",
    "block": "id(person), id(other) FROM theirs.block WHERE made",
    "board": "id(id), id(owner), name, description, visibility, generation, pins, version, at(created_at), "
    "at(updated_at), at(deleted_at) FROM theirs.board",
    "share": "id(board), id(person), role FROM theirs.share WHERE role <> ''",
    "link": "id(id), url_hash, original_url FROM theirs.link",
    "pin": f"{_PIN_COLUMNS} FROM theirs.pin",
}


def fill(core: Path, peer: Path) -> None:
    """Make the peer's database anew."""
    peer.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{peer}")
    Base.metadata.create_all(engine)
    engine.dispose()
    connection = sqlite3.connect(peer)
    connection.create_function("id", 1, _text, deterministic=True)
    connection.create_function("at", 1, _time, deterministic=True)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("ATTACH ? AS theirs", (str(core),))
    for table, rows in _COPIES.items():
        connection.execute(f"INSERT INTO {table} SELECT {rows}")
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


def _text(id_: bytes | None) -> str | None:
    return None if id_ is None else to_text(Id(id_))


def _time(us: int | None) -> str | None:
    """Return a time as SQLAlchemy keeps it in SQLite."""
    return (
        None if us is None else f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S}.{us % 1_000_000:06}"
    )


if __name__ == "__main__":
    fill(Path(sys.argv[1]), Path(sys.argv[2]))
