"""What every adapter behind the port Likeness promises."""

import pytest
from PIL import Image

from bowerbird.ports.likeness import OTHERS_MAX, POINTS_MIN, Likeness
from bowerbird.ports.pictures import PictureRefused
from tests.ports.suite import Suite
from tests.support.hostile_pictures import encoded, mutated, webp_of_size
from tests.support.seen_pictures import cluttered, starry

suite = Suite[Likeness]()


def webp(image: Image.Image) -> bytes:
    return encoded(image, "WEBP", quality=80)


async def refusal(likeness: Likeness, one: bytes, others: list[bytes]) -> str:
    with pytest.raises(PictureRefused) as caught:
        await likeness.same(one, others)
    return caught.value.reason


@suite.check
async def copies_agree(likeness: Likeness) -> None:
    image = cluttered(736, 552, 1)
    framed = Image.new("RGB", (900, 900), "white")
    framed.paste(image, (80, 200))
    copies = [
        encoded(image, "JPEG", quality=40),
        webp(image.resize((368, 276))),
        webp(image.crop((150, 100, 600, 450))),
        webp(image.rotate(20, expand=True)),
        webp(framed),
    ]
    assert all(points >= POINTS_MIN for points in await likeness.same(webp(image), copies))


@suite.check
async def mirrored_copies_agree(likeness: Likeness) -> None:
    image = cluttered(736, 552, 2)
    mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    (points,) = await likeness.same(webp(image), [webp(mirrored)])
    assert points >= POINTS_MIN


@suite.check
async def different_pictures_do_not(likeness: Likeness) -> None:
    others = [webp(cluttered(736, 552, seed)) for seed in range(10, 20)]
    assert all(points < POINTS_MIN for points in await likeness.same(webp(cluttered(736, 552, 3)), others))


@suite.check
async def fields_of_stars_do_not(likeness: Likeness) -> None:
    """Every star looks like every other, so that of two fields many could be moved onto few."""
    fields = [webp(starry(600, 450, seed)) for seed in range(8)]
    for place, field in enumerate(fields):
        others = fields[:place] + fields[place + 1 :]
        assert all(points < POINTS_MIN for points in await likeness.same(field, others))


@suite.check
async def answers_are_in_the_order_of_the_others(likeness: Likeness) -> None:
    image = cluttered(500, 400, 4)
    other, broken = webp(cluttered(500, 400, 5)), b"nonsense"
    points = await likeness.same(webp(image), [other, webp(image), broken, other])
    assert [each >= POINTS_MIN for each in points] == [False, True, False, False]
    assert points[2] == 0


@suite.check
async def pictures_without_points_agree_in_none(likeness: Likeness) -> None:
    blank, dot = webp(Image.new("RGB", (300, 200), "grey")), webp(Image.new("RGB", (1, 1), "red"))
    assert await likeness.same(blank, [blank, dot, webp(cluttered(300, 200, 6))]) == [0, 0, 0]


@suite.check
async def the_same_question_has_the_same_answer(likeness: Likeness) -> None:
    one, others = webp(cluttered(400, 300, 7)), [webp(cluttered(300, 300, seed)) for seed in (7, 8)]
    first = await likeness.same(one, others)
    assert all([await likeness.same(one, others) == first for _ in range(3)])


@suite.check
async def what_is_no_rendition_is_refused(likeness: Likeness) -> None:
    fine = webp(cluttered(100, 100, 9))
    assert await refusal(likeness, b"", [fine]) == "empty"
    assert await refusal(likeness, b"nonsense", [fine]) == "unsupported"
    assert await refusal(likeness, fine[: len(fine) // 2], [fine]) == "not-a-picture"
    assert await refusal(likeness, webp_of_size(16_384, 16_384), [fine]) == "too-many-pixels"


@suite.check
async def questions_are_bounded(likeness: Likeness) -> None:
    fine = webp(cluttered(100, 100, 9))
    assert await refusal(likeness, fine, []) == "too-large"
    assert await refusal(likeness, fine, [fine] * (OTHERS_MAX + 1)) == "too-large"
    assert await refusal(likeness, fine, [fine, bytes(17 << 20)]) == "too-large"
    assert len(await likeness.same(fine, [fine] * OTHERS_MAX)) == OTHERS_MAX


@suite.check
async def hostile_bytes_do_no_harm(likeness: Likeness) -> None:
    fine = webp(cluttered(120, 90, 10))
    for format_ in ("JPEG", "WEBP"):
        original = encoded(cluttered(120, 90, 10), format_)
        for first in range(0, 40, 10):
            assert len(await likeness.same(fine, [mutated(original, first + seed) for seed in range(10)])) == 10
