"""How askings lie in the file: a check finds what is wrong, steps may break off, and a read takes as little of many."""

from collections.abc import Awaitable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import apsw
import pytest

from bowerbird.adapters.sqlite.asking_writes import SqliteAskingWrites
from bowerbird.adapters.sqlite.askings import SqliteAskings
from bowerbird.adapters.sqlite.soundness import Finding, examine, rules_of_views
from bowerbird.adapters.sqlite.views import open_views_reader, open_views_writer
from bowerbird.ports.records import EngineUnavailable
from tests.ports.askings.scene import asked_by, asks, begun, note, person
from tests.ports.askings.subject import Subject, Variant
from tests.support.records_sql import rows
from tests.support.records_subject import Inline

HARMS = {
    "DELETE FROM asking WHERE asker = 1": "asked",
    "DELETE FROM opening WHERE prefix = 'la'": "opening",
    "UPDATE opening SET people = 9 WHERE prefix = 'la'": "opening",
    "INSERT INTO opening VALUES ('o', 2, 'other')": "opening",
}


def findings(folder: Path) -> list[Finding]:
    return list(examine(folder / "views.db", rules_of_views))


@pytest.mark.parametrize("harm", HARMS)
async def test_what_was_damaged_is_named_and_what_was_asked_is_not(harm: str, tmp_path: Path) -> None:
    subject = Subject(Variant(), tmp_path)
    await asked_by(subject.askings, 3, "lamp")
    await asked_by(subject.askings, 1, "a secret", first=9)
    assert findings(tmp_path) == []
    with closing(apsw.Connection(str(tmp_path / "views.db"))) as connection:
        rows(connection, harm)
    found = findings(tmp_path)
    assert {finding.table for finding in found} == {HARMS[harm]}
    assert not any(said in str(found) for said in ("lamp", "secret", "other"))
    await subject.close()


async def test_forgetting_that_breaks_off_is_done_with_the_next(tmp_path: Path) -> None:
    """Behind whichever step: what was asked late counts for nothing from the first one on."""
    for steps in count(1):
        folder = tmp_path / str(steps)
        folder.mkdir()
        subject = Subject(Variant(executor=Inline), folder)
        for number in (1, 2):
            await note(subject.askings, [asks(number, f"lamp {of}") for of in range(120)])
        broke = await _forget_up_to(subject, steps)
        await subject.reopen()
        await subject.askings.note([asks(1, "late"), asks(2, "late")])
        assert await begun(subject.beside, "late") == []
        await subject.askings.forget(person(1))
        assert await begun(subject.beside, "lamp") == []
        subject.audit()
        await subject.close()
        if not broke:
            assert steps > 2
            return


async def _forget_up_to(subject: Subject, steps: int) -> bool:
    """Forget somebody in at most so many steps; return whether that broke off."""
    left = iter(range(steps))
    submit = subject.writer.submit

    async def submitted(work: Any, size_bytes: int) -> Any:  # noqa: ANN401 - as the writer's own
        if next(left, None) is None:
            raise EngineUnavailable("on purpose")
        return await submit(work, size_bytes)

    subject.writer.submit = submitted
    try:
        await subject.askings.forget(person(1))
    except EngineUnavailable:
        return True
    return False


FILL = """
    INSERT INTO opening
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
    SELECT 'a', 2 + n % 3, printf('a%06d', n) FROM numbers
"""
"""Puts as many openings of queries that begin with "a", asked by 2 to 4 people, as the file would have."""


async def steps_of(reader: apsw.Connection, read: Awaitable[object]) -> int:
    """Return how many steps SQLite's machine takes for a read."""
    taken = count()

    def step() -> bool:
        next(taken)
        return False

    reader.set_progress_handler(step, 1)
    await read
    reader.set_progress_handler(None)
    return next(taken)


@pytest.mark.parametrize("people_min", [2, 5])
async def test_a_read_takes_as_much_of_many_as_of_few(people_min: int, tmp_path: Path) -> None:
    took = set[int]()
    for queries in (100, 20_000):
        folder = tmp_path / str(queries)
        folder.mkdir()
        writer = open_views_writer(folder)
        await writer.alone(lambda connection, queries=queries: rows(connection, FILL, [queries]))
        reader = open_views_reader(folder)
        askings = SqliteAskings(reader, SqliteAskingWrites(writer))
        assert len(await askings.begun("a", people_min, 3)) == 3 * (people_min == 2)
        took.add(await steps_of(reader, askings.begun("a", people_min, 3)))
        reader.close()
        await writer.close()
    assert len(took) == 1
    assert 10 < took.pop() < 100
