"""What the records port promises of reads: by key, in the order of an index, and across shards."""

import asyncio
import random
from collections.abc import Sequence
from itertools import product

import msgspec
import pytest

from bowerbird.ports.records import KEYS_MAX, Conflict, Misuse
from bowerbird.ports.tables import Key, Table, Value
from tests.ports.suite import Suite
from tests.support.records_subject import Subject
from tests.support.records_tables import (
    NOTES,
    PLACES,
    UNDECLARED,
    Note,
    Place,
    new_note,
    new_owner,
    note_id,
    owners_everywhere,
)

READS = Suite[Subject]()


@READS.check
async def a_row_comes_back_as_it_was_put(subject: Subject) -> None:
    owner = new_owner()
    rows = [
        Note(note_id(owner), owner, -(1 << 63), "", -0.5, b"", (1 << 63) - 1, None),
        Note(
            note_id(owner), owner, 0, "a\x00b \U0001f426 é e\u0301 'quoted' \"twice\"", 1e300, bytes(range(256)), 0, ""
        ),
        Note(note_id(owner), owner, 1, "x" * 100_000, 0.1, None, None, "t"),
    ]
    await subject.records.commit([NOTES.insert(row) for row in rows])
    assert await subject.records.get(NOTES, [NOTES.key_of(row) for row in rows]) == rows


@READS.check
async def rows_come_in_the_order_of_their_keys(subject: Subject) -> None:
    rows = {NOTES.key_of(note): note for note in map(new_note, owners_everywhere(60))}
    for row in rows.values():
        await subject.records.commit([NOTES.insert(row)])
    absent = [(note_id(new_owner(shard)),) for shard in range(20)]
    for count in (1, 2, 3, 25, 60, 80):
        keys = random.sample([*rows, *absent], count)
        keys += keys[: count // 2]
        assert await subject.records.get(NOTES, keys) == [rows.get(key) for key in keys]
    assert await subject.records.get(NOTES, []) == []


@READS.check
async def rows_are_found_by_a_key_of_two_columns(subject: Subject) -> None:
    owners = owners_everywhere(8)
    rows = [Place(owner, name) for owner in owners for name in ("a", "b")]
    for row in rows:
        await subject.records.commit([PLACES.insert(row)])
    found = await subject.records.get(PLACES, [*map(PLACES.key_of, rows), (owners[0], "c")])
    assert found == [*rows, None]


@READS.check
async def a_read_sees_what_was_committed_before_it(subject: Subject) -> None:
    place = Place(new_owner(), "here")
    key = (place.owner, place.name)
    await subject.records.commit([PLACES.insert(place)])
    for visits in range(1, 30):
        await subject.records.commit([PLACES.patch(key, {}, add={"visits": 1})])
        assert await subject.records.get(PLACES, [key]) == [Place(*key, visits)]
        assert await subject.records.scan(PLACES, "", key[:1]) == [Place(*key, visits)]


@READS.check
async def a_row_read_before_is_read_as_it_is_now(subject: Subject) -> None:
    """Absent, put, changed, left as it was by a refused unit, removed; looked at each time, by key and by index."""
    note = new_note(new_owner(), 1)
    key, absent = NOTES.key_of(note), note_id(note.owner)
    changed = msgspec.structs.replace(note, title="changed")
    moved = msgspec.structs.replace(changed, place=2)

    async def sees(expected: Note | None) -> None:
        assert await subject.records.get(NOTES, [key, (absent,)]) == [expected, None]
        assert await subject.records.scan(NOTES, "by_place", key_of_owner) == ([] if expected is None else [expected])

    key_of_owner = (note.owner,)
    await sees(None)
    await subject.records.commit([NOTES.insert(note)])
    await sees(note)
    await subject.records.commit([NOTES.patch(key, {"title": "changed"})])
    await sees(changed)
    with pytest.raises(Conflict):
        await subject.records.commit([NOTES.patch(key, {"title": "refused"}), NOTES.require((absent,))])
    await sees(changed)
    await subject.records.commit([NOTES.insert(new_note(note.owner), if_absent=True), NOTES.replace(moved, {})])
    assert (await subject.records.get(NOTES, [key])) == [moved]
    await subject.records.commit([NOTES.delete(key)])
    assert (await subject.records.get(NOTES, [key])) == [None]


@READS.check
async def a_row_read_before_is_read_as_it_is_now_after_many_other_units(subject: Subject) -> None:
    note, busy = new_note(new_owner()), Place(new_owner(), "busy")
    await subject.records.commit([NOTES.insert(note)])
    await subject.records.commit([PLACES.insert(busy)])
    visit = PLACES.patch(PLACES.key_of(busy), {}, add={"visits": 1})
    for title, others in (("soon", 10), ("late", 300), ("very late", 5_000)):
        assert (await subject.records.get(NOTES, [NOTES.key_of(note)])) != [None]
        await subject.records.commit([NOTES.patch(NOTES.key_of(note), {"title": title})])
        for start in range(0, others, 1_000):
            await asyncio.gather(*(subject.records.commit([visit]) for _ in range(min(1_000, others - start))))
        found = (await subject.records.get(NOTES, [NOTES.key_of(note)]))[0]
        assert found is not None
        assert found.title == title


@READS.check
async def scans_follow_the_index_page_by_page(subject: Subject) -> None:
    """Every index, both directions, every size of page; ties and NULLs among the values."""
    owner, stranger = new_owner(7), new_owner(7)
    notes = [
        new_note(owner, place, due=due, topic=None if topic is None else f"{topic} {place} {due}")
        for place, due, topic in product((3, 1, 1, 2), (None, 5, 4, 4), (None, "t"))
        if topic is None or (place != 1 and due != 4)
    ]
    random.shuffle(notes)
    await subject.records.commit([NOTES.insert(note) for note in (*notes, new_note(stranger), new_note(stranger, 2))])
    for index, newest_first, limit in product(("by_place", "by_due", "topics"), (False, True), (1, 2, 7, 100)):
        expected = _in_order(NOTES, index, notes, newest_first)
        assert await _pages(subject, index, (owner,), limit, newest_first=newest_first) == expected


@READS.check
async def scans_keep_to_a_longer_prefix(subject: Subject) -> None:
    owner = new_owner(7)
    notes = [new_note(owner, place, due=due) for place in (1, 2) for due in (None, 4, None, 4)]
    await subject.records.commit([NOTES.insert(note) for note in notes])
    cases: list[tuple[str, Value]] = [("by_place", 1), ("by_place", 3), ("by_due", None), ("by_due", 4)]
    for (index, value), newest_first in product(cases, (False, True)):
        column = NOTES.indexes[index].columns[1]
        held = [note for note in notes if getattr(note, column) == value]
        expected = _in_order(NOTES, index, held, newest_first)
        assert await _pages(subject, index, (owner, value), 1, newest_first=newest_first) == expected


@READS.check
async def the_primary_key_is_an_index_ordered_by_bytes(subject: Subject) -> None:
    owner = new_owner()
    names = ("Zebra", "apple", "", "é", "z", "e", "\U0001f426", "a\x00b", "a", "\ufffd")
    places = [Place(owner, name) for name in names]
    await subject.records.commit([PLACES.insert(place) for place in places])
    expected = sorted(places, key=lambda place: place.name.encode())
    assert await subject.records.scan(PLACES, "", (owner,)) == expected
    assert await subject.records.scan(PLACES, "", (owner,), newest_first=True) == expected[::-1]
    behind = await subject.records.scan(PLACES, "", (owner,), after=(owner, "a"), limit=3)
    assert behind == expected[expected.index(Place(owner, "a")) + 1 :][:3]
    assert await subject.records.scan(PLACES, "", (owner, "z")) == [Place(owner, "z")]


@READS.check
async def a_scan_may_continue_behind_a_row_that_is_gone(subject: Subject) -> None:
    owner = new_owner()
    notes = [new_note(owner, place) for place in range(4)]
    await subject.records.commit([NOTES.insert(note) for note in notes])
    await subject.records.commit([NOTES.delete((notes[1].id,))])
    mark = NOTES.mark("by_place", notes[1])
    assert await subject.records.scan(NOTES, "by_place", (owner,), after=mark) == notes[2:]
    assert await subject.records.scan(NOTES, "by_place", (owner,), after=mark, newest_first=True) == notes[:1]


@READS.check
async def a_sweep_finds_what_is_due_on_every_shard(subject: Subject) -> None:
    dues = [None, 30, 10, 20, 11, None, 12, 13, 40, 10, 21, 5]
    notes = [new_note(owner, due=due) for owner, due in zip(owners_everywhere(len(dues)), dues, strict=True)]
    for note in notes:
        await subject.records.commit([NOTES.insert(note)])
    assert [note.due for note in await subject.records.sweep(NOTES, "due", 20, 100)] == [5, 10, 10, 11, 12, 13, 20]
    assert [note.due for note in await subject.records.sweep(NOTES, "due", 20, 4)] == [5, 10, 10, 11]
    assert await subject.records.sweep(NOTES, "due", 4, 100) == []


@READS.check
async def a_sweep_forgets_what_was_changed(subject: Subject) -> None:
    notes = [new_note(owner, due=1) for owner in owners_everywhere(4)]
    for note in notes:
        await subject.records.commit([NOTES.insert(note)])
    for note in notes[:3]:
        await subject.records.commit([NOTES.patch((note.id,), {"due": None})])
    assert await subject.records.sweep(NOTES, "due", 1, 100) == notes[3:]


@READS.check
async def reads_that_break_the_rules_are_refused(subject: Subject) -> None:
    records, owner = subject.records, new_owner()
    mark = NOTES.mark("by_place", new_note(owner))
    with pytest.raises(Misuse):
        await records.get(UNDECLARED, [(owner, "")])
    keys: list[Sequence[Key]] = [
        [(owner,)] * (KEYS_MAX + 1),
        [(None,)],
        [("a text of 16 ...",)],
        [(b"",)],
        [(owner, 1)],
    ]
    for bad in keys:
        with pytest.raises(Misuse):
            await records.get(NOTES, bad)
    scans: list[tuple[str, Key]] = [("none", (owner,)), ("due", (owner,)), ("by_place", ()), ("by_place", (1,))]
    for index, prefix in (*scans, ("by_place", (owner, 1, owner))):
        with pytest.raises(Misuse):
            await records.scan(NOTES, index, prefix)
    for limit in (0, -1, KEYS_MAX + 1):
        with pytest.raises(Misuse):
            await records.scan(NOTES, "by_place", (owner,), limit=limit)
        with pytest.raises(Misuse):
            await records.sweep(NOTES, "due", 1, limit)
    for after in (mark[:2], (*mark, 1), (new_owner(), *mark[1:])):
        with pytest.raises(Misuse):
            await records.scan(NOTES, "by_place", (owner,), after=after)
    for index in ("", "by_place", "none"):
        with pytest.raises(Misuse):
            await records.sweep(NOTES, index, 1, 1)


async def _pages(subject: Subject, index: str, prefix: Key, limit: int, *, newest_first: bool) -> list[Note]:
    """Read page after page until one comes back short."""
    rows: list[Note] = []
    after: Key | None = None
    for _ in range(100):
        page = await subject.records.scan(NOTES, index, prefix, after=after, limit=limit, newest_first=newest_first)
        rows += page
        if len(page) < limit:
            return rows
        after = NOTES.mark(index, page[-1])
    pytest.fail("the pages never end")


def _in_order(table: Table[Note], index: str, rows: Sequence[Note], reverse: bool) -> list[Note]:
    """Sort as an index does: NULL before everything."""

    def position(row: Note) -> tuple[tuple[bool, Value], ...]:
        return tuple((value is not None, 0 if value is None else value) for value in table.mark(index, row))

    return sorted(rows, key=position, reverse=reverse)
