"""What log.db and views.db promise beyond their ports: every question is a seek, a page is of one moment."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import apsw
import pytest

from bowerbird.adapters.sqlite import (
    asking_writes,
    askings,
    graph,
    log,
    log_file,
    taste_writes,
    tastes,
    timeline_writes,
    timelines,
)
from bowerbird.adapters.sqlite.log_file import create_segment, open_log_writer
from bowerbird.adapters.sqlite.views import open_views_writer
from bowerbird.ports.timelines import Placed, Slice
from tests.support.records_sql import rows
from tests.support.timelines_entries import CAP, HOME, ME, entry, mark
from tests.support.views_subject import Subject, Variant

# These may walk through what they name: readers and parked records are few, and topics have few segments.
WALKS = {"reader", "parked", "segment"}


def questions(module: ModuleType) -> Iterator[str]:
    """Return all SQL that a module holds."""
    for value in vars(module).values():
        match value:
            case str(text):
                texts = [text]
            case {"following": str(one), "followers": str(other)}:
                texts = [one, other]
            case (str(first), *_):
                texts = [first, *map(str, value[1:])]
            case _:
                continue
        yield from (text for text in texts if re.match(r"\s*(SELECT|UPDATE|DELETE)\b", text))


def steps(connection: apsw.Connection, text: str) -> list[str]:
    """Return how SQLite goes about it."""
    numbers: list[str] = re.findall(r"\?(\d+)", text)
    names: list[str] = re.findall(r":\w+", text)
    count = max(map(int, numbers), default=len(set(names)) or text.count("?"))
    values = [None] * count
    return [str(step[3]) for step in rows(connection, f"EXPLAIN QUERY PLAN {text}", values)]


@pytest.mark.parametrize("module", [timelines, timeline_writes, graph, tastes, taste_writes, askings, asking_writes])
async def test_every_question_to_views_is_a_seek(module: ModuleType, tmp_path: Path) -> None:
    writer = open_views_writer(tmp_path)
    asked = list(questions(module))
    assert asked
    for text in asked:
        plan = await writer.alone(lambda connection, text=text: steps(connection, text))
        assert not [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE" not in step], (text, plan)
    await writer.close()


@pytest.mark.parametrize("module", [askings, asking_writes])
async def test_nothing_about_askings_is_sorted(module: ModuleType, tmp_path: Path) -> None:
    writer = open_views_writer(tmp_path)
    for text in questions(module):
        plan = await writer.alone(lambda connection, text=text: steps(connection, text))
        assert not [step for step in plan if "TEMP B-TREE" in step], (text, plan)
    await writer.close()


@pytest.mark.parametrize("module", [log, log_file])
def test_no_question_to_the_log_walks_through_records(module: ModuleType, tmp_path: Path) -> None:
    connection = open_log_writer(tmp_path)
    rows(connection, create_segment(0))
    for text in questions(module):
        for step in steps(connection, text.replace("{id_}", "0")):
            scanned = re.match(r"SCAN (\w+)", step)
            assert scanned is None or scanned[1] in WALKS, (text, step)
    connection.close()


async def test_a_page_is_of_one_moment(tmp_path: Path) -> None:
    """Also one that ends between two entries of one time, which takes several questions."""
    subject = Subject(Variant(dead_max=1), tmp_path)
    entries = [*(entry(at) for at in range(1, 9)), entry(8, 88)]
    await subject.timelines.add([Placed(HOME, ME, one) for one in entries], CAP)
    before = Slice([entry(8, 88)], mark(entry(4)), CAP)
    assert await subject.timelines.page(HOME, ME, None, 1) == before
    other = apsw.Connection(str(tmp_path / "views.db"))
    asked: list[str] = []

    def write_in_between(_cursor: apsw.Cursor, text: str, _values: object) -> bool:
        asked.append(text)
        if "FROM entry" in text:
            rows(other, "DELETE FROM entry WHERE at = 8")
        return True

    subject.reader.exec_trace = write_in_between
    assert await subject.timelines.page(HOME, ME, None, 1) == before
    assert len(asked) > 2
    subject.reader.exec_trace = None
    assert (await subject.timelines.page(HOME, ME, None, 1)).entries == [entry(7)]
    other.close()
    await subject.close()
