"""From a rendition to its vectors and labels: decode, cut, look, name."""

from typing import Final

import numpy as np

from bowerbird.adapters.vision.decode import Array, decode
from bowerbird.adapters.vision.network import Network
from bowerbird.adapters.vision.views import views
from bowerbird.ports.embedder import LABEL_PROBABILITY_MIN, LABELS_MAX, Box, Embedded, Label

_HALF: Final = np.dtype("<f2")


def embed(network: Network, data: bytes, boxes: list[Box]) -> Embedded:
    """Return what the network makes of a picture's boxes. Raises PictureRefused."""
    vectors, probabilities = network.see(views(decode(data), boxes, network.side))
    return Embedded(
        version=network.version,
        vectors=[row.tobytes() for row in vectors.astype(_HALF)],
        labels=_labels(network.labels, probabilities),
    )


def _labels(names: list[str], probabilities: Array) -> list[Label]:
    best: list[int] = np.argsort(-probabilities, kind="stable")[:LABELS_MAX].tolist()
    found = [Label(each, names[each], round(float(probabilities[each]), 4)) for each in best]
    return [label for label in found if label.probability >= LABEL_PROBABILITY_MIN]
