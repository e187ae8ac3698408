"""Pictures drawn by numbers, for where no photo is to be had: six motifs in any hue, the same at every run."""

import colorsys
import hashlib
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bowerbird.app.demo import png
from bowerbird.app.demo.content import Motif

_WIDTH: Final = 640
_HEIGHTS: Final = (480, 640, 800, 900)

Plane = NDArray[np.floating]
"""Height x width, or height x width x 3 where colours are meant; all values from 0 to 1."""

ALTS: Final[dict[Motif, str]] = {
    "hills": "Layers of rounded hills under a pale sun, drawn",
    "waves": "Wavy bands of colour, drawn",
    "petals": "Three overlapping flowers with round petals, drawn",
    "tiles": "A grid of quarter circles that join into loops, drawn",
    "facets": "A surface of many plain facets in shades of one colour, drawn",
    "stars": "A planet and small stars in a dark sky, drawn",
}
"""What pictures of each motif show."""


class Dice:
    """Numbers that look thrown but depend on the seed alone."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._thrown = 0

    def throw(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return the next number from `low` up to `high`."""
        self._thrown += 1
        digest = hashlib.blake2b(f"{self._seed} {self._thrown}".encode(), digest_size=6).digest()
        return low + (high - low) * int.from_bytes(digest, "big") / (1 << 48)


def draw(motif: Motif, hue: int, number: int) -> bytes:
    """Return a PNG; `number` tells apart the pictures of one motif and hue, and varies the height."""
    dice = Dice(f"{motif} {hue} {number}")
    height = _HEIGHTS[int(dice.throw(0, len(_HEIGHTS)))]
    return _finished(_MOTIFS[motif](dice, hue / 360, height, _WIDTH))


def portrait(handle: str) -> bytes:
    """Return a square PNG that stands for somebody."""
    dice = Dice(handle)
    return _finished(_petals(dice, dice.throw(), 400, 400))


def _finished(colors: Plane) -> bytes:
    return png.encode((np.clip(colors, 0, 1) * 255).astype(np.uint8))


def _color(hue: float, saturation: float, value: float) -> Plane:
    return np.array(colorsys.hsv_to_rgb(hue % 1, saturation, value), np.float32)


def _blend(low: Plane, high: Plane, share: Plane) -> Plane:
    """Return colours between two, by a share for each pixel."""
    return low + (high - low) * share[..., None]


def _grid(height: int, width: int) -> tuple[Plane, Plane]:
    """Return each pixel's place, x and y, in units of the width."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / width
    return x, y


def _hills(dice: Dice, hue: float, height: int, width: int) -> Plane:
    x, y = _grid(height, width)
    top = height / width
    picture = _blend(_color(hue + 0.08, 0.35, 0.95), _color(hue - 0.06, 0.22, 1.0), y / top)
    sun_x, sun_y, radius = dice.throw(0.2, 0.8), dice.throw(0.12, 0.35) * top, dice.throw(0.05, 0.09)
    inside = np.clip((radius - np.hypot(x - sun_x, y - sun_y)) * 200, 0, 1)
    picture = _blend(picture, _color(hue + 0.1, 0.12, 1.0), inside)
    layers = 6
    for layer in range(layers):
        share = layer / (layers - 1)
        line = (0.35 + 0.58 * share) * top + _ripple(dice, x, 0.09 * (1 - 0.4 * share))
        color = _color(hue + 0.03 * (1 - share), 0.3 + 0.4 * share, 0.82 - 0.62 * share)
        picture = _blend(picture, color, np.clip((y - line) * 300, 0, 1))
    return picture


def _ripple(dice: Dice, x: Plane, size: float) -> Plane:
    """Return a smooth line: three sine waves, each half as high as the one before."""
    line = np.zeros_like(x)
    for octave in range(3):
        line += size / 2**octave * np.sin(x * dice.throw(3, 6) * 2**octave + dice.throw(0, 6.3))
    return line


def _waves(dice: Dice, hue: float, height: int, width: int) -> Plane:
    x, y = _grid(height, width)
    bands = int(dice.throw(9, 15))
    turned = y + _ripple(dice, x, 0.05) + 0.3 * dice.throw(-1, 1) * x
    place = (turned - turned.min()) / float(np.ptp(turned)) * bands
    band, within = np.floor(place), place % 1
    share = band / bands
    picture = _blend(_color(hue - 0.05, 0.25, 0.97), _color(hue + 0.09, 0.8, 0.42), share)
    crest = np.clip(1 - within * 6, 0, 1) * 0.35
    return _blend(picture, _color(hue, 0.05, 1.0), crest)


def _petals(dice: Dice, hue: float, height: int, width: int) -> Plane:
    x, y = _grid(height, width)
    top = height / width
    picture = _blend(_color(hue + 0.45, 0.16, 0.97), _color(hue + 0.4, 0.3, 0.8), y / top)
    for number in range(3):
        middle_x, middle_y = dice.throw(0.2, 0.8), top * (0.2 + 0.3 * number + dice.throw(-0.05, 0.05))
        picture = _flower(picture, dice, hue + dice.throw(-0.06, 0.06), (x - middle_x, y - middle_y))
    return picture


def _flower(picture: Plane, dice: Dice, hue: float, place: tuple[Plane, Plane]) -> Plane:
    radius, angle = np.hypot(*place), np.arctan2(place[1], place[0])
    petals, size, turn = int(dice.throw(6, 14)), dice.throw(0.2, 0.34), dice.throw(0, 6.3)
    for ring in range(4):
        reach = size * (1 - 0.22 * ring) * (0.72 + 0.28 * np.abs(np.cos((angle + turn + ring * 0.4) * petals / 2)))
        color = _color(hue + 0.025 * ring, 0.75 - 0.13 * ring, 0.72 + 0.09 * ring)
        picture = _blend(picture, color, np.clip((reach - radius) * 150, 0, 1))
    return _blend(picture, _color(hue + 0.12, 0.85, 0.55), np.clip((size * 0.2 - radius) * 150, 0, 1))


def _tiles(dice: Dice, hue: float, height: int, width: int) -> Plane:
    x, y = _grid(height, width)
    cells = int(dice.throw(4, 8))
    column, row = np.floor(x * cells).astype(int), np.floor(y * cells).astype(int)
    turned = np.array([[dice.throw() < 0.5 for _ in range(cells + 1)] for _ in range(2 * cells + 1)])  # noqa: PLR2004 - a coin's odds
    u, v = x * cells % 1, y * cells % 1
    u = np.where(turned[row, column], 1 - u, u)
    near = np.minimum(np.hypot(u, v), np.hypot(1 - u, 1 - v))
    picture = _blend(_color(hue, 0.2, 0.96), _color(hue + 0.05, 0.35, 0.86), y * width / height)
    for reach, value in ((0.19, 0.75), (0.12, 0.5), (0.05, 0.28)):
        cover = np.clip((reach - np.abs(near - 0.5)) * width / cells / 2, 0, 1)
        picture = _blend(picture, _color(hue + (1 - value) * 0.15, 0.55, value), cover)
    return picture


def _facets(dice: Dice, hue: float, height: int, width: int) -> Plane:
    x, y = _grid(height, width)
    top = height / width
    nearest = np.full_like(x, np.inf)
    tone = np.zeros_like(x)
    for _ in range(90):
        at_x, at_y = dice.throw(-0.05, 1.05), dice.throw(-0.05, 1.05) * top
        distance = (x - at_x) ** 2 + (y - at_y) ** 2
        closer = distance < nearest
        nearest = np.where(closer, distance, nearest)
        tone = np.where(closer, 0.7 * at_y / top + 0.3 * dice.throw(), tone)
    return _blend(_color(hue - 0.06, 0.3, 0.98), _color(hue + 0.1, 0.8, 0.4), np.clip(tone, 0, 1))


def _stars(dice: Dice, hue: float, height: int, width: int) -> Plane:
    x, y = _grid(height, width)
    top = height / width
    picture = _blend(_color(hue + 0.62, 0.7, 0.1), _color(hue + 0.68, 0.6, 0.32), y / top)
    for _ in range(160):
        column, row = int(dice.throw(1, width - 1)), int(dice.throw(1, height - 1))
        bright = dice.throw(0.3, 1.0) ** 2
        picture[row - 1 : row + 1, column - 1 : column + 1] += bright
    middle_x, middle_y, radius = dice.throw(0.3, 0.7), dice.throw(0.35, 0.65) * top, dice.throw(0.16, 0.27)
    across, down = (x - middle_x) / radius, (y - middle_y) / radius
    lit = np.clip(0.5 - 0.45 * across - 0.35 * down, 0.03, 1)
    stripes = 0.5 + 0.5 * np.sin(down * dice.throw(5, 11) + np.sin(across * 2) * 0.4)
    planet = _blend(_color(hue, 0.65, 0.75), _color(hue + 0.07, 0.3, 1.0), stripes) * lit[..., None]
    inside = np.clip((1 - np.hypot(across, down)) * radius * width / math.sqrt(2), 0, 1)
    return picture + (planet - picture) * inside[..., None]


_MOTIFS: Final = {
    "hills": _hills,
    "waves": _waves,
    "petals": _petals,
    "tiles": _tiles,
    "facets": _facets,
    "stars": _stars,
}
