"""What the tastes port promises about what people were shown."""

import pytest

from bowerbird.ports.tastes import CHANGES_MAX, SIGHTS_KEPT, Sight, Tastes
from tests.ports.suite import Suite
from tests.ports.tastes.scene import person, sight, thing
from tests.ports.tastes.subject import Subject

SEEING = Suite[Subject]()

FEW_MORE = SIGHTS_KEPT // 2
"""What an engine may remember longer."""


async def shown(tastes: Tastes, *things: int, by: int = 1) -> list[int]:
    return await tastes.shown(person(by), [thing(number) for number in things])


async def saw(subject: Subject, sights: list[Sight]) -> None:
    """Tell of many sights."""
    for begin in range(0, len(sights), CHANGES_MAX):
        await subject.tastes.saw(sights[begin : begin + CHANGES_MAX])


async def remembered(tastes: Tastes, count: int) -> list[bool]:
    """Say of each of so many things whether it is remembered."""
    found: list[int] = []
    for begin in range(0, count, 1000):
        found += await shown(tastes, *range(begin, min(begin + 1000, count)))
    return [times > 0 for times in found]


@SEEING.check
async def sights_are_counted_by_person_and_thing(subject: Subject) -> None:
    await subject.tastes.saw([sight(1, 5), sight(2, 5), sight(1, 6), sight(1, 5, by=2)])
    await subject.tastes.saw([])
    await subject.tastes.saw([sight(1, 7), sight(3, 0, by=3)])
    for tastes in subject.readers:
        assert await shown(tastes, 2, 1, 9, 1) == [1, 3, 0, 3]
        assert await shown(tastes, 1, 2, by=2) == [1, 0]
        assert await shown(tastes, 3, by=3) == [1]
    subject.audit()


@SEEING.check
async def the_same_sight_counts_once(subject: Subject) -> None:
    for _ in range(3):
        await subject.tastes.saw([sight(1, 5), sight(1, 5), sight(2, 5)])
    assert await shown(subject.beside, 1, 2) == [1, 1]
    await subject.tastes.saw([sight(1, 6), sight(1, 6)])
    assert await shown(subject.beside, 1) == [2]


@SEEING.check
async def a_sight_that_is_older_than_the_last_is_passed_over(subject: Subject) -> None:
    await subject.tastes.saw([sight(1, 9), sight(1, 8)])
    await subject.tastes.saw([sight(1, 1), sight(2, 1), sight(1, 10)])
    assert await shown(subject.beside, 1, 2) == [2, 1]


@SEEING.check
async def those_shown_last_are_remembered_and_the_oldest_are_not(subject: Subject) -> None:
    count = 2 * SIGHTS_KEPT
    await saw(subject, [sight(number, number) for number in range(count)])
    await subject.tastes.saw([sight(number, 5, by=2) for number in range(9)])
    for tastes in subject.readers:
        known = await remembered(tastes, count)
        assert all(known[-SIGHTS_KEPT:])
        assert not any(known[: -SIGHTS_KEPT - FEW_MORE])
        assert await shown(tastes, *range(9), by=2) == [1] * 9
    subject.audit()


@SEEING.check
async def what_is_shown_again_is_remembered_longer(subject: Subject) -> None:
    count = 2 * SIGHTS_KEPT
    half = count // 2
    await saw(subject, [sight(number, number) for number in range(half)])
    await subject.tastes.saw([sight(0, half)])
    await saw(subject, [sight(number, number + 1) for number in range(half, count - 1)])
    assert (await shown(subject.beside, 0, 1, count - 2)) == [2, 0, 1]
    subject.audit()


@SEEING.check
async def what_was_forgotten_is_not_counted_anew_by_what_is_told_again(subject: Subject) -> None:
    count = 2 * SIGHTS_KEPT
    sights = [sight(number, number) for number in range(count)]
    await saw(subject, sights)
    before = await remembered(subject.beside, count)
    for begin in (0, SIGHTS_KEPT, count - 100):
        await subject.tastes.saw(sights[begin : begin + 100])
        assert await remembered(subject.beside, count) == before
    await subject.tastes.saw([sight(0, count), sight(0, 0)])
    assert await shown(subject.beside, 0) == [1]
    subject.audit()


@SEEING.check
async def bounds_of_sights_are_kept(subject: Subject) -> None:
    for sights in ([sight(1, 5)] * (CHANGES_MAX + 1), [sight(1, 5), sight(2, -1)], [sight(1, (1 << 63) - 1)]):
        with pytest.raises(ValueError, match=r"."):
            await subject.tastes.saw(sights)
    assert await shown(subject.beside, 1, 2) == [0, 0]
