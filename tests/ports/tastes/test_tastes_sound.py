"""How tastes lie in the file: a check finds what is wrong with them, and no more shelves are kept than are needed."""

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from bowerbird.adapters.sqlite.soundness import Finding, examine, rules_of_views
from tests.ports.tastes.scene import board, person, save, sight
from tests.ports.tastes.subject import Subject, Variant
from tests.support.records_sql import rows

HARMS = {
    "viewer": "UPDATE viewer SET sights = sights + 1",
    "shelf": "UPDATE save SET listed = 0 WHERE thing = (SELECT max(thing) FROM save WHERE listed)",
}


def findings(folder: Path) -> list[Finding]:
    return list(examine(folder / "views.db", rules_of_views))


@pytest.mark.parametrize("table", HARMS)
async def test_what_was_damaged_is_named(table: str, tmp_path: Path) -> None:
    subject = Subject(Variant(), tmp_path)
    await subject.tastes.put([save(1), save(2, public=False), save(3, by=2, on=2), save(4, by=None)], [])
    await subject.tastes.publish(board(2), public=False)
    await subject.tastes.saw([sight(1, 5), sight(2, 5)])
    await subject.tastes.forget(person(2))
    assert findings(tmp_path) == []
    with closing(apsw.Connection(str(tmp_path / "views.db"))) as connection:
        rows(connection, HARMS[table])
    assert [finding.table for finding in findings(tmp_path)] == [table]
    await subject.close()


async def test_saves_alike_stand_on_one_shelf(tmp_path: Path) -> None:
    subject = Subject(Variant(), tmp_path)
    for by in (1, None):
        for number in range(5):
            await subject.tastes.put([save(number + 10 * (by or 0), by=by), save(99)], [])
    with closing(apsw.Connection(str(tmp_path / "views.db"))) as connection:
        assert rows(connection, "SELECT count(*) FROM shelf") == [(2,)]
    await subject.close()
