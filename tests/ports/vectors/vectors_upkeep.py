"""What the vectors port promises where little is enough for something to be done behind."""

from bowerbird.ports.log import Offset
from tests.ports.suite import Suite
from tests.ports.vectors.vectors_pictures import SPACE, found, near, picture, put, some_id, spot
from tests.ports.vectors.vectors_subject import Subject

UPKEEP = Suite[Subject]()


@UPKEEP.check
async def room_is_given_back(subject: Subject) -> None:
    for around in range(4):
        await put(subject.vectors, [picture(pin, near(pin, 0.9, around), near(pin, 0.8, around)) for pin in range(200)])
    await subject.settled()
    full = await subject.vectors.counts(SPACE)
    assert (full.pins, full.views, full.fresh) == (200, 400, 0)
    await subject.vectors.remove(SPACE, [some_id(pin) for pin in range(190)])
    await subject.settled()
    left = await subject.vectors.counts(SPACE)
    assert (left.pins, left.views) == (10, 20)
    assert left.bytes < full.bytes / 2
    assert sorted(await found(subject.beside, spot(1))) == list(range(190, 200))
    subject.audit()


@UPKEEP.check
async def what_is_written_is_found_after_the_journal_was_written_anew(subject: Subject) -> None:
    await put(subject.vectors, [picture(pin) for pin in range(60)])
    await subject.settled()
    await subject.vectors.remove(SPACE, [some_id(pin) for pin in range(40, 60)])
    for number in range(200):
        await subject.vectors.put(SPACE, [], [Offset(0, number)])
    await subject.settled()
    await put(subject.vectors, [picture(pin) for pin in range(100, 120)])
    for _ in range(2):
        assert [await found(subject.beside, spot(pin), 1, 0.9) for pin in range(100, 120)] == [
            [pin] for pin in range(100, 120)
        ]
        assert sorted(await found(subject.beside, spot(1))) == [*range(40), *range(100, 120)]
        await subject.settled()
    assert (await subject.vectors.counts(SPACE)).fresh < 20
    assert await subject.vectors.applied(SPACE) == [Offset(0, 199)]
    subject.audit()
