import io

import numpy as np
import pytest
from PIL import Image

from bowerbird.app.demo import content, drawn, png, wanted
from bowerbird.app.demo.content import Motif

MOTIFS: list[Motif] = ["hills", "waves", "petals", "tiles", "facets", "stars"]


@pytest.mark.parametrize("motif", MOTIFS)
def test_a_motif_is_a_picture_of_many_colours(motif: Motif) -> None:
    picture = Image.open(io.BytesIO(drawn.draw(motif, 200, 1)))
    picture.load()
    assert picture.format == "PNG"
    assert picture.width == 640
    assert 480 <= picture.height <= 900
    assert len(picture.getcolors(1 << 20) or []) > 50


@pytest.mark.parametrize("motif", MOTIFS)
def test_a_picture_is_drawn_the_same_way_every_time(motif: Motif) -> None:
    assert drawn.draw(motif, 30, 2) == drawn.draw(motif, 30, 2)


def test_no_two_drawings_of_the_demo_are_the_same() -> None:
    drawings = wanted.drawings(content.load())
    kinds = {(one.board.motif, one.board.hue, one.drawing) for one in drawings}
    assert len(kinds) == len(drawings)
    few = {drawn.draw("facets", hue, number) for hue in (10, 11) for number in (1, 2)}
    assert len(few) == 4


def test_portraits_are_told_apart() -> None:
    assert drawn.portrait("ada") != drawn.portrait("ben")
    assert Image.open(io.BytesIO(drawn.portrait("ada"))).size == (400, 400)


def test_pixels_come_back_as_they_were() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png.encode(pixels)))), pixels)
