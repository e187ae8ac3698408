"""What the records port promises of events: queued with their unit, in order, kept until they are named as done."""

import asyncio

import pytest

from bowerbird.ports.records import Conflict, Outgoing
from tests.ports.suite import Suite
from tests.support.records_subject import Subject
from tests.support.records_tables import NOTES, WORLD, event, new_note, new_owner, owners_everywhere

OUTBOX = Suite[Subject]()


async def put_with(subject: Subject, *data: bytes) -> int:
    """Commit a new note on shard 0 with events of that data, and return its server."""
    owner = new_owner()
    position = await subject.records.commit([NOTES.insert(new_note(owner))], [event(owner, one) for one in data])
    return position.server


@OUTBOX.check
async def an_event_is_kept_as_it_was(subject: Subject) -> None:
    owner = new_owner()
    sent = [Outgoing(WORLD.new_id(3, 9), b"\x00key", "a type \u00e9", bytes(range(256))), event(owner, b"")]
    position = await subject.records.commit([NOTES.insert(new_note(owner))], sent)
    assert [queued.outgoing for queued in await subject.outbox.take(position.server, 10)] == sent


@OUTBOX.check
async def events_are_numbered_without_gaps_in_order_of_commit(subject: Subject) -> None:
    sent: dict[int, list[bytes]] = {server: [] for server in await subject.outbox.servers()}
    for number, owner in enumerate(owners_everywhere(16) * 2):
        data = [b"%d-%d" % (number, part) for part in range(number % 3)]
        position = await subject.records.commit([NOTES.insert(new_note(owner))], [event(owner, one) for one in data])
        sent[position.server] += data
    for server, expected in sent.items():
        queued = await subject.outbox.take(server, 100)
        assert [one.outgoing.data for one in queued] == expected
        assert [one.sequence - queued[0].sequence for one in queued] == list(range(len(expected)))


@OUTBOX.check
async def a_refused_unit_leaves_neither_event_nor_gap(subject: Subject) -> None:
    owner = new_owner()
    note = new_note(owner)
    server = (await subject.records.commit([NOTES.insert(note)], [event(owner, b"1")])).server
    for _ in range(3):
        with pytest.raises(Conflict):
            await subject.records.commit([NOTES.insert(note)], [event(owner, b"refused"), event(owner, b"refused")])
    await put_with(subject, b"2", b"3")
    queued = await subject.outbox.take(server, 10)
    assert [one.outgoing.data for one in queued] == [b"1", b"2", b"3"]
    assert [one.sequence - queued[0].sequence for one in queued] == [0, 1, 2]


@OUTBOX.check
async def taking_changes_nothing(subject: Subject) -> None:
    server = await put_with(subject, b"1", b"2", b"3")
    everything = await subject.outbox.take(server, 10)
    assert len(everything) == 3
    for limit in (1, 2, 3, 10):
        assert await subject.outbox.take(server, limit) == everything[:limit]


@OUTBOX.check
async def done_deletes_what_it_names_and_no_more(subject: Subject) -> None:
    server = await put_with(subject, b"1", b"2", b"3", b"4")
    first, second, third, fourth = await subject.outbox.take(server, 10)
    await subject.outbox.done(server, [second.sequence, fourth.sequence])
    assert await subject.outbox.take(server, 10) == [first, third]
    await subject.outbox.done(server, [second.sequence, fourth.sequence + 1_000, third.sequence])
    await subject.outbox.done(server, [])
    assert await subject.outbox.take(server, 10) == [first]
    await subject.outbox.done(server, [first.sequence])
    assert await subject.outbox.take(server, 10) == []


@OUTBOX.check
async def numbers_go_on_after_the_outbox_was_emptied(subject: Subject) -> None:
    server = await put_with(subject, b"1", b"2")
    sequences = [one.sequence for one in await subject.outbox.take(server, 10)]
    await subject.outbox.done(server, sequences)
    await put_with(subject, b"3")
    assert [one.sequence for one in await subject.outbox.take(server, 10)] == [sequences[-1] + 1]


@OUTBOX.check
async def done_is_for_one_server(subject: Subject) -> None:
    for owner in owners_everywhere(16):
        await subject.records.commit([NOTES.insert(new_note(owner))], [event(owner)])
    first, *others = await subject.outbox.servers()
    before = {server: await subject.outbox.take(server, 100) for server in others}
    await subject.outbox.done(first, [one.sequence for one in await subject.outbox.take(first, 100)])
    assert await subject.outbox.take(first, 100) == []
    assert {server: await subject.outbox.take(server, 100) for server in others} == before


@OUTBOX.check
async def waiting_ends_with_the_next_event(subject: Subject) -> None:
    await subject.outbox.wait(0)
    for owner in owners_everywhere(4):
        waiting = asyncio.ensure_future(subject.outbox.wait(600_000))
        await subject.records.commit([NOTES.insert(new_note(owner))], [event(owner)])
        await waiting


@OUTBOX.check
async def an_event_before_the_wait_is_not_missed(subject: Subject) -> None:
    await subject.outbox.wait(0)
    await put_with(subject, b"1")
    await subject.outbox.wait(600_000)
    assert len(await subject.queued()) == 1


@OUTBOX.check
async def waiting_ends_by_itself(subject: Subject) -> None:
    for _ in range(3):
        await subject.outbox.wait(1)
