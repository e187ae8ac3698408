"""What the vectors port promises about putting, moving, removing, dropping and remembering."""

import asyncio

import pytest

from bowerbird.ports.log import Offset
from bowerbird.ports.vectors import PICTURES_MAX, PINS_MAX, SPACES_MAX, Counts
from tests.ports.suite import Suite
from tests.ports.vectors.vectors_pictures import (
    MINE,
    NOBODYS,
    SPACE,
    YOURS,
    found,
    near,
    packed,
    picture,
    put,
    some_id,
    spot,
)
from tests.ports.vectors.vectors_subject import Subject

WRITES = Suite[Subject]()


@WRITES.check
async def putting_again_changes_nothing(subject: Subject) -> None:
    for _ in range(3):
        await put(subject.vectors, [picture(pin, spot(pin), near(pin, 0.5)) for pin in range(60)])
    await subject.settled()
    counts = await subject.vectors.counts(SPACE)
    assert (counts.pins, counts.public_pins, counts.views) == (60, 60, 120)
    assert len(await found(subject.vectors, spot(3))) == 60
    assert counts.bytes < 400_000
    subject.audit()


@WRITES.check
async def the_last_picture_of_a_pin_holds(subject: Subject) -> None:
    for latest in (picture(1, spot(5)), picture(1, spot(6), spot(7)), picture(1, spot(7), public=False)):
        await subject.vectors.put(SPACE, [latest])
        assert await subject.vectors.views(SPACE, [some_id(1)]) != [None]
    assert await found(subject.vectors, spot(7)) == []
    assert await found(subject.vectors, spot(7), floor=0.9, partitions=[YOURS]) == [1]
    assert await found(subject.vectors, spot(6), floor=0.9, partitions=[YOURS]) == []
    await subject.vectors.put(SPACE, [picture(1, spot(8)), picture(2), picture(1, spot(9), partition=MINE)])
    assert await found(subject.vectors, spot(9), floor=0.9) == [1]
    assert await found(subject.vectors, spot(8), floor=0.9, partitions=[YOURS, MINE]) == []
    assert await found(subject.vectors, spot(9), floor=0.9, public=False, partitions=[YOURS]) == []
    counts = await subject.vectors.counts(SPACE)
    assert (counts.pins, counts.public_pins, counts.views) == (2, 2, 2)


@WRITES.check
async def pins_are_moved_with_their_vectors(subject: Subject) -> None:
    pins = [some_id(pin) for pin in range(30)]
    await put(subject.vectors, [picture(pin, spot(pin), near(pin, 0.6)) for pin in range(40)])
    before = await subject.vectors.views(SPACE, pins)
    for partition, public in ((MINE, False), (MINE, False), (NOBODYS, False), (NOBODYS, True), (MINE, True)):
        await subject.vectors.move(SPACE, [*pins, some_id(99)], partition, public=public)
        for _ in range(2):
            await subject.settled()
            assert await subject.vectors.views(SPACE, pins) == before
            for pin in (0, 17, 29):
                assert await found(subject.vectors, spot(pin), floor=0.5) == [pin] * public
                assert await found(subject.vectors, spot(pin), floor=0.5, public=False, partitions=[partition]) == [pin]
            others = [one for one in (MINE, YOURS, NOBODYS) if one != partition]
            assert await found(subject.vectors, spot(3), floor=0.5, public=False, partitions=others) == []
        counts = await subject.vectors.counts(SPACE)
        assert (counts.pins, counts.public_pins, counts.views) == (40, 40 if public else 10, 80)
    subject.audit()


@WRITES.check
async def what_is_not_moved_stays_as_private_as_it_was(subject: Subject) -> None:
    await put(subject.vectors, [picture(pin, public=pin % 2 > 0) for pin in range(40)])
    for pin in range(0, 20, 2):
        await subject.vectors.move(SPACE, [some_id(pin)], YOURS, public=True)
        await subject.vectors.move(SPACE, [some_id(pin + 1)], YOURS, public=False)
        shown = [*range(0, pin + 1, 2), *range(pin + 3, 40, 2)]
        assert sorted(await found(subject.vectors, spot(0))) == shown
        assert sorted(await found(subject.beside, spot(0), public=False, partitions=[YOURS])) == list(range(40))
    await subject.settled()
    assert sorted(await found(subject.vectors, spot(0))) == [*range(0, 20, 2), *range(21, 40, 2)]
    subject.audit()


@WRITES.check
async def removed_pins_are_gone(subject: Subject) -> None:
    await put(subject.vectors, [picture(pin, public=pin % 3 > 0) for pin in range(80)])
    for _ in range(2):
        await subject.vectors.remove(SPACE, [some_id(pin) for pin in (*range(0, 80, 2), 500)])
        assert sorted(await found(subject.vectors, spot(1), partitions=[YOURS])) == list(range(1, 80, 2))
        await subject.settled()
    assert (await subject.vectors.counts(SPACE)).pins == 40
    await subject.vectors.put(SPACE, [picture(2)])
    assert await found(subject.vectors, spot(2), floor=0.9) == [2]
    subject.audit()


@WRITES.check
async def a_space_that_is_not_there_is_not_made_by_moving_or_removing(subject: Subject) -> None:
    await subject.vectors.remove(SPACE, [some_id(1)], [Offset(0, 5)])
    await subject.vectors.move(SPACE, [some_id(1)], MINE, public=True, applied=[Offset(0, 5)])
    await subject.vectors.drop(SPACE)
    assert await subject.vectors.spaces() == []
    await subject.vectors.put(SPACE, [])
    assert await subject.vectors.spaces() == [SPACE]


@WRITES.check
async def spaces_do_not_mix(subject: Subject) -> None:
    await put(subject.vectors, [picture(1, spot(7))], "one")
    await put(subject.vectors, [picture(1, spot(8)), picture(2, spot(7))], "two")
    await subject.vectors.remove("one", [some_id(2)])
    assert await found(subject.vectors, spot(7), floor=0.9, space="one") == [1]
    assert await found(subject.vectors, spot(7), floor=0.9, space="two") == [2]
    assert await subject.vectors.spaces() == ["one", "two"]
    await subject.vectors.drop("one")
    assert await subject.beside.spaces() == ["two"]
    assert await found(subject.vectors, spot(7), floor=0.9, space="one") == []
    assert await found(subject.vectors, spot(7), floor=0.9, space="two") == [2]


@WRITES.check
async def a_space_that_is_dropped_and_made_again_is_empty(subject: Subject) -> None:
    for around in range(3):
        pins = range(100 * around, 100 * around + 60)
        await put(subject.vectors, [picture(pin) for pin in pins])
        await subject.vectors.put(SPACE, [], [Offset(0, 9 - around)])
        assert sorted(await found(subject.beside, spot(1))) == list(pins)
        await subject.vectors.drop(SPACE)
        assert await found(subject.beside, spot(pins[0])) == []
        assert await subject.beside.applied(SPACE) == []
        await subject.vectors.put(SPACE, [picture(7)])
        assert await found(subject.beside, spot(1)) == [7]
        await subject.vectors.drop(SPACE)
    await subject.settled()


@WRITES.check
async def there_are_few_spaces(subject: Subject) -> None:
    for number in range(SPACES_MAX):
        await subject.vectors.put(f"v{number}", [])
    with pytest.raises(ValueError, match="space"):
        await subject.vectors.put("more", [picture(1)])
    await subject.vectors.drop("v2")
    await subject.vectors.put("more", [picture(1)])
    assert await subject.vectors.spaces() == ["more", "v0", "v1", "v3"]


@WRITES.check
async def too_many_at_once_are_refused(subject: Subject) -> None:
    with pytest.raises(ValueError, match="pictures"):
        await subject.vectors.put(SPACE, [picture(1)] * (PICTURES_MAX + 1))
    with pytest.raises(ValueError, match="pins"):
        await subject.vectors.remove(SPACE, [some_id(1)] * (PINS_MAX + 1))
    with pytest.raises(ValueError, match="pins"):
        await subject.vectors.move(SPACE, [some_id(1)] * (PINS_MAX + 1), MINE, public=True)


@WRITES.check
async def offsets_are_remembered_and_never_go_back(subject: Subject) -> None:
    await subject.vectors.put(SPACE, [picture(1)], [Offset(0, 5), Offset(3, 1)])
    await subject.vectors.remove(SPACE, [some_id(1)], [Offset(0, 4), Offset(1, 0)])
    await subject.vectors.move(SPACE, [], MINE, public=True, applied=[Offset(3, 2)])
    assert await subject.beside.applied(SPACE) == [Offset(0, 5), Offset(1, 0), Offset(3, 2)]
    for number in range(100):
        await subject.vectors.put(SPACE, [], [Offset(0, number)])
    await subject.settled()
    await subject.reopen()
    assert await subject.vectors.applied(SPACE) == [Offset(0, 99), Offset(1, 0), Offset(3, 2)]


@WRITES.check
async def everything_outlives_the_process(subject: Subject) -> None:
    await put(subject.vectors, [picture(pin, spot(pin), near(pin, 0.7), public=pin % 4 > 0) for pin in range(200)])
    await subject.vectors.remove(SPACE, [some_id(pin) for pin in range(0, 200, 3)])
    await subject.vectors.move(
        SPACE, [some_id(pin) for pin in range(1, 200, 3)], MINE, public=True, applied=[Offset(0, 8)]
    )
    questions = [packed(near(pin, 0.5, 3)) for pin in range(0, 200, 25)]
    before = [await subject.vectors.nearest(SPACE, one, 40, -1.0, public=True, partitions=[MINE]) for one in questions]
    for _ in range(2):
        await subject.reopen()
        assert await subject.vectors.applied(SPACE) == [Offset(0, 8)]
        assert (await subject.vectors.counts(SPACE)).pins == 133
        for one, answer in zip(questions, before, strict=True):
            again = await subject.vectors.nearest(SPACE, one, 40, -1.0, public=True, partitions=[MINE])
            assert [near.cosine for near in again] == pytest.approx([near.cosine for near in answer], abs=0.05)
        await subject.vectors.put(SPACE, [picture(501)])
        await subject.vectors.remove(SPACE, [some_id(501)])
        await subject.settled()


@WRITES.check
async def another_reader_sees_what_was_written_before_it_asked(subject: Subject) -> None:
    for pin in range(120):
        await subject.vectors.put(SPACE, [picture(pin)])
        assert await found(subject.beside, spot(pin), 1, 0.9) == [pin]
        if pin % 3 == 0:
            await subject.vectors.move(SPACE, [some_id(pin)], MINE, public=False)
            assert await found(subject.beside, spot(pin), 1, 0.9) == []
            assert await found(subject.beside, spot(pin), 1, 0.9, partitions=[MINE]) == [pin]
        if pin % 3 == 1:
            await subject.vectors.remove(SPACE, [some_id(pin)])
            assert await found(subject.beside, spot(pin), 1, 0.9) == []


@WRITES.check
async def reading_and_writing_go_on_together(subject: Subject) -> None:
    await subject.vectors.put(SPACE, [picture(0, spot(0))])

    async def write(first: int) -> None:
        for pin in range(first, first + 60):
            await subject.vectors.put(SPACE, [picture(pin, spot(pin), near(pin, 0.7))])
            await subject.vectors.remove(SPACE, [some_id(pin - 5)] if pin % 10 > 5 else [])

    async def read() -> None:
        for _ in range(60):
            assert await found(subject.beside, spot(0), 1, 0.9) == [0]
            assert await found(subject.vectors, spot(0), 1, 0.9, partitions=[YOURS]) == [0]

    await asyncio.gather(*(write(first) for first in (1000, 2000, 3000)), read(), read())
    await subject.settled()
    assert (await subject.vectors.counts(SPACE)).pins == 1 + 3 * (60 - 24)
    assert len(await found(subject.beside, spot(0))) == 1 + 3 * (60 - 24)
    subject.audit()


@WRITES.check
async def counts_are_of_what_is_there(subject: Subject) -> None:
    await subject.vectors.put(SPACE, [])
    empty = await subject.vectors.counts(SPACE)
    assert empty == Counts(0, 0, 0, 0, empty.bytes)
    await put(subject.vectors, [picture(1), picture(2, spot(2), spot(3)), picture(3, public=False)])
    counts = await subject.vectors.counts(SPACE)
    assert (counts.pins, counts.public_pins, counts.views) == (3, 2, 4)
    assert counts.fresh <= 3
    assert counts.bytes > empty.bytes
