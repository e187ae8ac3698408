"""How well the embedder sees: copies found among all pictures, and what is like a picture beside it."""

import io
from collections.abc import Callable, Sequence
from typing import Any, Final

import cv2
import numpy as np

from bench.vision.copies import COPIES
from bench.vision.pictures import Picture, opened
from bowerbird.adapters.vision.decode import decode
from bowerbird.adapters.vision.embed import embed
from bowerbird.adapters.vision.network import Network
from bowerbird.ports.embedder import ASKED, VIEWS, Box

NEAREST: Final = 10
SEED: Final = 5
_COPY_QUALITY: Final = 90

Array = np.ndarray[Any, Any]
Kept = dict[str, list[bytes]]


def vectors(network: Network, data: bytes, boxes: Sequence[Box]) -> Array:
    """Return a picture's vectors, float32 (boxes, dimensions), as they are kept: of 16 bits."""
    rows = [np.frombuffer(row, "<f2") for row in embed(network, data, list(boxes)).vectors]
    return np.stack(rows).astype(np.float32)


def indexed(network: Network, pictures: Sequence[Picture]) -> Array:
    """Return what is kept of all pictures, (pictures, views, dimensions)."""
    return np.stack([vectors(network, each.rendition, VIEWS) for each in pictures])


def copies(pictures: Sequence[Picture]) -> Kept:
    """Return every kind of copy of every picture, as JPEG, the same ones each time."""
    random = np.random.default_rng(SEED)
    made: Kept = {name: [] for name in COPIES}
    for picture in pictures:
        image = opened(picture.rendition)
        for name, change in COPIES.items():
            out = io.BytesIO()
            change(image, random).save(out, "JPEG", quality=_COPY_QUALITY)
            made[name].append(out.getvalue())
    return made


def questions(network: Network, copies: Sequence[bytes]) -> Array:
    """Return what is asked with, (pictures, asked views, dimensions)."""
    return np.stack([vectors(network, each, ASKED) for each in copies])


def nearness(asked: Array, index: Array) -> Array:
    """Return the cosine of each question's and each picture's nearest views, (questions, pictures)."""
    pairs = ((own, view) for own in range(asked.shape[1]) for view in range(index.shape[1]))
    nearest = np.full((len(asked), len(index)), -1, np.float32)
    for own, view in pairs:
        nearest = np.maximum(nearest, asked[:, own] @ index[:, view].T)
    return nearest


def precision(rows: Array, categories: Sequence[str]) -> Array:
    """Return for each picture which share of the ten nearest others, by whole pictures, is of its category."""
    near = rows @ rows.T
    np.fill_diagonal(near, -np.inf)
    names = np.array(categories)
    nearest = np.argsort(-near, axis=1)[:, :NEAREST]
    return (names[nearest] == names[:, None]).mean(1)


def colours(pictures: Sequence[Picture]) -> Array:
    """Return the peer: histograms of hue, saturation and brightness, (pictures, 256), of length one."""
    return np.stack([_histogram(decode(each.rendition)) for each in pictures])


def _histogram(pixels: Array) -> Array:
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    counts = cv2.calcHist([hsv], [0, 1, 2], None, [16, 4, 4], [0, 180, 0, 256, 0, 256]).ravel()
    row = np.sqrt(counts / counts.sum())
    return row / np.linalg.norm(row)


def by_kind(pictures: Sequence[Picture], values: Array, measure: Callable[[Array], float]) -> dict[str, float]:
    """Return a measure of all values, and of those of each kind of picture."""
    kinds = np.array([each.kind for each in pictures])
    return {"all": measure(values)} | {str(kind): measure(values[kinds == kind]) for kind in np.unique(kinds)}
