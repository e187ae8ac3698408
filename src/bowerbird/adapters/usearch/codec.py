"""Vectors as they are kept: a signed byte a dimension, each vector stretched to the whole range.

Only directions are compared, so that a vector's own scale need not be kept.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bowerbird.ports.vectors import DIMENSIONS, VECTOR_BYTES, VIEWS_MAX

Rows = NDArray[np.int8]
"""Shape (views, DIMENSIONS)."""

_WIRE: Final = np.dtype("<f2")
_LARGEST: Final = 127
_LENGTH_SLACK: Final = 0.01


def quantised(views: bytes) -> Rows:
    """Return the rows of 1 to VIEWS_MAX vectors; ValueError for what is none."""
    count, rest = divmod(len(views), VECTOR_BYTES)
    if rest or not 1 <= count <= VIEWS_MAX:
        raise ValueError(f"A picture has 1 to {VIEWS_MAX} vectors of {VECTOR_BYTES} bytes, not {len(views)} bytes.")
    vectors = np.frombuffer(views, _WIRE).astype(np.float32).reshape(count, DIMENSIONS)
    lengths = np.linalg.norm(vectors, axis=1)
    # What is not finite fails this too.
    if not np.all(np.abs(lengths - 1) <= _LENGTH_SLACK):
        raise ValueError(f"A vector has the length 1, not {lengths.tolist()}.")
    return np.rint(vectors * (_LARGEST / np.abs(vectors).max(axis=1, keepdims=True))).astype(np.int8)


def restored(rows: Rows) -> bytes:
    """Return the vectors of rows."""
    vectors = rows.astype(np.float32)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(_WIRE).tobytes()
