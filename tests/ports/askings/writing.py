"""What the askings port promises about noting, forgetting and letting expire, and about offsets."""

import pytest

from bowerbird.ports.askings import CHANGES_MAX, QUERIES_KEPT, QUERY_CHARACTERS_MAX, Askings
from bowerbird.ports.log import Offset
from tests.ports.askings.scene import asked_by, asks, begun, note, person
from tests.ports.askings.subject import Subject
from tests.ports.suite import Suite

WRITING = Suite[Subject]()

LATEST = 1 << 62
MANY = 300
"""More than one step of an engine."""


@WRITING.check
async def noting_again_changes_nothing(subject: Subject) -> None:
    askings = [asks(1, "lamp"), asks(2, "lamp"), asks(2, "lamp", 7), asks(3, "lama"), asks(1, "lamp", 3)]
    for _ in range(3):
        await subject.askings.note(askings)
        await subject.askings.note([])
        for reader in subject.readers:
            assert await begun(reader, "l") == ["lamp"]
            assert await begun(reader, "l", 3) == []
    subject.audit()


@WRITING.check
async def what_expires_is_older_and_the_newest_time_of_each_counts(subject: Subject) -> None:
    await subject.askings.note([asks(1, "lamp", 9), asks(1, "lamp", 3), asks(2, "lamp", 4), asks(2, "lama", 1)])
    await subject.askings.note([asks(2, "lamp", 8), asks(3, "lama", 7), asks(2, "lamp", 2)])
    assert await begun(subject.beside, "l") == ["lama", "lamp"]
    assert await subject.askings.expire(1, 9) == 0
    assert await subject.askings.expire(8, 9) == 2
    assert await begun(subject.beside, "l") == ["lamp"]
    assert await subject.askings.expire(9, 9) == 1
    assert await begun(subject.beside, "l") == []
    subject.audit()
    assert await subject.askings.expire(LATEST, 9) == 1
    assert await subject.askings.expire(LATEST, 9) == 0
    subject.audit()


@WRITING.check
async def the_oldest_expire_first_up_to_the_limit(subject: Subject) -> None:
    for at, query in enumerate(("old", "older", "oldest")[::-1]):
        await asked_by(subject.askings, 2, query, at)
    for left in (["old", "older", "oldest"], ["old", "older"], ["old"], []):
        assert await begun(subject.beside, "old") == left
        assert await subject.askings.expire(LATEST, 2) == 2 * bool(left)
    subject.audit()


@WRITING.check
async def what_expired_may_be_asked_anew(subject: Subject) -> None:
    await asked_by(subject.askings, 3, "lamp")
    assert await subject.askings.expire(6, 2) == 2
    assert await begun(subject.beside, "l") == []
    await asked_by(subject.askings, 2, "lamp", 9, first=5)
    assert await begun(subject.beside, "l", 3) == ["lamp"]
    subject.audit()


@WRITING.check
async def forgetting_takes_all_of_one_person(subject: Subject) -> None:
    queries = [f"lamp {number}" for number in range(MANY)]
    for number in (1, 2, 3):
        await note(subject.askings, [asks(number, query) for query in queries])
    await subject.askings.forget(person(1))
    for askings in subject.readers:
        assert await begun(askings, "lamp", 3) == []
        assert len([query for number in range(10) for query in await begun(askings, f"lamp {number}")]) >= MANY / 3
        assert await begun(askings, "lamp 299") == ["lamp 299"]
    await subject.askings.forget(person(2))
    for askings in subject.readers:
        assert [query for number in range(10) for query in await begun(askings, f"lamp {number}")] == []
    subject.audit()


@WRITING.check
async def who_is_forgotten_stays_so(subject: Subject) -> None:
    """Also one who was not known yet, and told again of what they asked before, or late."""
    await asked_by(subject.askings, 2, "lamp")
    for _ in range(2):
        for gone in (2, 3):
            await subject.askings.forget(person(gone))
        await subject.askings.note([asks(2, "lamp"), asks(2, "lamp", 9), asks(3, "lamp", 9), asks(3, "lama", 9)])
        await subject.reopen()
        assert await begun(subject.beside, "l") == []
    await subject.askings.expire(LATEST, 9)
    await subject.askings.note([asks(1, "lamp", 9), asks(2, "lamp", 9), asks(3, "lamp", 9)])
    assert await begun(subject.beside, "l") == []
    await subject.askings.note([asks(4, "lamp", 9)])
    assert await begun(subject.beside, "l") == ["lamp"]
    subject.audit()


async def _kept(askings: Askings, count: int) -> list[bool]:
    """Say of each of so many queries, which another asks too, whether it is kept."""
    return [await begun(askings, f"{number} ") != [] for number in range(count)]


@WRITING.check
async def of_each_person_those_asked_last_are_kept(subject: Subject) -> None:
    count = QUERIES_KEPT + 50
    mine = [asks(1, f"{number} lamps", number + 1) for number in range(count)]
    await note(subject.askings, mine)
    await note(subject.askings, [asks(2, f"{number} lamps") for number in range(100)])
    newest = [number >= 50 for number in range(100)]
    assert await _kept(subject.beside, 100) == newest
    await note(subject.askings, mine)
    assert await _kept(subject.beside, 100) == newest
    await subject.askings.note([asks(1, "0 lamps", count + 1)])
    assert await _kept(subject.beside, 100) == [True, *newest[1:50], False, *newest[51:]]
    subject.audit()


@WRITING.check
async def everything_outlives_the_process(subject: Subject) -> None:
    await asked_by(subject.askings, 2, "lamp")
    await subject.askings.note([], [Offset(0, 7), Offset(1, 3)])
    await subject.askings.note([asks(9, "lama")], [Offset(0, 5), Offset(1, 4)])
    await subject.reopen()
    for askings in subject.readers:
        assert await begun(askings, "l") == ["lamp"]
        assert await askings.applied() == [Offset(0, 7), Offset(1, 4)]


@WRITING.check
async def bounds_of_writes_are_kept(subject: Subject) -> None:
    for askings in (
        [asks(1, "lamp")] * (CHANGES_MAX + 1),
        [asks(1, "lamp"), asks(2, "lamp", -1)],
        [asks(1, "lamp"), asks(2, "lamp", (1 << 63) - 1)],
        [asks(1, "lamp"), asks(2, "lamp"), asks(1, "")],
        [asks(1, "lamp"), asks(2, "lamp"), asks(1, "l" * (QUERY_CHARACTERS_MAX + 1))],
    ):
        with pytest.raises(ValueError, match=r"."):
            await subject.askings.note(askings, [Offset(0, 1)])
    for limit in (0, CHANGES_MAX + 1):
        with pytest.raises(ValueError, match=r"."):
            await subject.askings.expire(LATEST, limit)
    assert await begun(subject.beside, "l") == []
    assert await subject.beside.applied() == []
