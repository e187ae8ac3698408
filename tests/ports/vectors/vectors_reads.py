"""What the vectors port promises about finding."""

import math

import numpy as np
import pytest

from bowerbird.ports.vectors import LIMIT_MAX, PARTITIONS_MAX, PINS_MAX, VECTOR_BYTES, Counts
from tests.ports.suite import Suite
from tests.ports.vectors.vectors_pictures import (
    MINE,
    NOBODYS,
    SPACE,
    WITHIN,
    YOURS,
    found,
    near,
    numbers,
    packed,
    picture,
    put,
    some_id,
    spot,
    unpacked,
)
from tests.ports.vectors.vectors_subject import Subject

READS = Suite[Subject]()


@READS.check
async def a_space_that_is_not_there_is_empty(subject: Subject) -> None:
    assert await found(subject.vectors, spot(1), partitions=[MINE]) == []
    assert await subject.vectors.views(SPACE, [some_id(1), some_id(2)]) == [None, None]
    assert await subject.vectors.counts(SPACE) == Counts(0, 0, 0, 0, 0)
    assert await subject.vectors.applied(SPACE) == []
    assert await subject.vectors.spaces() == []


@READS.check
async def the_nearest_come_best_first_each_with_its_cosine(subject: Subject) -> None:
    cosines = {pin: 0.98 - pin / 50 for pin in range(40)}
    await put(subject.vectors, [picture(pin, near(7, cosine, pin)) for pin, cosine in reversed(cosines.items())])
    for _ in range(2):
        nears = await subject.vectors.nearest(SPACE, packed(spot(7)), 40, -1.0, public=True)
        assert numbers(nears) == list(cosines)
        assert [one.cosine for one in nears] == pytest.approx(list(cosines.values()), abs=WITHIN)
        assert await found(subject.vectors, spot(7), 3) == [0, 1, 2]
        await subject.settled()


@READS.check
async def a_pin_is_found_once_by_its_nearest_view(subject: Subject) -> None:
    await put(
        subject.vectors, [picture(1, near(7, 0.3), near(7, 0.9, 1), near(7, 0.5, 2)), picture(2, near(7, 0.7, 3))]
    )
    nears = await subject.vectors.nearest(SPACE, packed(spot(7)), 9, -1.0, public=True, partitions=[YOURS])
    assert numbers(nears) == [1, 2]
    assert [one.cosine for one in nears] == pytest.approx([0.9, 0.7], abs=WITHIN)


@READS.check
async def of_several_views_asked_for_the_nearest_counts(subject: Subject) -> None:
    await put(subject.vectors, [picture(1, near(7, 0.6)), picture(2, near(8, 0.8)), picture(3, near(9, 0.7))])
    query = packed(spot(7), spot(8), spot(9))
    nears = await subject.vectors.nearest(SPACE, query, 9, 0.5, public=True)
    assert numbers(nears) == [2, 3, 1]
    assert [one.cosine for one in nears] == pytest.approx([0.8, 0.7, 0.6], abs=WITHIN)


@READS.check
async def nothing_comes_from_below_the_floor(subject: Subject) -> None:
    await put(subject.vectors, [picture(pin, near(7, pin / 20, pin)) for pin in range(1, 20)])
    await put(subject.vectors, [picture(100 + pin, near(7, pin / 20, pin), public=False) for pin in range(1, 20)])
    assert await found(subject.vectors, spot(7), floor=0.62) == list(range(19, 12, -1))
    mine = await found(subject.vectors, spot(7), floor=0.62, public=False, partitions=[YOURS])
    assert sorted(mine) == sorted([*range(13, 20), *range(113, 120)])
    assert await found(subject.vectors, spot(7), floor=0.99) == []


@READS.check
async def what_is_private_is_found_in_its_partition_alone(subject: Subject) -> None:
    await put(subject.vectors, [picture(1, near(7, 0.9), partition=MINE, public=False), picture(2, near(7, 0.8))])
    assert await found(subject.vectors, spot(7)) == [2]
    assert await found(subject.vectors, spot(7), partitions=[NOBODYS]) == [2]
    assert await found(subject.vectors, spot(7), partitions=[MINE]) == [1, 2]
    assert await found(subject.vectors, spot(7), public=False, partitions=[MINE, MINE]) == [1]
    assert await found(subject.vectors, spot(7), public=False, partitions=[YOURS]) == [2], (
        "public ones are in theirs too"
    )
    assert await found(subject.vectors, spot(7), public=False) == []


@READS.check
async def a_partition_is_searched_exactly(subject: Subject) -> None:
    pictures = [
        picture(pin, *(spot(10_000 + 3 * pin + view) for view in range(3)), partition=MINE, public=pin % 2 == 0)
        for pin in range(400)
    ]
    await put(subject.vectors, pictures)
    await put(subject.vectors, [picture(pin) for pin in range(1000, 1200)])
    points = unpacked(b"".join(one.views for one in pictures)).reshape(400, 3, -1)
    for number in range(10):
        cosines = (points @ spot(number)).max(axis=1)
        nears = await subject.vectors.nearest(SPACE, packed(spot(number)), 50, -1.0, public=False, partitions=[MINE])
        assert len(nears) == 50
        assert [one.cosine for one in nears] == pytest.approx(np.sort(cosines)[:-51:-1].tolist(), abs=WITHIN)
        assert [one.cosine for one in nears] == pytest.approx([cosines[pin] for pin in numbers(nears)], abs=WITHIN)


@READS.check
async def what_is_private_changes_nothing_among_what_is_public(subject: Subject) -> None:
    await put(subject.vectors, [picture(pin, spot(pin), near(pin, 0.8)) for pin in range(300)])
    await subject.settled()
    queries = [packed(near(pin, 0.7, 5)) for pin in range(0, 300, 20)]
    before = [await subject.vectors.nearest(SPACE, query, 30, -1.0, public=True) for query in queries]
    close = [picture(1000 + pin, near(pin, 0.9, 6), partition=MINE, public=False) for pin in range(300)]
    await put(subject.vectors, close)
    for _ in range(2):
        after = [await subject.vectors.nearest(SPACE, query, 30, -1.0, public=True) for query in queries]
        assert after == before
        await subject.settled()
    counts = await subject.vectors.counts(SPACE)
    assert (counts.pins, counts.public_pins, counts.views) == (600, 300, 900)


@READS.check
async def many_views_of_few_pins_leave_room_for_others(subject: Subject) -> None:
    crowd = [picture(pin, *(near(7, 0.95, 10 * pin + view) for view in range(6))) for pin in range(9)]
    await put(subject.vectors, [*crowd, *(picture(100 + pin, near(7, 0.5, 200 + pin)) for pin in range(9))])
    for _ in range(2):
        assert sorted(await found(subject.vectors, spot(7), 18)) == [*range(9), *range(100, 109)]
        assert len(await found(subject.vectors, spot(7), 12)) == 12
        await subject.settled()


@READS.check
async def pins_that_are_gone_leave_room_for_others(subject: Subject) -> None:
    await put(subject.vectors, [picture(pin, near(7, 0.9, pin)) for pin in range(150)])
    await put(subject.vectors, [picture(1000 + pin, near(7, 0.4, 1000 + pin)) for pin in range(160)])
    await subject.settled()
    await subject.vectors.remove(SPACE, [some_id(pin) for pin in range(150)])
    left = await found(subject.vectors, spot(7), 100)
    assert len(left) == 100
    assert all(pin >= 1000 for pin in left)


@READS.check
async def pins_of_one_cosine_come_in_the_order_of_their_ids(subject: Subject) -> None:
    await put(subject.vectors, [picture(pin, near(7, 0.8)) for pin in (30, 10, 40, 20)])
    await put(subject.vectors, [picture(pin, near(7, 0.8), public=False) for pin in (25, 15)])
    assert await found(subject.vectors, spot(7), partitions=[YOURS]) == [10, 15, 20, 25, 30, 40]
    assert await found(subject.vectors, spot(7), 3, partitions=[YOURS]) == [10, 15, 20]


@READS.check
async def vectors_come_back(subject: Subject) -> None:
    pictures = [picture(1), picture(2, spot(5), spot(6), public=False), picture(3, *map(spot, range(10, 16)))]
    await put(subject.vectors, pictures)
    views = await subject.vectors.views(SPACE, [some_id(pin) for pin in (3, 9, 1, 2)])
    assert views[1] is None
    for view, put_ in zip([views[2], views[3], views[0]], pictures, strict=True):
        assert view is not None
        assert len(view) == len(put_.views)
        assert np.allclose(unpacked(view), unpacked(put_.views), atol=WITHIN)


@READS.check
async def what_breaks_a_bound_is_refused(subject: Subject) -> None:
    one = packed(spot(1))
    with pytest.raises(ValueError, match="vector"):
        await subject.vectors.put(SPACE, [picture(1, spot(1) * 2)])
    assert await subject.vectors.spaces() == [], "nothing is made of a call that is refused"
    await subject.vectors.put(SPACE, [picture(1)])
    for views in (b"", one[:-1], one * 7, packed(spot(1) * 1.1), packed(spot(1) * 0), packed(spot(1) * math.nan)):
        with pytest.raises(ValueError, match="vector"):
            await subject.vectors.nearest(SPACE, views, 1, 0.0, public=True)
        with pytest.raises(ValueError, match="vector"):
            await subject.vectors.put(SPACE, [picture(2), picture(1).__class__(some_id(3), MINE, True, views)])  # noqa: FBT003 - a column
    assert await found(subject.vectors, spot(2), floor=0.5) == [], "nothing of a call that is refused is done"
    for limit in (0, LIMIT_MAX + 1):
        with pytest.raises(ValueError, match="pins"):
            await subject.vectors.nearest(SPACE, one, limit, 0.0, public=True)
    for floor in (-1.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="cosine"):
            await subject.vectors.nearest(SPACE, one, 1, floor, public=True)
    with pytest.raises(ValueError, match="partitions"):
        await subject.vectors.nearest(SPACE, one, 1, 0.0, public=True, partitions=[MINE] * (PARTITIONS_MAX + 1))
    for name in ("", "A", "a/b", "..", ".a", "a" * 65):
        with pytest.raises(ValueError, match="space"):
            await subject.vectors.nearest(name, one, 1, 0.0, public=True)
        with pytest.raises(ValueError, match="space"):
            await subject.vectors.put(name, [])
    with pytest.raises(ValueError, match="pins"):
        await subject.vectors.views(SPACE, [MINE] * (PINS_MAX + 1))
    assert len(one) == VECTOR_BYTES
