"""The service with the model that it is shipped with, points counted and hashes made for real, each in its hand."""

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageOps
from typing_extensions import override

from bowerbird.adapters.pillow.hand import answer
from bowerbird.adapters.pillow.limits import PictureLimits
from bowerbird.adapters.pillow.pictures import PillowPictures
from bowerbird.adapters.vision.embedder import OnnxEmbedder
from bowerbird.adapters.vision.likeness import OpenCvLikeness
from bowerbird.base.ids import Id
from bowerbird.contracts.problems import Invalid, Refused
from bowerbird.contracts.vision import Box
from bowerbird.ports.pictures import Rendered, Rendition
from tests.support import house as houses
from tests.support.boards_peers import Door
from tests.support.hostile_pictures import encoded
from tests.support.house import Plates, by, open_house
from tests.support.lasting_hands import embedding_hand, matching_hand, model
from tests.support.seen_pictures import clock, cluttered, crossword, traffic_light
from tests.support.vision_house import Gallery, names


class Decoded(Plates):
    """Pictures that are decoded, in all sizes."""

    def __init__(self) -> None:
        super().__init__()
        limits = PictureLimits()
        self._pillow = PillowPictures(Door(partial(answer, limits)), limits)

    @override
    async def render(self, data: bytes) -> Rendered:
        return await self._pillow.render(data)

    @override
    async def shrink(self, data: bytes) -> Rendition:
        return await self._pillow.shrink(data)


@pytest.fixture
async def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Gallery]:
    monkeypatch.setattr(houses, "Plates", Decoded)
    monkeypatch.setattr(houses, "Eyes", lambda: OnnxEmbedder(embedding_hand(), model()))
    monkeypatch.setattr(houses, "Twins", lambda: OpenCvLikeness(matching_hand()))
    async with open_house(tmp_path) as house:
        yield Gallery(house)


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    return encoded(image, "JPEG", quality=quality)


def cropped(image: Image.Image, share: float) -> Image.Image:
    """Return the part of a picture around its middle that has a share of its area."""
    width, height = (round(side * share**0.5) for side in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


async def test_the_same_photograph_is_known_in_every_guise_and_another_is_not(real: Gallery) -> None:
    ann, bob = [await real.house.person() for _ in range(2)]
    board, his = await real.board(ann), await real.board(bob)
    photo, other = cluttered(900, 675, 1), cluttered(900, 675, 2)
    guises = {
        "exact": jpeg(photo),
        "recompressed": jpeg(photo, 40),
        "smaller": jpeg(photo.resize((450, 338))),
        "cropped": jpeg(cropped(photo, 0.5)),
        "mirrored": jpeg(ImageOps.mirror(photo)),
        "framed": jpeg(ImageOps.expand(photo, 120, "white")),
    }
    pins = {name: await real.pin(ann, board, data) for name, data in guises.items()}
    different = await real.pin(ann, board, jpeg(other))
    theirs = await real.pin(bob, his, guises["exact"])
    await real.office.quiesce()
    for pin in pins.values():
        assert {*await told(real, ann, pin)} == {*pins.values()}
    exact = await told(real, ann, pins["exact"])
    assert exact[0] == pins["exact"]
    assert await told(real, ann, different) == [different]
    assert await told(real, bob, theirs) == [theirs]
    assert (await told(real, ann, theirs))[0] == pins["exact"]


async def told(real: Gallery, person: Id, pin: Id) -> list[Id]:
    """Return which of their pins somebody is told of who is about to save a pin's picture."""
    return await real.vision.copies(by(person), (await real.picture(pin, person)).id)


async def test_what_is_unlike_all_others_finds_nothing(real: Gallery) -> None:
    ann = await real.house.person()
    board = await real.board(ann)
    pins = [await real.pin(ann, board, jpeg(draw())) for draw in (clock, crossword, traffic_light)]
    again = await real.pin(ann, board, jpeg(clock().rotate(3, fillcolor="white")))
    await real.office.quiesce()
    assert [await real.finds(ann, pin) for pin in pins] == [[again], [], []]
    assert [names(each)[:1] for each in await real.labels(*pins)] == [
        ["wall clock"],
        ["crossword puzzle"],
        ["traffic light"],
    ]


async def test_a_box_finds_what_is_in_it(real: Gallery) -> None:
    ann = await real.house.person()
    board = await real.board(ann)
    both = Image.new("RGB", (896, 448))
    both.paste(clock(), (0, 0))
    both.paste(traffic_light(), (448, 0))
    lone, mixed = await real.pin(ann, board, jpeg(traffic_light())), await real.pin(ann, board, jpeg(both))
    await real.office.quiesce()
    right = await real.look(ann, mixed, Box(0.5, 0, 0.5, 1))
    assert ([one.pin for one in right.alike], names(right.labels)[:1]) == ([lone], ["traffic light"])
    left = await real.look(ann, mixed, Box(0, 0, 0.5, 1))
    assert left.alike == []
    assert names(left.labels)[0] in {"wall clock", "analog clock"}
    for box in (Box(0.6, 0, 0.5, 1), Box(0, 0, 0.01, 1), Box(-0.1, 0, 0.5, 1), Box(0, 0, float("nan"), 1)):
        with pytest.raises(Invalid) as caught:
            await real.look(ann, mixed, box)
        assert caught.value.field == "box"


async def test_what_is_known_is_asked_as_what_is_looked_at(real: Gallery) -> None:
    ann = await real.house.person()
    board = await real.board(ann)
    asked = await real.pin(ann, board, jpeg(clock()))
    await real.pin(ann, board, jpeg(clock().rotate(5, fillcolor="white")))
    await real.office.quiesce()
    [known] = (await real.look(ann, asked)).alike
    upload = await real.house.sent(ann, jpeg(clock()))
    looked = (await real.vision.look_once(by(ann), upload, None, 10)).alike
    assert [one.pin for one in looked] == [asked, known.pin]
    assert looked[1].cosine == pytest.approx(known.cosine, abs=0.02)


async def test_an_upload_that_is_none_is_refused(real: Gallery) -> None:
    ann = await real.house.person()
    with pytest.raises(Refused):
        await real.vision.look_once(by(ann), await real.house.sent(ann, b"no picture at all"), None, 10)
    assert await real.stored() == []
