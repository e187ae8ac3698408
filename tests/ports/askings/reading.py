"""What the askings port promises about what can be read: how queries begin that several people asked."""

import pytest

from bowerbird.ports.askings import PAGE_MAX, QUERY_CHARACTERS_MAX
from tests.ports.askings.scene import asked_by, asks, begun
from tests.ports.askings.subject import Subject
from tests.ports.suite import Suite

READING = Suite[Subject]()


@READING.check
async def what_one_asks_however_often_cannot_be_read(subject: Subject) -> None:
    for at in range(50):
        await subject.askings.note([asks(1, "lamp", at), asks(1, "lamps", at)])
    await asked_by(subject.askings, 2, "lamb")
    for askings in subject.readers:
        for prefix in ("l", "lam", "lamp", "lamps"):
            assert await begun(askings, prefix) == ["lamb"] * (prefix in "lamb")
    subject.audit()


@READING.check
async def what_fewer_ask_than_are_wanted_is_not_told(subject: Subject) -> None:
    for people in range(1, 8):
        await asked_by(subject.askings, people, f"lamp {people}")
    for askings in subject.readers:
        for people_min in range(2, 9):
            told = [f"lamp {people}" for people in range(7, people_min - 1, -1)]
            assert await begun(askings, "la", people_min) == told
    subject.audit()


@READING.check
async def those_of_most_people_come_first_and_of_as_many_in_the_order_of_characters(subject: Subject) -> None:
    people = {"lamp b": 3, "lamp a": 3, "lamp": 4, "lamp é": 3, "lamp z": 3, "lampion": 5, "lama": 2}
    for query, count in people.items():
        await asked_by(subject.askings, count, query)
    wanted = ["lampion", "lamp", "lamp a", "lamp b", "lamp z", "lamp é", "lama"]
    for limit in (1, 4, PAGE_MAX):
        assert await subject.beside.begun("lam", 2, limit) == wanted[:limit]
        assert await subject.askings.begun("lamp", 3, limit) == wanted[:-1][:limit]


@READING.check
async def a_query_begins_with_each_of_its_beginnings_and_with_nothing_else(subject: Subject) -> None:
    long = "x" * QUERY_CHARACTERS_MAX
    queries = ["ein brett", "東京 駅", "e\u0301a", "100%_*", long]
    for query in queries:
        await asked_by(subject.askings, 2, query)
    for askings in subject.readers:
        for query in queries:
            for end in range(1, len(query) + 1):
                assert query in await begun(askings, query[:end])
        for prefix in ("E", "in", " ", "京", "\u0301", "%", "_", "*", "ein  b", "ein brett ", "a"):
            assert await begun(askings, prefix) == []
    subject.audit()


@READING.check
async def what_more_people_ask_begins_once(subject: Subject) -> None:
    for number in range(1, 6):
        await subject.askings.note([asks(number, "lamp"), asks(number, "lama")])
        assert await begun(subject.beside, "la") == ["lama", "lamp"] * (number > 1)
    await subject.askings.note([asks(6, "lamp")])
    assert await begun(subject.beside, "la") == ["lamp", "lama"]
    subject.audit()


@READING.check
async def bounds_of_reads_are_kept(subject: Subject) -> None:
    await asked_by(subject.askings, 2, "lamp")
    for prefix, people_min, limit in (
        ("", 2, 9),
        ("l" * (QUERY_CHARACTERS_MAX + 1), 2, 9),
        ("l", 1, 9),
        ("l", 2, 0),
        ("l", 2, PAGE_MAX + 1),
    ):
        with pytest.raises(ValueError, match=r"."):
            await subject.askings.begun(prefix, people_min, limit)
