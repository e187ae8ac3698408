"""The ports that cross the socket today, as their annotations have them: every type in and out, every error."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from bowerbird.base.ids import Id, pack
from bowerbird.base.outgoing import Outgoing
from bowerbird.ports.counters import Counters, Tally
from bowerbird.ports.keys import Keys
from bowerbird.ports.leases import Lease, Leases
from bowerbird.ports.log import Batch, Lag, Log, Mark, Offset, Parked, Record, Stored
from bowerbird.ports.records import Commits, Conflict, EngineUnavailable, Misuse, Position
from bowerbird.ports.tables import Delete, Insert, Op, Patch, Require
from bowerbird.rpc.errors import Errors
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.rpc_pair import Pair, connected

OWNER = pack(1_700_000_000_000, 77, 1, 5)
OTHER = pack(1_700_000_000_001, 78, 1, 6)
ERRORS = Errors({"conflict": Conflict, "misuse": Misuse, "engine-unavailable": EngineUnavailable, "value": ValueError})
OFFSET = Offset(3, 41)
RECORD = Record(b"key", b"\x00data\xff", 1_700_000_000_000_000)


class Heard:
    """Answers every port from what it was given, and keeps it, so that both ways are seen."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.failure: Exception | None = None

    async def commit(self, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> Position:
        self.calls.append((ops, outgoing))
        if self.failure is not None:
            raise self.failure
        return Position(2, len(ops))

    async def create(self, owner: Id) -> bytes:
        if owner == OTHER:
            raise ValueError("destroyed")
        return owner * 2

    async def get(self, owners: Sequence[Id]) -> list[bytes | None]:
        return [owner * 2 if owner == OWNER else None for owner in owners]

    async def destroy(self, owner: Id) -> None:
        self.calls.append((owner,))

    async def erasures(self, after: Id | None, limit: int) -> list[Id]:
        return [OTHER] if after is None else [after] * limit

    async def take(self, key: bytes, amount: int, limit: int, window_s: int) -> Tally:
        return Tally(amount, limit - amount, window_s + len(key))

    async def give_back(self, key: bytes, amount: int) -> None:
        self.calls.append((key, amount))

    async def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        return Lease(name, holder, 9, ttl_ms) if holder == "me" else None

    async def release(self, lease: Lease) -> None:
        self.calls.append((lease,))

    async def append(self, topic: str, records: Sequence[Record]) -> list[Offset]:
        self.calls.append((topic, records))
        return [Offset(0, number) for number in range(len(records))]

    async def poll(self, group: str, topic: str, mark: Mark | None, limit: int, wait_ms: int) -> Batch:
        return Batch(topic, group, [Stored(Offset(wait_ms, 0), RECORD)] * limit, mark or Mark(7, []))

    async def seek(self, group: str, topic: str, to: int | Sequence[Offset]) -> None:
        self.calls.append((group, topic, to))

    async def read(self, topic: str, after: Sequence[Offset], limit: int) -> list[Stored]:
        return [Stored(offset, Record(topic.encode(), b"", 0)) for offset in after][:limit]

    async def end(self, topic: str) -> list[Offset]:
        return [OFFSET] * len(topic)

    async def lag(self) -> list[Lag]:
        return [Lag("t", "g", 5, 100)]

    async def park(self, group: str, topic: str, stored: Stored, reason: str) -> None:
        self.calls.append((group, topic, stored, reason))

    async def parked(self, group: str | None, limit: int) -> list[Parked]:
        return [Parked(group or "every", "t", Stored(OFFSET, RECORD), "why", limit)]

    async def unpark(self, group: str, topic: str, offset: Offset) -> None:
        self.calls.append((group, topic, offset))


class HeardLog(Heard):
    """As `Heard`; the log's commit is another than the records'."""

    @override
    async def commit(self, group: str, topic: str, offsets: Sequence[Offset]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - two Protocols use the name
        self.calls.append((group, topic, offsets))

    async def committed(self, group: str, topic: str) -> list[Offset]:
        return [Offset(len(group), len(topic))]


@pytest.fixture
def heard() -> HeardLog:
    return HeardLog()


@pytest.fixture
def units() -> Heard:
    return Heard()


@pytest.fixture
async def pair(tmp_path: Path, heard: HeardLog, units: Heard) -> AsyncIterator[Pair]:
    table = serve(Commits, units, prefix="Records")
    for protocol in (Keys, Counters, Leases, Log):
        table |= serve(protocol, heard)
    async with connected(tmp_path, table, ERRORS) as made:
        yield made


async def test_a_unit_arrives_as_it_was_sent(pair: Pair, units: Heard) -> None:
    ops: list[Op] = [
        Insert("note", 77, (OWNER, "text", 5, 1.5, None)),
        Insert("note", 77, (OWNER,), if_absent=True),
        Patch("note", 77, (OWNER,), {"a": b"\x00\xff", "b": None}, {"n": -1}, {"version": 3}),
        Delete("note", 77, (OWNER, "x"), {}),
        Require("note", 77, (OWNER,), {"at": 1 << 62}, absent=True),
    ]
    events = [Outgoing(OWNER, b"k", "pin_saved", bytes(range(256)))]
    records = remote(Commits, pair.client, ERRORS, prefix="Records")
    assert await records.commit(ops, events) == Position(2, 5)
    assert await records.commit(ops=tuple(ops[:1])) == Position(2, 1)
    assert units.calls == [(ops, events), (ops[:1], [])]


@pytest.mark.parametrize(
    "failure",
    [Conflict(3, "note", "unique", "by_url"), Conflict(0, "note", "exists"), Misuse("two shards"), EngineUnavailable()],
)
async def test_errors_come_out_as_they_went_in(pair: Pair, units: Heard, failure: Exception) -> None:
    units.failure = failure
    with pytest.raises(type(failure)) as caught:
        await remote(Commits, pair.client, ERRORS, prefix="Records").commit([])
    assert caught.value.args == failure.args
    assert vars(caught.value) == vars(failure)


async def test_keys(pair: Pair, heard: HeardLog) -> None:
    keys = remote(Keys, pair.client, ERRORS)
    assert await keys.create(OWNER) == OWNER * 2
    assert await keys.get([OWNER, OTHER]) == [OWNER * 2, None]
    assert await keys.erasures(None, 10) == [OTHER]
    assert await keys.erasures(after=OWNER, limit=2) == [OWNER, OWNER]
    await keys.destroy(OWNER)
    assert heard.calls == [(OWNER,)]
    with pytest.raises(ValueError, match=r"^destroyed$"):
        await keys.create(OTHER)


async def test_counters_and_leases(pair: Pair, heard: HeardLog) -> None:
    counters, leases = remote(Counters, pair.client, ERRORS), remote(Leases, pair.client, ERRORS)
    assert await counters.take(b"\xff", 2, limit=5, window_s=60) == Tally(2, 3, 61)
    await counters.give_back(b"\xff", 1)
    assert await leases.acquire("relay", "other", 1000) is None
    lease = await leases.acquire("relay", "me", 1000)
    assert lease is not None
    assert lease == Lease("relay", "me", 9, 1000)
    await leases.release(lease)
    assert heard.calls == [(b"\xff", 1), (lease,)]


async def test_log(pair: Pair, heard: HeardLog) -> None:
    log, stored = remote(Log, pair.client, ERRORS), Stored(OFFSET, RECORD)
    assert await log.append("events", [RECORD, RECORD]) == [Offset(0, 0), Offset(0, 1)]
    for mark in (None, Mark(8, [OFFSET])):
        batch = Batch("events", "feed", [Stored(Offset(0, 0), RECORD)] * 3, mark or Mark(7, []))
        assert await log.poll("feed", "events", mark, 3, 0) == batch
    await log.commit("feed", "events", [OFFSET])
    await log.seek("feed", "events", 1_700_000_000_000_000)
    await log.seek("feed", "events", [OFFSET])
    assert await log.read("events", [OFFSET], 5) == [Stored(OFFSET, Record(b"events", b"", 0))]
    assert await log.end("events") == [OFFSET] * 6
    assert await log.committed("feed", "events") == [Offset(4, 6)]
    assert await log.lag() == [Lag("t", "g", 5, 100)]
    await log.park("feed", "events", stored, "poison")
    assert await log.parked(None, 7) == [Parked("every", "t", stored, "why", 7)]
    await log.unpark("feed", "events", OFFSET)
    assert heard.calls == [
        ("events", [RECORD, RECORD]),
        ("feed", "events", [OFFSET]),
        ("feed", "events", 1_700_000_000_000_000),
        ("feed", "events", [OFFSET]),
        ("feed", "events", stored, "poison"),
        ("feed", "events", OFFSET),
    ]
