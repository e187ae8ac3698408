"""What the records port promises of units: all or nothing, on one shard, refused with the reason."""

import math
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from bowerbird.ports.records import OPS_MAX, UNIT_BYTES_MAX, Conflict, Misuse, Outgoing
from bowerbird.ports.tables import Delete, Insert, Op, Patch, Require
from tests.ports.suite import Suite
from tests.support.records_subject import Subject, everything
from tests.support.records_tables import (
    NOTES,
    PLACES,
    UNDECLARED,
    Note,
    Place,
    event,
    new_note,
    new_owner,
    note_id,
    owners_everywhere,
)

UNITS = Suite[Subject]()


async def refused(subject: Subject, ops: Sequence[Op], outgoing: Sequence[Outgoing] = ()) -> tuple[int, str, str, str]:
    """Commit what must be a Conflict, and return what it says."""
    with pytest.raises(Conflict) as caught:
        await subject.records.commit(ops, outgoing)
    conflict = caught.value
    return conflict.op, conflict.table, conflict.reason, conflict.index


async def held(subject: Subject, note: Note) -> Note | None:
    """Return the note as it is now."""
    return (await subject.records.get(NOTES, [(note.id,)]))[0]


@UNITS.check
async def a_taken_key_is_a_conflict(subject: Subject) -> None:
    note = new_note(new_owner(), title="first")
    await subject.records.commit([NOTES.insert(note)])
    second = NOTES.insert(replace(note, title="second"))
    assert await refused(subject, [second]) == (0, "note", "exists", "")
    assert await held(subject, note) == note


@UNITS.check
async def if_absent_leaves_a_row_as_it_is(subject: Subject) -> None:
    note = new_note(new_owner(), title="first", topic="t")
    for title in ("first", "second"):
        await subject.records.commit([NOTES.insert(replace(note, title=title), if_absent=True)], [event(note.owner)])
        assert await held(subject, note) == note
    assert len(await subject.queued()) == 2


@UNITS.check
async def if_absent_minds_the_unique_indexes_of_other_rows(subject: Subject) -> None:
    owner = new_owner()
    await subject.records.commit([NOTES.insert(new_note(owner, topic="t"))])
    ops = [NOTES.insert(new_note(owner, topic="t"), if_absent=True)]
    assert await refused(subject, ops) == (0, "note", "unique", "topics")


@UNITS.check
async def a_patch_puts_and_adds(subject: Subject) -> None:
    note = new_note(new_owner(), 5, title="old", due=3, topic="t")
    await subject.records.commit([NOTES.insert(note)])
    put = {"title": "new", "body": b"\x00", "due": None, "weight": 2}
    await subject.records.commit([NOTES.patch((note.id,), put, {"title": "old"}, {"place": 2})])
    expected = Note(note.id, note.owner, 7, "new", 2.0, b"\x00", None, "t")
    assert await held(subject, note) == expected
    await subject.records.commit([NOTES.patch((note.id,), {}, {"title": "new"}, {"place": -10})])
    assert await held(subject, note) == replace(expected, place=-3)


@UNITS.check
async def a_patch_wants_its_row(subject: Subject) -> None:
    note = new_note(new_owner(), title="old")
    for patch in (NOTES.patch((note.id,), {"title": "new"}), NOTES.patch((note.id,), {}), NOTES.replace(note, {})):
        assert await refused(subject, [patch]) == (0, "note", "absent", "")
    await subject.records.commit([NOTES.insert(note)])
    for put in ({"title": "new"}, {}):
        patch = NOTES.patch((note.id,), put, {"title": "else"})
        assert await refused(subject, [patch]) == (0, "note", "changed", "")
    assert await held(subject, note) == note


@UNITS.check
async def a_replacement_writes_the_whole_row(subject: Subject) -> None:
    note = new_note(new_owner(), 1, title="old", due=3, topic="t")
    await subject.records.commit([NOTES.insert(note)])
    whole = Note(note.id, note.owner, 2, "new", 9.5, b"body", None, "u")
    await subject.records.commit([NOTES.replace(whole, {"place": 1})])
    assert await held(subject, note) == whole
    assert await refused(subject, [NOTES.replace(note, {"place": 1})]) == (0, "note", "changed", "")


@UNITS.check
async def where_tells_null_from_everything_else(subject: Subject) -> None:
    with_null, with_zero = new_note(new_owner()), new_note(new_owner(), due=0)
    for note, other in ((with_null, 0), (with_zero, None)):
        await subject.records.commit([NOTES.insert(note)])
        key = (note.id,)
        wrong, right = {"due": other}, {"due": note.due}
        for op in (NOTES.patch(key, {"place": 1}, wrong), NOTES.delete(key, wrong), NOTES.require(key, wrong)):
            assert await refused(subject, [op]) == (0, "note", "changed", "")
        assert await held(subject, note) == note
        await subject.records.commit([NOTES.require(key, right), NOTES.patch(key, {"place": 1}, right)])
        await subject.records.commit([NOTES.delete(key, right)])
        assert await held(subject, note) is None


@UNITS.check
async def every_column_of_where_must_hold(subject: Subject) -> None:
    note = new_note(new_owner(), 1, title="x", due=2)
    await subject.records.commit([NOTES.insert(note)])
    holds = {"place": 1, "title": "x", "due": 2, "body": None, "weight": 0.5}
    await subject.records.commit([NOTES.require((note.id,), holds)])
    for name, other in {"place": 2, "title": "X", "due": 3, "body": b"", "weight": 0.25}.items():
        op = NOTES.require((note.id,), holds | {name: other})
        assert await refused(subject, [op]) == (0, "note", "changed", "")


@UNITS.check
async def a_delete_minds_absence_only_with_where(subject: Subject) -> None:
    note = new_note(new_owner())
    await subject.records.commit([NOTES.delete((note.id,))])
    assert await refused(subject, [NOTES.delete((note.id,), {"place": 0})]) == (0, "note", "absent", "")
    await subject.records.commit([NOTES.insert(note)])
    await subject.records.commit([NOTES.delete((note.id,))])
    assert await held(subject, note) is None


@UNITS.check
async def requirements_change_nothing_and_refuse(subject: Subject) -> None:
    note = new_note(new_owner())
    key = (note.id,)
    await subject.records.commit([NOTES.require_absent(key)])
    assert await refused(subject, [NOTES.require(key)]) == (0, "note", "absent", "")
    await subject.records.commit([NOTES.insert(note)])
    await subject.records.commit([NOTES.require(key), NOTES.require(key, {"place": 0})])
    assert await refused(subject, [NOTES.require_absent(key)]) == (0, "note", "exists", "")
    assert await held(subject, note) == note


@UNITS.check
async def a_unique_index_is_kept_by_inserts_and_patches(subject: Subject) -> None:
    owner = new_owner()
    first, second = new_note(owner, topic="t"), new_note(owner, topic="u")
    await subject.records.commit([NOTES.insert(first), NOTES.insert(second)])
    insert, patch = NOTES.insert(new_note(owner, topic="t")), NOTES.patch((second.id,), {"topic": "t"})
    for op in (insert, patch, NOTES.replace(replace(second, topic="t"), {})):
        assert await refused(subject, [op]) == (0, "note", "unique", "topics")
    await subject.records.commit([NOTES.patch((first.id,), {"topic": None}), patch])
    assert await held(subject, second) == replace(second, topic="t")


@UNITS.check
async def a_unique_index_lets_null_and_other_owners_be(subject: Subject) -> None:
    one, other = new_owner(3), new_owner(3)
    notes = [new_note(owner, topic=topic) for owner in (one, other) for topic in (None, None, "t")]
    await subject.records.commit([NOTES.insert(note) for note in notes])
    found = await everything(subject.records, [one, other])
    assert found["note"] == sorted(notes, key=NOTES.key_of)


@UNITS.check
async def a_taken_key_comes_before_a_taken_place_in_an_index(subject: Subject) -> None:
    owner = new_owner()
    first, second = new_note(owner, topic="t"), new_note(owner, topic="u")
    await subject.records.commit([NOTES.insert(first), NOTES.insert(second)])
    both = replace(second, topic="t")
    assert await refused(subject, [NOTES.insert(both)]) == (0, "note", "exists", "")
    await subject.records.commit([NOTES.insert(both, if_absent=True)])
    assert await held(subject, second) == second


@UNITS.check
async def operations_see_those_before_them(subject: Subject) -> None:
    owner = new_owner()
    note, place = new_note(owner, topic="t"), Place(owner, "here")
    later = new_note(owner, topic="t")
    key = (place.owner, place.name)
    ops = [
        NOTES.insert(note),
        NOTES.patch((note.id,), {"title": "x"}, add={"place": 1}),
        NOTES.require((note.id,), {"title": "x", "place": 1}),
        NOTES.delete((note.id,)),
        NOTES.require_absent((note.id,)),
        NOTES.insert(later),
        PLACES.insert(place),
        PLACES.patch(key, {}, {"visits": 0}, {"visits": 1}),
    ]
    await subject.records.commit(ops)
    assert await everything(subject.records, [owner]) == {"note": [later], "place": [replace(place, visits=1)]}


@UNITS.check
async def a_conflict_undoes_the_whole_unit(subject: Subject) -> None:
    owner = new_owner()
    kept, gone, taken = new_note(owner, 1, topic="t"), new_note(owner, 2), Place(owner, "taken")
    await subject.records.commit([NOTES.insert(kept), NOTES.insert(gone), PLACES.insert(taken)])
    before = await everything(subject.records, [owner])
    good = [
        NOTES.insert(new_note(owner)),
        NOTES.patch((kept.id,), {"topic": None}, add={"place": 1}),
        NOTES.delete((gone.id,)),
        PLACES.insert(Place(owner, "free")),
    ]
    assert await refused(subject, [*good, PLACES.insert(taken)], [event(owner)]) == (4, "place", "exists", "")
    assert await refused(subject, [PLACES.insert(taken), *good], [event(owner)]) == (0, "place", "exists", "")
    assert await everything(subject.records, [owner]) == before
    assert await subject.queued() == []


@UNITS.check
async def later_commits_have_later_positions(subject: Subject) -> None:
    owner = new_owner()
    positions = [await subject.records.commit([NOTES.insert(new_note(owner))]) for _ in range(5)]
    assert len({position.server for position in positions}) == 1
    sequences = [position.sequence for position in positions]
    assert sequences == sorted(set(sequences))


@UNITS.check
async def a_unit_is_of_one_shard(subject: Subject) -> None:
    """Neighbouring shards, which one server holds, are two shards as much as distant ones."""
    for one, other in ((new_owner(5), new_owner(6)), (new_owner(0), new_owner(4095))):
        ops: list[Op] = [NOTES.insert(new_note(one)), NOTES.insert(new_note(other))]
        for second in (*ops[1:], NOTES.delete((note_id(other),)), NOTES.require_absent((note_id(other),))):
            with pytest.raises(Misuse):
                await subject.records.commit([ops[0], second], [event(one)])
        assert await everything(subject.records, [one, other]) == {"note": [], "place": []}
    assert await subject.queued() == []


@UNITS.check
async def a_row_lives_where_its_ids_say(subject: Subject) -> None:
    here, there = new_owner(5), new_owner(6)
    note = new_note(here)
    await subject.records.commit([NOTES.insert(note)])
    ops: list[Op] = [
        NOTES.insert(Note(note_id(there), here)),
        NOTES.insert(Note(note_id(here), there)),
        NOTES.patch((note.id,), {"owner": there}),
        Insert("note", 6, (note_id(here), here, 0, "", 0.0, None, None, None)),
        Patch("note", 6, (note.id,), {"place": 1}, {}, {}),
        Delete("note", 6, (note.id,), {}),
        Require("note", 6, (note.id,), {}),
        Delete("note", 5, (note.id + b"\x00",), {}),
    ]
    for op in ops:
        with pytest.raises(Misuse):
            await subject.records.commit([op])
    assert await everything(subject.records, [here, there]) == {"note": [note], "place": []}


@UNITS.check
async def units_that_break_the_rules_are_refused(subject: Subject) -> None:
    owner = new_owner(5)
    note = new_note(owner)
    key = (note.id,)
    row = (note.id, owner, 0, "", 0.0, None, None, None)
    ops: list[Op] = [
        UNDECLARED.insert(Place(owner, "")),
        Insert("note", 5, row[:-1]),
        *(Insert("note", 5, (*row[:at], bad, *row[at + 1 :])) for at, bad in _BAD_VALUES),
        NOTES.patch(key, {"id": note.id}),
        NOTES.patch(key, {"place": 1}, add={"place": 1}),
        NOTES.patch(key, {}, add={"title": 1}),
        NOTES.patch(key, {"place": None}),
        NOTES.patch(key, {"place": "1"}),
        *(NOTES.patch(key, {name: 1}) for name in ("shard", "none", "")),
        *(NOTES.patch(key, {"place": 1}, {name: 1}) for name in ("shard", "none", 'place" = 0 OR "place')),
        NOTES.delete(key, {"place": "0"}),
        NOTES.require((note.id, 1)),
        PLACES.delete((owner,)),
        Require("note", 5, key, {"place": 0}, absent=True),
    ]
    await subject.records.commit([NOTES.insert(note)])
    for op in ops:
        with pytest.raises(Misuse):
            await subject.records.commit([NOTES.insert(new_note(owner)), op], [event(owner)])
    assert await everything(subject.records, [owner]) == {"note": [note], "place": []}
    assert await subject.queued() == []


_BAD_VALUES = (
    (0, None),
    (1, None),
    (2, None),
    (2, True),
    (2, "0"),
    (2, 0.0),
    (2, 1 << 63),
    (2, -(1 << 63) - 1),
    (3, None),
    (3, b""),
    (3, 1),
    (3, "\ud800"),
    (4, math.nan),
    (4, math.inf),
    (4, "0"),
    (5, "text"),
    (6, b"1"),
)


@UNITS.check
async def a_sum_that_does_not_fit_is_refused(subject: Subject) -> None:
    note = new_note(new_owner(), (1 << 63) - 1)
    await subject.records.commit([NOTES.insert(note)])
    with pytest.raises(Misuse):
        await subject.records.commit([NOTES.patch((note.id,), {}, add={"place": 1})], [event(note.owner)])
    assert await held(subject, note) == note
    assert await subject.queued() == []


@UNITS.check
async def a_unit_is_bounded(subject: Subject) -> None:
    owner, sender = owners_everywhere(2)
    notes = [new_note(owner, place) for place in range(OPS_MAX + 1)]
    big = bytes(UNIT_BYTES_MAX // 2)
    units: list[tuple[list[Op], list[Outgoing]]] = [
        ([], []),
        ([], [event(sender)]),
        ([NOTES.insert(note) for note in notes], []),
        ([NOTES.insert(note) for note in notes[:1]], [event(sender, big), event(sender, big)]),
        ([NOTES.insert(replace(note, body=big)) for note in notes[:2]], []),
    ]
    for ops, outgoing in units:
        with pytest.raises(Misuse):
            await subject.records.commit(ops, outgoing)
    assert await everything(subject.records, [owner]) == {"note": [], "place": []}
    assert await subject.queued() == []
    await subject.records.commit([NOTES.insert(note) for note in notes[:OPS_MAX]])
    await subject.records.commit([NOTES.insert(replace(notes[OPS_MAX], body=big))], [event(sender, big[:100_000])])
    assert await subject.records.scan(NOTES, "by_place", (owner,), limit=500) == notes[:500]
