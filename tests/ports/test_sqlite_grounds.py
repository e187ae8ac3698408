"""What supports an answer from SQLite: it holds until something that was read has changed, and then never again."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from bowerbird.adapters.sqlite.connection import REBUILDABLE
from bowerbird.adapters.sqlite.kept_rows import CHANGES_KEPT
from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.adapters.sqlite.touches import RowsRead, Touches
from bowerbird.adapters.sqlite.writer import SqliteWriter
from bowerbird.base.ground import Ground, collecting
from bowerbird.base.ids import Id
from bowerbird.base.shards import ShardMap
from bowerbird.ports.timelines import Placed
from tests.ports.askings.scene import asked_by
from tests.ports.askings.subject import Subject as AskingSubject
from tests.ports.askings.subject import Variant as AskingVariant
from tests.ports.tastes.scene import board, person, save, sight, thing
from tests.ports.tastes.subject import Subject as TasteSubject
from tests.ports.tastes.subject import Variant as TasteVariant
from tests.support.records_subject import Inline
from tests.support.records_tables import NOTES, TABLES, new_note, new_owner, note_id
from tests.support.timelines_entries import HOME, ME, YOU, entry, put
from tests.support.views_subject import Subject, Variant

SHARDS = 3
ROUNDS = 400
FORGOTTEN_AFTER = 70_000
"""Of rows touched: more than are known."""

Read = Callable[[], Awaitable[object]]


@pytest.fixture
async def records(tmp_path: Path) -> AsyncGenerator[SqliteRecords]:
    """Records that read for themselves what another object writes, as a worker does."""
    async with AsyncExitStack() as stack:
        writer = SqliteWriter.open(tmp_path, TABLES, ShardMap.even(2), tuning=REBUILDABLE, executor=Inline)
        stack.push_async_callback(writer.close)
        opened = SqliteRecords.open(tmp_path, TABLES, ShardMap.even(2), writer)
        stack.callback(opened.close)
        yield opened


async def ground_of(read: Read) -> Ground:
    with collecting() as ground:
        await read()
    assert ground.holds()
    return ground


async def test_what_holds_is_what_would_be_read_again(records: SqliteRecords) -> None:
    """By chance: rows that are there and rows that are not, indexes, and units that touch one of them or none."""
    dice = Random(7)
    owners = [new_owner(shard * 1500) for shard in range(SHARDS)]
    ids = {owner: [note_id(owner) for _ in range(6)] for owner in owners}
    held = fell = 0
    for _ in range(ROUNDS):
        some = [(id_,) for owner in owners for id_ in dice.sample(ids[owner], 1)]
        owner = dice.choice(owners)

        async def read(some: list[tuple[Id]] = some, owner: Id = owner) -> object:
            return await records.get(NOTES, some), await records.scan(NOTES, "by_place", (owner,))

        with collecting() as ground:
            before = await read()
        await _change(records, dice, ids)
        after = await read()
        if ground.holds():
            held += 1
            assert after == before
        else:
            fell += 1
    assert min(held, fell) > ROUNDS // 20


async def _change(records: SqliteRecords, dice: Random, ids: dict[Id, list[Id]]) -> None:
    owner = dice.choice(list(ids))
    id_ = dice.choice(ids[owner])
    [row] = await records.get(NOTES, [(id_,)])
    if row is None:
        await records.commit([NOTES.insert(replace(new_note(owner, dice.randint(0, 9)), id=id_))])
    elif dice.random() < 0.3:
        await records.commit([NOTES.delete((id_,))])
    else:
        await records.commit([NOTES.patch((id_,), {"place": dice.randint(0, 9)})])


async def test_what_happens_elsewhere_lets_an_answer_hold(records: SqliteRecords) -> None:
    mine, others = new_owner(0), new_owner(1)
    notes = [new_note(mine), new_note(mine)]
    await records.commit([NOTES.insert(note) for note in notes])
    of_row = await ground_of(lambda: records.get(NOTES, [(notes[0].id,)]))
    of_list = await ground_of(lambda: records.scan(NOTES, "by_place", (mine,)))
    await records.commit([NOTES.insert(new_note(others))])
    assert of_row.holds()
    assert of_list.holds()
    await records.commit([NOTES.patch((notes[1].id,), {"title": "new"})])
    assert of_row.holds()
    assert not of_list.holds()


async def test_an_answer_that_nobody_asked_for_too_long_falls(records: SqliteRecords) -> None:
    """What was touched meanwhile is not known any more."""
    mine, others = new_owner(0), new_owner(1)
    note, busy = new_note(mine), new_note(others)
    await records.commit([NOTES.insert(note)])
    await records.commit([NOTES.insert(busy)])
    ground = await ground_of(lambda: records.get(NOTES, [(note.id,)]))
    await records.commit([NOTES.patch((note.id,), {"title": "new"})])
    for _ in range(CHANGES_KEPT + 600):
        await records.commit([NOTES.patch((busy.id,), {}, add={"place": 1})])
    assert not ground.holds()


def test_an_answer_falls_with_what_was_known_of_its_rows() -> None:
    """So many others are touched after its row that which were touched is forgotten."""
    touches, mine, others = Touches(), new_note(new_owner(0)), new_owner(1)
    answer = RowsRead(touches, 0, lambda: 2)
    answer.rows(NOTES.name, [(mine.id,)])
    touches.note(NOTES.name, (mine.id,), 1)
    for _ in range(FORGOTTEN_AFTER):
        touches.note(NOTES.name, (note_id(others),), 2)
    assert not answer.holds()


async def test_what_fell_does_not_stand_up_again(records: SqliteRecords) -> None:
    note = new_note(new_owner())
    await records.commit([NOTES.insert(note)])
    ground = await ground_of(lambda: records.get(NOTES, [(note.id,)]))
    await records.commit([NOTES.patch((note.id,), {"title": "new"})])
    assert not ground.holds()
    await records.commit([NOTES.patch((note.id,), {"title": note.title})])
    assert not ground.holds()


async def test_a_timeline_falls_with_what_was_read_of_it_alone(tmp_path: Path) -> None:
    subject = Subject(Variant(executor=Inline), tmp_path)
    await put(subject.timelines, ME, [entry(at) for at in range(1, 9)])
    newest = await ground_of(lambda: subject.timelines.page(HOME, ME, None, 3))
    merged = await ground_of(lambda: subject.timelines.merged(HOME, [ME, YOU], None, 3))
    await put(subject.timelines, Id(bytes(15) + b"9"), [entry(77)])
    assert newest.holds()
    await subject.timelines.remove(HOME, [ME], [entry(1).pin])
    assert merged.holds()
    newest = await ground_of(lambda: subject.timelines.page(HOME, ME, None, 3))
    await subject.timelines.add([Placed(HOME, YOU, entry(99))], None)
    assert newest.holds()
    assert not merged.holds()
    await put(subject.timelines, ME, [entry(98)])
    assert not newest.holds()
    await subject.close()


async def test_the_graph_falls_with_its_answers(tmp_path: Path) -> None:
    subject = Subject(Variant(executor=Inline), tmp_path)
    await subject.graph.put(ME, YOU, 1, 1)
    members = await ground_of(lambda: subject.graph.members("followers", YOU, None, 9))
    counts = await ground_of(lambda: subject.graph.counts("followers", [ME]))
    await subject.graph.put(Id(bytes(15) + b"9"), YOU, 2, 1)
    assert not members.holds()
    assert counts.holds()
    await subject.close()


async def test_tastes_fall_with_what_was_read_of_them(tmp_path: Path) -> None:
    subject = TasteSubject(TasteVariant(executor=Inline), tmp_path)
    await subject.tastes.put([save(1)], [])
    of_board = await ground_of(lambda: subject.tastes.of_board(board(1), None, 9))
    holding = await ground_of(lambda: subject.tastes.holding([thing(1)], 1))
    shown = await ground_of(lambda: subject.tastes.shown(person(1), [thing(1)]))
    await subject.tastes.put([save(2, on=2)], [])
    assert of_board.holds()
    assert holding.holds()
    await subject.tastes.publish(board(1), public=False)
    assert not of_board.holds()
    assert not holding.holds()
    assert shown.holds()
    await subject.tastes.saw([sight(1, 5)])
    assert not shown.holds()
    await subject.close()


async def test_askings_fall_with_what_was_read_of_them(tmp_path: Path) -> None:
    subject = AskingSubject(AskingVariant(executor=Inline), tmp_path)
    await asked_by(subject.askings, 3, "lamp")
    lamps = await ground_of(lambda: subject.askings.begun("la", 3, 9))
    await asked_by(subject.askings, 2, "lama")
    assert lamps.holds()
    await asked_by(subject.askings, 3, "lama")
    assert not lamps.holds()
    await subject.close()
