"""Idempotency keys: one request, one thing; forgotten after a day."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ids import Id, shard_of
from bowerbird.base.shards import ShardMap
from bowerbird.base.world import World
from bowerbird.contracts.kinds import BOARD, REQUEST
from bowerbird.ports import once
from bowerbird.ports.records import Conflict

KEY, REQUESTED = bytes(range(32)), bytes(32)


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[SqliteRecords]:
    writer = SqliteWriter.open(tmp_path, [once.ANSWERED], ShardMap())
    records = SqliteRecords.open(tmp_path, [once.ANSWERED], ShardMap(), writer)
    yield records
    await writer.close()
    records.close()


async def test_a_second_claim_meets_the_first_and_finds_what_it_made(records: SqliteRecords) -> None:
    world = World()
    made = world.new_id(BOARD, 7)
    await records.commit([once.claim(REQUEST, 7, KEY, REQUESTED, made, world.now_us())])
    with pytest.raises(Conflict) as conflict:
        await records.commit([once.claim(REQUEST, 7, KEY, bytes(31) + b"x", Id(bytes(16)), world.now_us())])
    assert (conflict.value.table, conflict.value.reason) == ("answered", "exists")
    found = await once.answered(records, REQUEST, 7, KEY)
    assert found is not None
    assert (found.result, found.request, shard_of(found.id)) == (made, REQUESTED, 7)
    assert await once.answered(records, REQUEST, 8, KEY) is None


async def test_keys_are_forgotten_when_their_time_is_over_and_not_before(records: SqliteRecords) -> None:
    now = 10 * once.KEPT_S * 1_000_000
    for shard in (1, 2):
        await records.commit([once.claim(REQUEST, shard, KEY, REQUESTED, Id(bytes(16)), now + shard)])
    assert await once.forget(records, now + once.KEPT_S * 1_000_000 + 1) == 1
    assert await once.answered(records, REQUEST, 1, KEY) is None
    assert await once.answered(records, REQUEST, 2, KEY) is not None
