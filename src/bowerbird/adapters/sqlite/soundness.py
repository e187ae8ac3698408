"""Whether SQLite's files are what they should be: their pages, their indexes, and what holds between their rows.

Everything is only read, each file as of one moment, beside whoever writes it.
"""

# ruff: noqa: S608 - names come from declarations or from the file itself, quoted; every value is bound

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import apsw
from msgspec import Struct

from bowerbird.adapters.sqlite.rules import counted, dangling, know_shards
from bowerbird.adapters.sqlite.schema import quoted
from bowerbird.base.ids import Id, to_text
from bowerbird.ports.rebuild import Count, Refers
from bowerbird.ports.tables import Table

_FOUND_MAX: Final = 100
"""Of one kind of damage so many are told."""
_ID_BYTES: Final = 16
_TREE: Final = re.compile(r"\bTree (\d+)\b")
_INDEX: Final = re.compile(r"\bindex (\S+)$")
_VALUE: Final = re.compile(r"\bvalue in (\w+)\.")

Rules = Callable[[apsw.Connection], Iterator["Finding"]]


class Finding(Struct, frozen=True):
    """What is wrong, and where: the file, and as far as that is known the table and the row."""

    file: str
    table: str
    row: str
    what: str


def examine(path: Path, rules: Rules) -> Iterator[Finding]:
    """Yield what is wrong with a file's pages and indexes, and then with what holds between its rows."""
    if not path.exists():
        yield Finding(path.name, "", "", "the file is missing")
        return
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
            know_shards(connection)
            connection.execute("BEGIN")
            sound = True
            for finding in _pages(connection):
                yield Finding(path.name, finding.table, finding.row, finding.what)
                sound = False
            # What stands on damaged pages tells nothing of what holds between rows.
            for finding in rules(connection) if sound else ():
                yield Finding(path.name, finding.table, finding.row, finding.what)
    except apsw.Error as error:
        yield Finding(path.name, "", "", f"it cannot be read: {error}")


def rules_of_records(counts: Sequence[Count], refers: Sequence[Refers]) -> Rules:
    """Return what must hold between the rows of a records file."""

    def rules(connection: apsw.Connection) -> Iterator[Finding]:
        for count in counts:
            yield from _miscounted(connection, count)
        for refer in refers:
            if not refer.loose:
                yield from _dangling(connection, refer)
        [[events, last]] = _ask(connection, "SELECT events, (SELECT max(sequence) FROM _outbox) FROM _counters")
        if last is not None and last > events:
            yield Finding("", "_outbox", str(last), f"it stands behind the number of all events, {events}")

    return rules


def no_rules(_connection: apsw.Connection) -> Iterator[Finding]:
    """Yield nothing: there is nothing between this file's rows."""
    yield from ()


def rules_of_log(connection: apsw.Connection) -> Iterator[Finding]:
    """Yield what is wrong with the log's order: numbers follow each other without a gap."""
    expected: dict[str, int] = {}
    for id_, topic, first, last in _ask(connection, "SELECT id, topic, first, last FROM segment ORDER BY topic, first"):
        row = f"{topic} {first} to {last}"
        if first != expected.get(topic, 0):
            yield Finding("", "segment", row, f"it should begin at {expected.get(topic, 0)}")
        expected[topic] = last + 1
        try:
            question = f"SELECT count(*), min(number), max(number) FROM segment_{int(id_)}"
            [[held, least, most]] = _ask(connection, question)
        except apsw.SQLError as error:
            yield Finding("", f"segment_{id_}", row, str(error))
            continue
        if (held, least, most) != (last - first + 1, first, last):
            yield Finding("", f"segment_{id_}", row, f"it holds {held} records, numbered {least} to {most}")
    for name, topic, done in _ask(connection, "SELECT name, topic, done FROM reader"):
        if done >= expected.get(topic, 0):
            yield Finding("", "reader", f"{name} of {topic}", f"it has read {done}, behind the end")
    for name, topic, number in _ask(connection, "SELECT name, topic, number FROM parked"):
        if not 0 <= number < expected.get(topic, 0):
            yield Finding("", "parked", f"{name} of {topic}", f"there is no record {number}")


def rules_of_views(connection: apsw.Connection) -> Iterator[Finding]:
    """Yield where a projection's numbers are not what its rows come to."""
    for (table, what), question in _NOTED.items():
        differing = f"SELECT * FROM ({question}) WHERE noted != counted LIMIT {_FOUND_MAX}"
        for row, noted, there in _ask(connection, differing):
            yield Finding("", table, _named(row), f"{what}: {noted} is noted, {there} are there")


_NOTED: Final = {
    ("degree", "follows people"): """
        SELECT person, following AS noted, (SELECT count(*) FROM follow WHERE follower = person AND stands) AS counted
        FROM degree""",
    ("degree", "is followed by people"): """
        SELECT person, followers AS noted, (SELECT count(*) FROM follow WHERE followee = person AND stands) AS counted
        FROM degree""",
    ("timeline", "entries"): """
        SELECT owner, live + dead AS noted, (SELECT count(*) FROM entry WHERE timeline = number) AS counted
        FROM timeline""",
    ("post", "uses"): """
        SELECT pin, uses AS noted, coalesce(held, 0) AS counted
        FROM post LEFT JOIN (SELECT post AS id, count(*) AS held FROM entry GROUP BY post) USING (id)""",
    ("viewer", "sights"): """
        SELECT person, sights AS noted, (SELECT count(*) FROM sight WHERE viewer = number) AS counted FROM viewer""",
    ("shelf", "saves that everybody may find"): """
        SELECT board, (SELECT count(*) FROM save WHERE shelf = number) AS noted,
            (SELECT count(*) FROM save WHERE shelf = number AND listed = 1) AS counted
        FROM shelf WHERE public""",
    # By number: what somebody asked is nobody's to read.
    ("asked", "people who asked"): """
        SELECT number AS row, people AS noted, coalesce(there, 0) AS counted
        FROM asked LEFT JOIN (SELECT query AS number, count(*) AS there FROM asking GROUP BY query) USING (number)""",
    ("opening", "beginnings of a query"): """
        SELECT number AS row, iif(coalesce(a.people, 0) > 1, length(a.text), 0) AS noted, coalesce(there, 0) AS counted
        FROM asked a FULL JOIN (SELECT query, people, count(*) AS there FROM opening GROUP BY query, people) o
        ON o.query = a.text AND o.people = a.people""",
}
"""By table and what is counted: the row, what is noted in it, and what there is."""


def _pages(connection: apsw.Connection) -> Iterator[Finding]:
    """Yield what is wrong with pages and indexes: of the whole file, or, where that breaks off, of each table."""
    try:
        for said in _unsound(connection, str(_FOUND_MAX)):
            yield Finding("", _table_of(connection, said), "", said)
    except apsw.Error:
        for (table,) in _ask(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
            try:
                for said in _unsound(connection, quoted(table)):
                    yield Finding("", table, "", said)
            except apsw.Error as error:
                yield Finding("", table, "", f"it cannot be read: {error}")


def _unsound(connection: apsw.Connection, part: str) -> list[str]:
    """Return what SQLite finds wrong: in a table, or at most so much in the whole file."""
    return [said for (said,) in _ask(connection, f"PRAGMA integrity_check({part})") if said != "ok"]


def _miscounted(connection: apsw.Connection, count: Count) -> Iterator[Finding]:
    key = ", ".join(map(quoted, count.table.key))
    question = (
        f"SELECT {key}, noted, counted FROM (SELECT {key}, {quoted(count.column)} AS noted, {counted(count)} AS counted"
        f" FROM {quoted(count.table.name)} AS t) WHERE noted != counted LIMIT {_FOUND_MAX}"
    )
    for *place, noted, found in _ask(connection, question, list(count.where.values())):
        yield _finding(count.table, place, f"{count.column} is {noted}, and {found} are there")


def _dangling(connection: apsw.Connection, refer: Refers) -> Iterator[Finding]:
    key = ", ".join(f"t.{quoted(name)}" for name in refer.table.key)
    question = (
        f"SELECT {key}, t.{quoted(refer.column)} FROM {quoted(refer.table.name)} AS t WHERE {dangling(refer)}"
        f" LIMIT {_FOUND_MAX}"
    )
    for *place, named in _ask(connection, question):
        yield _finding(refer.table, place, f"{refer.column} names no {refer.to.name}: {_named(named)}")


def _finding(table: Table[Any], place: Sequence[Any], what: str) -> Finding:
    return Finding("", table.name, " ".join(map(_named, place)), what)


def _named(value: Any) -> str:  # noqa: ANN401 - a value of any column
    if isinstance(value, bytes):
        return to_text(Id(value)) if len(value) == _ID_BYTES else value.hex()
    return str(value)


def _table_of(connection: apsw.Connection, said: str) -> str:
    """Return the table that SQLite's words are about, as far as they say."""
    if tree := _TREE.search(said):
        found = _ask(connection, "SELECT tbl_name FROM sqlite_schema WHERE rootpage = ?", [int(tree[1])])
    elif index := _INDEX.search(said):
        found = _ask(connection, "SELECT tbl_name FROM sqlite_schema WHERE name = ?", [index[1]])
    else:
        value = _VALUE.search(said)
        found = [[value[1]]] if value else []
    return str(found[0][0]) if found else ""


def _ask(connection: apsw.Connection, question: str, values: Sequence[Any] = ()) -> list[Any]:
    return connection.execute(question, values).fetchall()
