"""A records file follows its declarations by addition alone, and refuses whoever does not know all of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import apsw
import pytest
from msgspec import Struct

from bowerbird.adapters.sqlite.connection import SchemaTooNew, Tuning, open_reader, open_writer
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.schema import SchemaChanged
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id
from bowerbird.base.shards import ShardMap
from bowerbird.ports.records import Conflict, EngineUnavailable
from bowerbird.ports.tables import Index, Table
from tests.support.records_sql import rows
from tests.support.records_tables import new_owner, note_id

ONE = ShardMap.even(1)


class Old(Struct, frozen=True):
    id: Id
    owner: Id
    kind: Literal["a", "b"]


class New(Struct, frozen=True):
    id: Id
    added_first: int | None
    owner: Id
    kind: Literal["a", "b", "c"]
    order: int = 7
    text: str = "it's"
    raw: bytes = b"\x00'"
    part: float = 0.5
    by: Id | None = None


class Other(Struct, frozen=True):
    id: Id


OLD = Table("thing", Old, ("id",), {"by_owner": Index(("owner",))})
NEW = Table(
    "thing",
    New,
    ("id",),
    {"by_owner": Index(("owner",)), "by_order": Index(("owner", "order")), "due": Index(("order",), sweep=True)},
)
OTHER = Table("other", Other, ("id",))


async def grow(folder: Path, *tables: Table[Any]) -> None:
    """Open the file with these declarations, as its writer and as a reader, and close it."""
    writer = SqliteWriter.open(folder, tables, ONE)
    SqliteRecords.open(folder, tables, ONE, writer).close()
    await writer.close()


async def put_old(folder: Path) -> Old:
    """Fill a file as the old program did."""
    owner = new_owner()
    row = Old(note_id(owner), owner, "a")
    writer = SqliteWriter.open(folder, [OLD], ONE)
    await writer.commit([OLD.insert(row)])
    await writer.close()
    return row


async def test_old_rows_get_what_was_added(tmp_path: Path) -> None:
    old = await put_old(tmp_path)
    writer = SqliteWriter.open(tmp_path, [NEW, OTHER], ONE)
    records = SqliteRecords.open(tmp_path, [NEW, OTHER], ONE, writer)
    expected = New(old.id, None, old.owner, "a", 7, "it's", b"\x00'", 0.5, None)
    assert await records.get(NEW, [(old.id,)]) == [expected]
    assert await records.scan(NEW, "by_order", (old.owner, 7)) == [expected]
    assert await records.sweep(NEW, "due", 7, 10) == [expected]
    other = Other(note_id(old.owner))
    await records.commit([OTHER.insert(other), NEW.patch((old.id,), {"by": old.id, "kind": "c"})])
    assert await records.get(OTHER, [(other.id,)]) == [other]
    records.close()
    await writer.close()


async def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        await grow(tmp_path, NEW, OTHER)
    connection = apsw.Connection(str(tmp_path / "core.db"))
    numbers = [row[0] for row in rows(connection, "SELECT number FROM _schema ORDER BY number")]
    assert numbers == list(range(1, 1 + 2 + 9 + 1 + 3))
    connection.close()


@pytest.mark.parametrize(
    ("later", "earlier"),
    [([OLD, OTHER], [OLD]), ([NEW], [OLD]), ([OLD], [Table("thing", Old, ("id",))])],
    ids=["table", "column", "index"],
)
async def test_what_a_later_program_added_is_not_touched(
    later: list[Table[Any]], earlier: list[Table[Any]], tmp_path: Path
) -> None:
    await grow(tmp_path, *later)
    with pytest.raises(SchemaTooNew, match=r"unknown to this program: start the later version\."):
        await grow(tmp_path, *earlier)
    with pytest.raises(SchemaTooNew):
        SqliteRecords.open(tmp_path, earlier, ONE, commits=SqliteWriter.open(tmp_path, later, ONE))


async def test_a_reader_waits_for_its_writer(tmp_path: Path) -> None:
    nobody = SqliteWriter.open(tmp_path, [], ONE)
    for folder, declared in ((tmp_path / "none", [OLD]), (tmp_path, [OLD])):
        with pytest.raises(EngineUnavailable):
            SqliteRecords.open(folder, declared, ONE, nobody)
    await grow(tmp_path, OLD)
    with pytest.raises(EngineUnavailable, match="its writer has not added them yet"):
        SqliteRecords.open(tmp_path, [NEW], ONE, nobody)
    await nobody.close()


class Retyped(Struct, frozen=True):
    id: Id
    owner: Id
    kind: int


class Loosened(Struct, frozen=True):
    id: Id
    owner: Id
    kind: str | None


class Demanding(Struct, frozen=True):
    id: Id
    owner: Id
    kind: str
    demanded: int


@pytest.mark.parametrize(
    "table",
    [
        Table("thing", Retyped, ("id",), OLD.indexes),
        Table("thing", Loosened, ("id",), OLD.indexes),
        Table("thing", Demanding, ("id",), OLD.indexes),
        Table("thing", Old, ("id", "kind"), OLD.indexes),
        Table("thing", Old, ("id",), {"by_owner": Index(("owner", "kind"))}),
        Table("thing", Old, ("id",), {**OLD.indexes, "once": Index(("owner",), unique=True)}),
    ],
    ids=["type", "null", "no default", "key", "index", "rows break a unique index"],
)
async def test_what_no_addition_brings_about_is_refused_and_nothing_is_added(table: Table[Any], tmp_path: Path) -> None:
    old = await put_old(tmp_path)
    writer = SqliteWriter.open(tmp_path, [OLD], ONE)
    await writer.commit([OLD.insert(Old(note_id(old.owner), old.owner, "b"))])
    await writer.close()
    with pytest.raises(SchemaChanged):
        await grow(tmp_path, OTHER, table)
    await grow(tmp_path, OLD)


class WithBool(Struct, frozen=True):
    id: Id
    seen: bool


class WithShard(Struct, frozen=True):
    id: Id
    shard: int


class WithList(Struct, frozen=True):
    id: Id
    names: list[str]


class ByName(Struct, frozen=True, kw_only=True):
    id: Id


class Loose(Struct, frozen=True):
    id: Id | None
    at: int | None


BAD: Mapping[str, Table[Any]] = {
    "a bool": Table("t", WithBool, ("id",)),
    "a column called shard": Table("t", WithShard, ("id",)),
    "a list": Table("t", WithList, ("id",)),
    "fields by name": Table("t", ByName, ("id",)),
    "a key that may be None": Table("t", Loose, ("id",)),
    "a key that is no id": Table("t", Old, ("kind",)),
    "a key without column": Table("t", Old, ("none",)),
    "an index without id": Table("t", Old, ("id",), {"bad": Index(("kind", "owner"))}),
    "an index without column": Table("t", Old, ("id",), {"bad": Index(("owner", "none"))}),
    "a sweep of two columns": Table("t", Retyped, ("id",), {"bad": Index(("kind", "owner"), sweep=True)}),
    "a unique sweep": Table("t", Retyped, ("id",), {"bad": Index(("kind",), sweep=True, unique=True)}),
    "a sweep of text": Table("t", Old, ("id",), {"bad": Index(("kind",), sweep=True)}),
    "a name that is SQL": Table("t; DROP TABLE x", Old, ("id",)),
    "a name of the house": Table("_schema", Old, ("id",)),
}


@pytest.mark.parametrize("table", BAD.values(), ids=BAD)
def test_a_declaration_that_cannot_be_kept_is_a_type_error(table: Table[Any], tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        SqliteWriter.open(tmp_path, [table], ONE)


def test_migrations_go_forward_and_no_further(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    steps = ["CREATE TABLE a (x INTEGER) STRICT", "ALTER TABLE a ADD COLUMN y INTEGER; INSERT INTO a VALUES (1, 2)"]
    open_writer(path, steps[:1]).close()
    open_writer(path, steps).close()
    reader = open_reader(path, 2)
    assert rows(reader, "SELECT * FROM a") == [(1, 2)]
    reader.close()
    with pytest.raises(SchemaTooNew, match=r"has schema 2, and this program knows 1: start the later version\."):
        open_writer(path, steps[:1])
    with pytest.raises(SchemaTooNew):
        open_reader(path, 1)
    with pytest.raises(EngineUnavailable):
        open_reader(path, 3)


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    first = "CREATE TABLE a (x INTEGER) STRICT"
    with pytest.raises(EngineUnavailable):
        open_writer(path, [first, "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO none VALUES (1)"])
    connection = open_writer(path, [first])
    assert rows(connection, "SELECT name FROM sqlite_schema") == [("a",)]
    connection.close()


def test_what_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"something else altogether " * 100)
    with pytest.raises(EngineUnavailable):
        open_writer(path, [])
    with pytest.raises(EngineUnavailable):
        open_reader(path, 0)


async def test_a_unique_index_may_be_added_later(tmp_path: Path) -> None:
    old = await put_old(tmp_path)
    once = Table("thing", Old, ("id",), {**OLD.indexes, "once": Index(("owner", "kind"), unique=True)})
    writer = SqliteWriter.open(tmp_path, [once], ONE)
    with pytest.raises(Conflict) as caught:
        await writer.commit([once.insert(Old(note_id(old.owner), old.owner, "a"))])
    assert caught.value.index == "once"
    await writer.close()


def test_where_files_have_no_shared_memory_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="local disk"):
        open_writer(tmp_path / "f.db", [], Tuning(vfs="unix-none"))
