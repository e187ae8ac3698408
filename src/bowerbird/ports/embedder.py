"""Embedder: what a picture looks like, as vectors to compare and as labels; it runs apart, expendable, as decoders do.

It is given renditions that `ports.pictures` made, never a stranger's bytes; hostile ones cost a hand all the same, not
the process that asks. The model is one file that is named by its path. Vectors of two models have nothing to do with
each other, so every answer bears the version of the model that made it.
"""

from typing import Final, Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent, slow

BOXES_MAX: Final = 6
"""Boxes of one call."""

LABEL_PROBABILITY_MIN: Final = 0.1
"""Labels that are less probable are left out: they are wrong more often than right."""

LABELS_MAX: Final = 5


class Box(Struct, frozen=True, array_like=True):
    """A part of a picture: its left and upper edge, its width and height, as fractions of the picture's.

    It lies within the picture, and is at least `SIDE_MIN` wide and high.
    """

    x: float
    y: float
    width: float
    height: float


SIDE_MIN: Final = 0.02
"""Least side of a box: 15 pixels of the widest rendition."""

WHOLE: Final = Box(0, 0, 1, 1)
CENTRE: Final = Box(0.2, 0.2, 0.6, 0.6)

VIEWS: Final = (
    WHOLE,
    Box(0, 0, 0.6, 0.6),
    Box(0.4, 0, 0.6, 0.6),
    Box(0, 0.4, 0.6, 0.6),
    Box(0.4, 0.4, 0.6, 0.6),
    CENTRE,
)
"""What is embedded of a picture that is to be found: a small part of it is found by the view that it fills best."""

ASKED: Final = (WHOLE, CENTRE)
"""What is embedded of a picture that is a question: the nearest of both counts, so that no frame hides the picture."""

SIMILAR_MIN: Final = 0.45
"""Cosine of the nearest of one's `ASKED` and the other's `VIEWS`, below which pictures are not shown as similar.

Of pairs at 0.6 to 0.7 three of five show things of one kind, at 0.4 to 0.5 one of five, of any two one of twenty.
"""


class BoxRefused(Exception):  # noqa: N818 - an expected answer
    """A box does not lie within the picture or is too small, or there are none or too many of them."""


class NoModel(Exception):  # noqa: N818 - the state of the engine
    """There is no model at the path, or none that can be used."""


class Label(Struct, frozen=True, array_like=True):
    """What a picture may show. `id` is the class's number in the model, `name` its English name."""

    id: int
    name: str
    probability: float


class Embedded(Struct, frozen=True, array_like=True):
    """A vector for each box, in their order, and labels of the first box, the most probable first.

    A vector is numbers of 16 bits (IEEE half precision, little-endian), as many as the model has: 640 bytes for the 320
    of EfficientNet-Lite0. Its length is one, and the model's mean is off: the cosine of two, which is their product, is
    near nought for pictures that have nothing in common, and one for the same.
    """

    version: str
    vectors: list[bytes]
    labels: list[Label]


class Embedder(Protocol):
    """Sees pictures as one model does. Raises NoModel from every method where there is none."""

    @idempotent
    async def version(self) -> str:
        """Return the version of the model that the next picture will meet: of the file that is there now.

        It is another whenever vectors may be.
        """
        ...

    @idempotent
    @slow
    async def embed(self, data: bytes, boxes: list[Box]) -> Embedded:
        """Return vectors of 1 to `BOXES_MAX` boxes of a JPEG or WebP, and labels of the first.

        `list(VIEWS)` is for a picture that is to be indexed, `list(ASKED)` or one other box for a question. What is
        transparent lies on white. Raises BoxRefused, and PictureRefused and PicturesBusy of `ports.pictures`.
        """
        ...
