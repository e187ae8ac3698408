"""The file of keys: no key is read without the master key, and none is left when it was destroyed."""

import random
from collections.abc import Collection, Iterable
from pathlib import Path

import apsw
import pytest

from bowerbird.adapters.sqlite.connection import SchemaTooNew, open_reader
from bowerbird.adapters.sqlite.key_file import MIGRATIONS, WrongMasterKey
from bowerbird.adapters.sqlite.key_writer import SqliteKeyWriter, rewrap
from bowerbird.adapters.sqlite.keys import SqliteKeys
from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.ports.records import EngineUnavailable
from tests.support.keys_subject import MASTER
from tests.support.records_sql import rows

WORLD = World()
OTHER_MASTER = bytes(32)
FRAGMENT_BYTES = 12


def new_owner() -> Id:
    return WORLD.new_id(1, 5)


async def made(folder: Path, count: int) -> dict[Id, bytes]:
    """Make keys, close the file, and return them by owner."""
    writer = SqliteKeyWriter.open(folder, MASTER, WORLD)
    owners = [new_owner() for _ in range(count)]
    random.shuffle(owners)
    found = {owner: await writer.create(owner) for owner in owners}
    await writer.close()
    return found


def wrapped(folder: Path) -> dict[Id, bytes]:
    """Return what the file holds for each owner that has a key."""
    connection = apsw.Connection(str(folder / "keys.db"))
    found = {row[0]: row[1] for row in rows(connection, "SELECT owner, wrapped FROM keys WHERE wrapped IS NOT NULL")}
    connection.close()
    return found


def traces(folder: Path, secrets: Iterable[bytes]) -> list[bytes]:
    """Return those of which any part is in a file of the folder."""
    data = [path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")]
    stored = {blob[at : at + FRAGMENT_BYTES] for blob in data for at in range(len(blob) - FRAGMENT_BYTES + 1)}
    return [secret for secret in secrets if not stored.isdisjoint(_fragments(secret))]


def _fragments(secret: bytes) -> Collection[bytes]:
    return [secret[at : at + FRAGMENT_BYTES] for at in range(len(secret) - FRAGMENT_BYTES + 1)]


async def test_nothing_is_left_of_a_destroyed_key(tmp_path: Path) -> None:
    """Neither in the file nor in its log, with the writer still open, after splits of pages and new keys between."""
    found = await made(tmp_path, 400)
    stored = wrapped(tmp_path)
    assert len(traces(tmp_path, stored.values())) == 400
    writer = SqliteKeyWriter.open(tmp_path, MASTER, WORLD)
    erased = random.sample(list(found), 40)
    for owner in erased:
        await writer.destroy(owner)
        await writer.create(new_owner())
    await writer.destroy(new_owner())
    assert traces(tmp_path, [stored[owner] for owner in erased]) == []
    assert len(traces(tmp_path, [stored[owner] for owner in found if owner not in erased])) == 360
    await writer.close()


async def test_what_a_crash_left_in_the_log_goes_at_the_next_opening(tmp_path: Path) -> None:
    found = await made(tmp_path, 20)
    stored = wrapped(tmp_path)
    (tmp_path / "later").mkdir()
    writer = SqliteKeyWriter.open(tmp_path, MASTER, WORLD)
    late = await writer.create(new_owner())
    for name in ("keys.db", "keys.db-wal"):
        (tmp_path / "later" / name).write_bytes((tmp_path / name).read_bytes())
    await writer.close()
    assert (tmp_path / "later" / "keys.db-wal").stat().st_size > 0
    again = SqliteKeyWriter.open(tmp_path / "later", MASTER, WORLD)
    assert (tmp_path / "later" / "keys.db-wal").stat().st_size == 0
    await again.close()
    assert len(wrapped(tmp_path / "later")) == len(found) + 1
    assert wrapped(tmp_path / "later").items() >= stored.items()
    assert late not in found.values()


async def test_no_key_lies_bare(tmp_path: Path) -> None:
    found = await made(tmp_path, 30)
    assert traces(tmp_path, [*found.values(), MASTER]) == []


async def test_another_master_key_is_refused(tmp_path: Path) -> None:
    found = await made(tmp_path, 1)
    writer = SqliteKeyWriter.open(tmp_path, MASTER, WORLD)
    with pytest.raises(WrongMasterKey, match="was made with another master key"):
        SqliteKeyWriter.open(tmp_path, OTHER_MASTER, WORLD)
    with pytest.raises(WrongMasterKey):
        SqliteKeys.open(tmp_path, writer, OTHER_MASTER, WORLD)
    reader = SqliteKeys.open(tmp_path, writer, MASTER, WORLD)
    assert await reader.get(list(found)) == list(found.values())
    reader.close()
    await writer.close()


async def test_a_key_is_bound_to_its_owner(tmp_path: Path) -> None:
    one, other = await made(tmp_path, 2)
    connection = apsw.Connection(str(tmp_path / "keys.db"))
    rows(connection, "UPDATE keys SET wrapped = ? WHERE owner = ?", (wrapped(tmp_path)[one], other))
    connection.close()
    writer = SqliteKeyWriter.open(tmp_path, MASTER, WORLD)
    reader = SqliteKeys.open(tmp_path, writer, MASTER, WORLD)
    with pytest.raises(EngineUnavailable, match="the master key does not open"):
        await reader.get([other])
    with pytest.raises(EngineUnavailable):
        await writer.create(other)
    assert len(await reader.get([one])) == 1
    reader.close()
    await writer.close()


async def test_a_reader_waits_for_its_writer(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    writer = SqliteKeyWriter.open(elsewhere, MASTER, WORLD)
    with pytest.raises(EngineUnavailable):
        SqliteKeys.open(tmp_path, writer, MASTER, WORLD)
    await writer.close()


async def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    await made(tmp_path, 1)
    connection = apsw.Connection(str(tmp_path / "keys.db"))
    rows(connection, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(SchemaTooNew):
        SqliteKeyWriter.open(tmp_path, MASTER, WORLD)


async def test_the_master_key_is_replaced(tmp_path: Path) -> None:
    found = await made(tmp_path, 1_500)
    before = wrapped(tmp_path)
    writer = SqliteKeyWriter.open(tmp_path, MASTER, WORLD)
    erased, *kept = found
    await writer.destroy(erased)
    await writer.close()
    assert rewrap(tmp_path, MASTER, OTHER_MASTER, WORLD) == 1_499
    assert traces(tmp_path, [before[owner] for owner in kept[:100]]) == []
    with pytest.raises(WrongMasterKey):
        SqliteKeyWriter.open(tmp_path, MASTER, WORLD)
    with pytest.raises(WrongMasterKey):
        rewrap(tmp_path, MASTER, OTHER_MASTER, WORLD)
    writer = SqliteKeyWriter.open(tmp_path, OTHER_MASTER, WORLD)
    reader = SqliteKeys.open(tmp_path, writer, OTHER_MASTER, WORLD)
    assert await reader.get(list(found)) == [None, *(found[owner] for owner in kept)]
    reader.close()
    await writer.close()


async def test_a_reader_does_not_outlive_its_master_key(tmp_path: Path) -> None:
    (owner,) = await made(tmp_path, 1)
    writer = SqliteKeyWriter.open(tmp_path, MASTER, WORLD)
    reader = SqliteKeys.open(tmp_path, writer, MASTER, WORLD)
    await writer.close()
    rewrap(tmp_path, MASTER, OTHER_MASTER, WORLD)
    with pytest.raises(EngineUnavailable):
        await reader.get([owner])
    reader.close()


async def test_the_cache_is_bounded_and_drops_what_was_used_least(tmp_path: Path) -> None:
    found = await made(tmp_path, 12)
    owners = list(found)
    writer = SqliteKeyWriter.open(tmp_path, MASTER, WORLD)
    connection = open_reader(tmp_path / "keys.db", len(MIGRATIONS))
    reader = SqliteKeys(connection, writer, MASTER, WORLD, cached_max=10)
    for owner in (*owners[:10], owners[0], *owners[10:]):
        await reader.get([owner])
    connection.close()
    assert await reader.get([owners[0], *owners[3:]]) == [found[owner] for owner in (owners[0], *owners[3:])]
    for dropped in owners[1:3]:
        with pytest.raises(EngineUnavailable):
            await reader.get([dropped])
    await writer.close()
