"""What the records port promises under load, cancellation, lost replies and failure of the engine."""

import asyncio
from collections.abc import Iterable

import pytest

from bowerbird.base.ids import Id
from bowerbird.ports.records import Conflict, EngineUnavailable, Position
from tests.ports.suite import Suite
from tests.support.records_subject import Subject, everything
from tests.support.records_tables import (
    NOTES,
    PLACES,
    Note,
    Place,
    event,
    new_note,
    new_owner,
    owners_everywhere,
)

LOAD = Suite[Subject]()
PARALLEL = 500


async def save(subject: Subject, note: Note) -> Position:
    """Commit a note with an event whose data is its id."""
    return await subject.records.commit([NOTES.insert(note)], [event(note.owner, note.id)])


async def saved(subject: Subject, notes: Iterable[Note]) -> list[Note]:
    """Return those of the notes whose row is there; row and event must be there together or not at all."""
    asked = list(notes)
    rows = [row for start in range(0, len(asked), 500) for row in await _rows(subject, asked[start : start + 500])]
    there = [note for note, row in zip(asked, rows, strict=True) if row == note]
    assert len(there) == sum(row is not None for row in rows)
    events = [queued.outgoing.data for queued in await subject.queued()]
    assert sorted(events) == sorted(note.id for note in there)
    return there


async def _rows(subject: Subject, notes: list[Note]) -> list[Note | None]:
    return await subject.records.get(NOTES, [(note.id,) for note in notes])


async def sequences_are_gapless(subject: Subject) -> None:
    """Assert that each server's events are numbered from the first to the last."""
    for server in await subject.outbox.servers():
        sequences = [queued.sequence for queued in await subject.outbox.take(server, 10_000)]
        assert sequences == [sequences[0] + place for place in range(len(sequences))] if sequences else True


@LOAD.check
async def five_hundred_commits_at_once(subject: Subject) -> None:
    """All are there, and the events stand in the order that the positions tell."""
    notes = [new_note(owner) for owner in owners_everywhere(50) for _ in range(PARALLEL // 50)]
    positions = await asyncio.gather(*(save(subject, note) for note in notes))
    assert len({(position.server, position.sequence) for position in positions}) == PARALLEL
    assert await saved(subject, notes) == notes
    await sequences_are_gapless(subject)
    in_order = sorted(zip(positions, notes, strict=True), key=lambda pair: (pair[0].server, pair[0].sequence))
    assert [queued.outgoing.data for queued in await subject.queued()] == [note.id for _position, note in in_order]


@LOAD.check
async def of_many_that_want_one_key_one_wins(subject: Subject) -> None:
    note = new_note(new_owner())
    rivals = [save(subject, note) for _ in range(50)]
    answers = await asyncio.gather(*rivals, return_exceptions=True)
    assert sum(isinstance(answer, Position) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) and answer.reason == "exists" for answer in answers) == 49
    assert await saved(subject, [note]) == [note]


@LOAD.check
async def sums_lose_nothing(subject: Subject) -> None:
    place = Place(new_owner(), "square")
    key = (place.owner, place.name)
    await subject.records.commit([PLACES.insert(place)])
    visit = PLACES.patch(key, {}, add={"visits": 1})
    await asyncio.gather(*(subject.records.commit([visit]) for _ in range(200)))
    assert await subject.records.get(PLACES, [key]) == [Place(*key, 200)]


@LOAD.check
async def a_conflict_harms_no_neighbour(subject: Subject) -> None:
    owner = new_owner()
    taken = new_note(owner)
    await save(subject, taken)
    notes = [new_note(owner) for _ in range(60)]
    units = [save(subject, note) for note in notes]
    rivals = [subject.records.commit([NOTES.insert(new_note(owner)), NOTES.insert(taken)]) for _ in range(60)]
    mixed = [unit for pair in zip(units, rivals, strict=True) for unit in pair]
    answers = await asyncio.gather(*mixed, return_exceptions=True)
    assert all(isinstance(answer, Position) for answer in answers[::2])
    assert all(isinstance(answer, Conflict) and answer.op == 1 for answer in answers[1::2])
    assert await saved(subject, [taken, *notes]) == [taken, *notes]
    assert len((await everything(subject.records, [owner]))["note"]) == 61


@LOAD.check
async def a_cancelled_caller_harms_nobody(subject: Subject) -> None:
    """Its unit may be there or not, but never half of it; the others get their own answers."""
    notes = [new_note(owner) for owner in owners_everywhere(10) for _ in range(30)]
    tasks = [asyncio.ensure_future(save(subject, note)) for note in notes]
    for ticks in range(3):
        await asyncio.sleep(0)
        for task in tasks[ticks::9]:
            task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    there = await saved(subject, notes)
    for note, answer in zip(notes, answers, strict=True):
        assert isinstance(answer, asyncio.CancelledError) or (isinstance(answer, Position) and note in there)
    await sequences_are_gapless(subject)
    assert isinstance(await save(subject, new_note(new_owner())), Position)


@LOAD.check
async def a_lost_reply_is_found_out_by_trying_again(subject: Subject) -> None:
    for ticks in range(12):
        note = new_note(new_owner())
        lost = asyncio.ensure_future(save(subject, note))
        for _ in range(ticks):
            await asyncio.sleep(0)
        lost.cancel()
        await asyncio.gather(lost, return_exceptions=True)
        (again,) = await asyncio.gather(save(subject, note), return_exceptions=True)
        assert isinstance(again, Position) or (isinstance(again, Conflict) and again.reason == "exists")
        assert await saved(subject, [note]) == [note]
        for queued in await subject.queued():
            for server in await subject.outbox.servers():
                await subject.outbox.done(server, [queued.sequence])


@LOAD.check
async def nothing_remains_of_what_a_failing_engine_refused(subject: Subject) -> None:
    for outage in subject.outages.values():
        owner = new_owner()
        before = new_note(owner)
        await save(subject, before)
        async with outage():
            refused = [new_note(other) for other in [owner, *owners_everywhere(8)] for _ in range(4)]
            answers = await asyncio.gather(*(save(subject, note) for note in refused), return_exceptions=True)
            assert [type(answer) for answer in answers] == [EngineUnavailable] * len(refused)
            assert await subject.records.get(NOTES, [(before.id,)]) == [before]
            assert await _rows(subject, refused) == [None] * len(refused)
        after = new_note(owner)
        await save(subject, after)
        assert await saved(subject, [before, *refused, after]) == [before, after]
        await sequences_are_gapless(subject)
        await _empty_outboxes(subject)


@LOAD.check
async def what_was_acknowledged_while_the_engine_failed_is_there(subject: Subject) -> None:
    """Writers go on through failures that come and go: an answer is a promise, a refusal leaves nothing."""
    acknowledged: list[Note] = []
    refused: list[Note] = []

    async def write(owner: Id) -> None:
        for place in range(40):
            note = new_note(owner, place)
            try:
                await save(subject, note)
                acknowledged.append(note)
            except EngineUnavailable:
                refused.append(note)
                await asyncio.sleep(0)

    writers = asyncio.gather(*(write(owner) for owner in owners_everywhere(8)))
    while not writers.done():
        for outage in subject.outages.values():
            async with outage():
                await _one_more(refused, writers)
            await _one_more(acknowledged, writers)
    await writers
    assert acknowledged
    assert refused
    assert set(await saved(subject, [*acknowledged, *refused])) == set(acknowledged)
    await sequences_are_gapless(subject)


async def _one_more(answers: list[Note], writers: asyncio.Future[list[None]]) -> None:
    """Let the writers run until one more answer of the kind came in, or they are through."""
    before = len(answers)
    for _ in range(1_000_000):
        if len(answers) > before or writers.done():
            return
        await asyncio.sleep(0)


@LOAD.check
async def an_outbox_that_cannot_delete_keeps_its_events(subject: Subject) -> None:
    for outage in subject.outages.values():
        server = (await save(subject, new_note(new_owner()))).server
        queued = await subject.outbox.take(server, 10)
        async with outage():
            with pytest.raises(EngineUnavailable):
                await subject.outbox.done(server, [one.sequence for one in queued])
        assert await subject.outbox.take(server, 10) == queued
        await _empty_outboxes(subject)


async def _empty_outboxes(subject: Subject) -> None:
    for server in await subject.outbox.servers():
        queued = await subject.outbox.take(server, 10_000)
        await subject.outbox.done(server, [one.sequence for one in queued])
    assert await subject.queued() == []
