"""What every adapter behind the port Embedder promises."""

import io
import math
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bowerbird.ports.embedder import (
    BOXES_MAX,
    LABEL_PROBABILITY_MIN,
    LABELS_MAX,
    VIEWS,
    WHOLE,
    Box,
    BoxRefused,
    Embedder,
)
from bowerbird.ports.pictures import PictureRefused
from tests.ports.suite import Suite
from tests.support.hostile_pictures import encoded, jpeg_of_size, mutated, png_bomb, webp_of_size
from tests.support.seen_pictures import KNOWN, clock, cluttered, crossword, traffic_light

TOO_MANY_BYTES = 17 << 20
LEFT, RIGHT = Box(0, 0, 0.5, 1), Box(0.5, 0, 0.5, 1)

Row = np.ndarray[Any, np.dtype[np.float32]]
suite = Suite[Embedder]()


def webp(image: Image.Image) -> bytes:
    return encoded(image, "WEBP", quality=80)


def row(vector: bytes) -> Row:
    return np.frombuffer(vector, "<f2").astype(np.float32)


async def seen(embedder: Embedder, image: Image.Image, *boxes: Box) -> list[Row]:
    return [row(each) for each in (await embedder.embed(webp(image), list(boxes or (WHOLE,)))).vectors]


async def refusal(embedder: Embedder, data: bytes) -> str:
    with pytest.raises(PictureRefused) as caught:
        await embedder.embed(data, [WHOLE])
    assert caught.value.detail
    return caught.value.reason


@suite.check
async def every_box_has_a_vector_of_length_one(embedder: Embedder) -> None:
    rows = await seen(embedder, cluttered(736, 552, 1), *VIEWS)
    assert len(rows) == len(VIEWS) == BOXES_MAX
    assert {len(each) for each in rows} == {320}
    assert all(np.linalg.norm(each) == pytest.approx(1, abs=2e-3) for each in rows)


@suite.check
async def vectors_are_those_of_their_boxes_in_their_order(embedder: Embedder) -> None:
    image = cluttered(600, 400, 2)
    together = await seen(embedder, image, *VIEWS)
    for box, vector in zip(VIEWS, together, strict=True):
        (alone,) = await seen(embedder, image, box)
        assert vector @ alone > 0.999
        left, top, wide, high = box.x * 600, box.y * 400, box.width * 600, box.height * 400
        part = image.crop((round(left), round(top), round(left + wide), round(top + high)))
        assert vector @ (await seen(embedder, part))[0] > 0.95
    assert all(together[0] @ other < 0.99 for other in together[1:])


@suite.check
async def the_same_bytes_give_the_same_answer(embedder: Embedder) -> None:
    data = webp(cluttered(400, 300, 3))
    assert await embedder.embed(data, list(VIEWS)) == await embedder.embed(data, list(VIEWS))


@suite.check
async def labels_name_what_is_seen(embedder: Embedder) -> None:
    for name, (number, draw) in KNOWN.items():
        labels = (await embedder.embed(webp(draw()), [WHOLE])).labels
        assert (labels[0].name, labels[0].id) == (name, number)
        assert labels[0].probability > 0.4
        probabilities = [label.probability for label in labels]
        assert probabilities == sorted(probabilities, reverse=True)
        assert all(LABEL_PROBABILITY_MIN <= each <= 1 for each in probabilities)
        assert len(labels) <= LABELS_MAX


@suite.check
async def labels_are_those_of_the_first_box(embedder: Embedder) -> None:
    image = Image.new("RGB", (896, 448))
    image.paste(crossword(), (0, 0))
    image.paste(traffic_light(), (448, 0))
    for first, second, name in ((LEFT, RIGHT, "crossword puzzle"), (RIGHT, LEFT, "traffic light")):
        assert (await embedder.embed(webp(image), [first, second])).labels[0].name == name


@suite.check
async def a_copy_is_near_and_another_picture_is_not(embedder: Embedder) -> None:
    for draw in (clock, crossword, traffic_light):
        image = draw()
        (original,) = await seen(embedder, image)
        half = image.resize((224, 224))
        changed = (await embedder.embed(encoded(half, "JPEG", quality=50), [WHOLE])).vectors
        assert original @ row(changed[0]) > 0.8
    rows = [(await seen(embedder, draw()))[0] for draw in (clock, crossword, traffic_light)]
    assert all(rows[a] @ rows[b] < 0.5 for a, b in ((0, 1), (0, 2), (1, 2)))


@suite.check
async def what_is_transparent_lies_on_white(embedder: Embedder) -> None:
    image = clock()
    hole = Image.new("L", image.size, 255)
    hole.paste(0, (0, 0, 448, 200))
    clear = Image.new("RGB", image.size, "black")
    clear.paste(image, mask=hole)
    clear.putalpha(hole)
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=hole)
    out = io.BytesIO()
    clear.save(out, "WEBP", lossless=True, exact=True)
    vector = row((await embedder.embed(out.getvalue(), [WHOLE])).vectors[0])
    assert vector @ (await seen(embedder, white))[0] > 0.98


@suite.check
async def every_shape_is_seen(embedder: Embedder) -> None:
    for size in ((1, 1), (3, 4000), (4000, 3), (15, 15)):
        rows = await seen(embedder, cluttered(*size, 4), *VIEWS)
        assert len(rows) == len(VIEWS)
        assert all(np.isfinite(each).all() for each in rows)
    grey = encoded(clock().convert("L"), "JPEG")
    assert (await embedder.embed(grey, [WHOLE])).labels[0].name.endswith("clock")


@suite.check
async def the_answer_bears_the_version(embedder: Embedder) -> None:
    version = await embedder.version()
    assert version
    assert (await embedder.embed(webp(clock()), [WHOLE])).version == version


@suite.check
async def boxes_that_make_no_sense_are_refused(embedder: Embedder) -> None:
    data = webp(cluttered(64, 64, 5))
    wrong = (
        Box(-0.1, 0, 0.5, 0.5),
        Box(0, 0.6, 0.5, 0.5),
        Box(0, 0, 1.1, 1),
        Box(0, 0, 0.001, 1),
        Box(0, 0, -1, 1),
        Box(math.nan, 0, 1, 1),
        Box(0, 0, math.inf, 1),
    )
    for boxes in ([], [WHOLE] * (BOXES_MAX + 1), *([WHOLE, box] for box in wrong)):
        with pytest.raises(BoxRefused):
            await embedder.embed(data, boxes)
    assert await seen(embedder, cluttered(64, 64, 5), Box(0.1, 0.2, 0.9, 0.8))


@suite.check
async def what_is_no_rendition_is_refused(embedder: Embedder) -> None:
    assert await refusal(embedder, b"") == "empty"
    image = cluttered(120, 90, 6)
    for data in (b"\0", bytes(5000), *(encoded(image, each) for each in ("PNG", "GIF", "BMP", "TIFF"))):
        assert await refusal(embedder, data) == "unsupported"
    for format_ in ("JPEG", "WEBP"):
        data = encoded(image, format_)
        assert await refusal(embedder, data[: len(data) // 2]) == "not-a-picture"
    assert await refusal(embedder, encoded(image, "JPEG") + bytes(TOO_MANY_BYTES)) == "too-large"


@suite.check
async def headers_that_promise_too_much_are_refused(embedder: Embedder) -> None:
    for data in (jpeg_of_size(65_500, 65_500), webp_of_size(16_384, 16_384)):
        assert await refusal(embedder, data) == "too-many-pixels"
    assert await refusal(embedder, png_bomb(30_000)) == "unsupported"


@suite.check
async def hostile_bytes_do_no_harm(embedder: Embedder) -> None:
    for format_ in ("JPEG", "WEBP"):
        original = encoded(cluttered(120, 90, 7), format_)
        for seed in range(40):
            try:
                vectors = (await embedder.embed(mutated(original, seed), [WHOLE])).vectors
            except PictureRefused:
                continue
            assert np.isfinite(row(vectors[0])).all()
    assert await seen(embedder, clock())
