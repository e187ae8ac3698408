"""Every read of records is a seek: no table is walked through, nothing is sorted."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from bowerbird.adapters.sqlite.connection import open_writer
from bowerbird.adapters.sqlite.schema import MIGRATIONS, bring_up
from bowerbird.adapters.sqlite.statements import Statements, key_count
from bowerbird.ports.records import KEYS_MAX
from bowerbird.ports.tables import Table
from tests.support.records_sql import rows
from tests.support.records_tables import NOTES, PLACES, TABLES


class Question(Struct, frozen=True):
    text: str
    values: int


def questions(table: Table[Any]) -> list[Question]:
    """Return the shapes of all reads of a table."""
    statements = Statements(table)
    width = len(table.key) + 1
    found = [Question(statements.get(key_count(n)), key_count(n) * width) for n in (1, 2, 7, 25, KEYS_MAX)]
    found += [Question(statements.sweep(name), 2) for name, index in table.indexes.items() if index.sweep]
    ordered = [name for name, index in table.indexes.items() if not index.sweep]
    for index, order in product(["", *ordered], ("ASC", "DESC")):
        names = [*(table.indexes[index].columns if index else table.key)]
        full = len(names) + (sum(name not in names for name in table.key) if index else 0)
        for length, null in product(range(1, len(names) + 1), (False, True)):
            nullable = [null and statements.by_name[name].nullable for name in names[1:length]]
            prefix = [b"", *(None if held else 0 for held in nullable)]
            for after in (None, [0] * (full - length), [None] * (full - length)):
                found += [
                    Question(text, len(values) + 2) for text, values in statements.scan(index, prefix, after, order)
                ]
    return found


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_every_read_is_a_seek(table: Table[Any], tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "core.db", MIGRATIONS)
    bring_up(connection, tmp_path, TABLES)
    for question in questions(table):
        explained = rows(connection, f"EXPLAIN QUERY PLAN {question.text}", [None] * question.values)
        steps = [str(step[3]) for step in explained]
        bad = [step for step in steps if "TEMP B-TREE" in step or re.match(rf"SCAN ({table.name}|t)\b", step)]
        assert not bad, (question.text, steps)
    connection.close()


def test_the_tables_cover_every_kind_of_index() -> None:
    kinds = {(index.unique, index.sweep) for table in (NOTES, PLACES) for index in table.indexes.values()}
    assert kinds == {(False, False), (True, False), (False, True)}
