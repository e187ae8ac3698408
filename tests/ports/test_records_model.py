"""Random units do to every engine what they do to dictionaries: same answers, same rows, same order, same events."""

import tempfile
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.ports.records import Conflict
from bowerbird.ports.tables import Op, Value
from tests.ports.suite import Opener
from tests.support.records_model import Model, Refusal
from tests.support.records_subject import SQLITE, Subject
from tests.support.records_tables import NOTES, PLACES, Note, Place, event, new_owner, note_id

# Few ids and few values, so that units meet each other; two owners share a shard, and the third is on another server.
SHARED, APART = 3, 4_000
OWNERS = {SHARED: [new_owner(SHARED), new_owner(SHARED)], APART: [new_owner(APART)]}
IDS = {shard: [note_id(owner) for owner in owners for _ in range(2)] for shard, owners in OWNERS.items()}

numbers = st.integers(0, 2)
titles = st.sampled_from(["", "a", "B", "é"])
dues = st.none() | numbers
topics = st.sampled_from([None, "t", "u"])


def notes(shard: int) -> st.SearchStrategy[Note]:
    return st.builds(
        Note,
        id=st.sampled_from(IDS[shard]),
        owner=st.sampled_from(OWNERS[shard]),
        place=numbers,
        title=titles,
        weight=st.sampled_from([0.0, -1.5]),
        body=st.sampled_from([None, b"", b"\x00"]),
        due=dues,
        topic=topics,
    )


def wheres() -> st.SearchStrategy[dict[str, Value]]:
    columns: dict[str, st.SearchStrategy[Value]] = {"place": numbers, "due": dues, "topic": topics}
    nothing: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries({})
    return nothing | nothing | st.fixed_dictionaries({}, optional=columns)


def on_notes(shard: int) -> st.SearchStrategy[Op]:
    keys = st.tuples(st.sampled_from(IDS[shard]))
    puts: dict[str, st.SearchStrategy[Value]] = {"title": titles, "due": dues, "topic": topics}
    return st.one_of(
        st.builds(NOTES.insert, notes(shard), if_absent=st.booleans()),
        st.builds(NOTES.replace, notes(shard), wheres()),
        st.builds(
            NOTES.patch,
            keys,
            st.fixed_dictionaries({}, optional=puts),
            wheres(),
            st.fixed_dictionaries({}, optional={"place": st.integers(-2, 2)}),
        ),
        st.builds(NOTES.delete, keys, wheres()),
        st.builds(NOTES.require, keys, wheres()),
        st.builds(NOTES.require_absent, keys),
    )


def on_places(shard: int) -> st.SearchStrategy[Op]:
    keys = st.tuples(st.sampled_from(OWNERS[shard]), titles)
    places = st.builds(Place, st.sampled_from(OWNERS[shard]), titles, numbers)
    return st.one_of(
        st.builds(PLACES.insert, places, if_absent=st.booleans()),
        st.builds(PLACES.patch, keys, st.fixed_dictionaries({}), st.none(), st.just({"visits": 1})),
        st.builds(PLACES.delete, keys),
    )


def units() -> st.SearchStrategy[tuple[list[Op], list[bytes]]]:
    def of_shard(shard: int) -> st.SearchStrategy[list[Op]]:
        return st.lists(on_notes(shard) | on_places(shard), min_size=1, max_size=3)

    ops = st.sampled_from([SHARED, APART]).flatmap(of_shard)
    return st.tuples(ops, st.lists(st.binary(max_size=2), max_size=2))


@pytest.mark.parametrize("opener", SQLITE.values(), ids=SQLITE)
@given(program=st.lists(units(), min_size=5, max_size=20))
@settings(max_examples=40)
async def test_units_do_what_they_do_to_dictionaries(
    opener: Opener[Subject], program: list[tuple[list[Op], list[bytes]]]
) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as folder:
        async with opener(Path(folder)) as subject:
            for ops, events in program:
                assert await answer(subject, ops, events) == model.commit(ops, events)
                await same_rows(subject, model)
            assert sorted(one.outgoing.data for one in await subject.queued()) == sorted(model.events)
            await same_orders(subject, model)


async def answer(subject: Subject, ops: list[Op], events: list[bytes]) -> Refusal | None:
    """Commit, and return what a Conflict says."""
    try:
        await subject.records.commit(ops, [event(OWNERS[SHARED][0], data) for data in events])
    except Conflict as conflict:
        return conflict.op, conflict.table, conflict.reason, conflict.index
    return None


async def same_rows(subject: Subject, model: Model) -> None:
    """Assert that every key gives the model's row, or none."""
    keys = [(id_,) for ids in IDS.values() for id_ in ids]
    assert await subject.records.get(NOTES, keys) == [model.rows["note"].get(key) for key in keys]
    places = [(owner, name) for owners in OWNERS.values() for owner in owners for name in ("", "a", "B", "é")]
    assert await subject.records.get(PLACES, places) == [model.rows["place"].get(key) for key in places]


async def same_orders(subject: Subject, model: Model) -> None:
    """Assert that every scan and sweep gives what sorting gives."""
    owners = [*OWNERS[SHARED], *OWNERS[APART]]
    for owner, newest_first in product(owners, (False, True)):
        turned = slice(None, None, -1 if newest_first else 1)
        for index in ("by_place", "by_due", "topics"):
            found = await subject.records.scan(NOTES, index, (owner,), newest_first=newest_first)
            assert found == model.scan(NOTES, index, (owner,))[turned]
        places = await subject.records.scan(PLACES, "", (owner,), newest_first=newest_first)
        assert places == model.scan(PLACES, "", (owner,))[turned]
    swept = await subject.records.sweep(NOTES, "due", 1, 100)
    assert [note.due for note in swept] == sorted(note.due or 0 for note in swept)
    assert sorted(swept, key=NOTES.key_of) == sorted(model.due(NOTES, "due", 1), key=NOTES.key_of)
