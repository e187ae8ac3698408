"""A million vectors as pictures give them: pins around centres, six views of each pin; and private ones beside them.

Real embeddings are not even in all directions: their variance falls from one principal direction to the next. So
centres, pins and views are drawn with the k-th direction's deviation as k ** -0.5, which leaves some 70 directions that
matter. A pin lies at a cosine of 0.6 to 0.9 from its centre, a view at some 0.85 from its pin. Everything follows from
the numbers of pins, so that any part can be made again.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bowerbird.base.ids import Id, pack
from bowerbird.contracts import kinds
from bowerbird.ports.vectors import DIMENSIONS, VIEWS_MAX, Picture

PINS: Final = 166_667
"""Public ones, which are numbered from 0; private ones follow."""

PRIVATE_PINS: Final = 20_000
VIEWS: Final = PINS * VIEWS_MAX
PINS_A_BOARD: Final = 100
BLOCK_PINS: Final = 10_000

_CENTRES: Final = 2_000
_PIN_SPREAD: Final = (0.5, 1.3)
_VIEW_SPREAD: Final = 0.6
_FROM_A_PIN: Final = 0.8
_BEGAN_MS: Final = 1_700_000_000_000

Vectors = NDArray[np.float32]
"""Shape (vectors, DIMENSIONS), each of length 1."""


def blocks() -> Iterator[tuple[int, Vectors]]:
    """Yield the first pin of each block, and its vectors, VIEWS_MAX a pin; a block is public, or private."""
    for first in (*range(0, PINS, BLOCK_PINS), *range(PINS, PINS + PRIVATE_PINS, BLOCK_PINS)):
        yield first, block(first)


def block(first: int) -> Vectors:
    """Return the vectors of the block that begins with a pin."""
    dice = np.random.default_rng(first + 1)
    pins = _pins(dice, min(BLOCK_PINS, PINS - first) if first < PINS else BLOCK_PINS)
    views = pins[:, None, :] + _VIEW_SPREAD * _drawn(dice, len(pins) * VIEWS_MAX).reshape(-1, VIEWS_MAX, DIMENSIONS)
    views[:, 0] = pins
    return _normal(views.reshape(-1, DIMENSIONS))


def queries(count: int) -> Vectors:
    """Return what is looked for: one half pictures of pins that are there, cut otherwise, and one half others."""
    dice = np.random.default_rng(7)
    others = _pins(dice, count - count // 2)
    known = block(0)[:: VIEWS_MAX * 20][: count // 2]
    return np.concatenate([_normal(known + _FROM_A_PIN * _drawn(dice, len(known))), others])


def pin_id(pin: int) -> Id:
    """Return the id of a pin by its number."""
    return pack(_BEGAN_MS + pin, pin % 4096, kinds.PIN, pin)


def board_of(pin: int) -> Id:
    """Return the board of a pin."""
    return _board(pin // PINS_A_BOARD)


def boards(count: int) -> list[Id]:
    """Return some private boards: those of whoever asks."""
    first = -(-PINS // PINS_A_BOARD)
    return [_board(first + number) for number in range(count)]


def is_public(pin: int) -> bool:
    """Say whether a pin is on a public board."""
    return pin < PINS


def packed(vectors: Vectors) -> bytes:
    """Return vectors as the port takes them."""
    return vectors.astype("<f2").tobytes()


def pictures(first: int, vectors: Vectors) -> Iterator[Picture]:
    """Yield the pictures of a block."""
    for place, views in enumerate(vectors.reshape(-1, VIEWS_MAX, DIMENSIONS)):
        pin = first + place
        yield Picture(pin_id(pin), board_of(pin), is_public(pin), packed(views))


def _board(board: int) -> Id:
    return pack(_BEGAN_MS, board % 4096, kinds.BOARD, board)


def _pins(dice: np.random.Generator, count: int) -> Vectors:
    centres = _drawn(np.random.default_rng(0), _CENTRES)[dice.integers(0, _CENTRES, count)]
    spread = dice.uniform(*_PIN_SPREAD, (count, 1)).astype(np.float32)
    return _normal(centres + spread * _drawn(dice, count))


def _drawn(dice: np.random.Generator, count: int) -> Vectors:
    falling = (np.arange(1, DIMENSIONS + 1) ** -0.5).astype(np.float32)
    return _normal(dice.standard_normal((count, DIMENSIONS), np.float32) * falling)


def _normal(vectors: NDArray[np.floating]) -> Vectors:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32, copy=False)
