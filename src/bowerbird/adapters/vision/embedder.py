"""The asking side of the embedder: it neither decodes nor computes, and loads none of what does."""

import sys
from pathlib import Path

from msgspec import msgpack
from typing_extensions import override

from bowerbird.adapters.vision.asking import ask, check
from bowerbird.adapters.vision.limits import Look, Seen
from bowerbird.adapters.vision.version import version_of
from bowerbird.base.hand import Hand
from bowerbird.ports.embedder import BOXES_MAX, SIDE_MIN, Box, BoxRefused, Embedded, Embedder, NoModel
from bowerbird.ports.pictures import PictureRefused

_ROUNDING = 1e-6


def argv(model: Path) -> list[str]:
    """Return the command of a hand that embeds with the model of that file."""
    return [sys.executable, "-I", "-m", "bowerbird.adapters.vision.embed_hand", str(model.absolute())]


class OnnxEmbedder(Embedder):
    """Pictures embedded by hands that run `argv` with the same model."""

    def __init__(self, hand: Hand, model: Path) -> None:
        self._hand = hand
        self._model = model
        self._known: tuple[tuple[int, int, int], str] | None = None

    @override
    async def version(self) -> str:
        """As the port has it; the file is read again when it is another one or was written to."""
        mark = self._mark()
        if self._known is None or self._known[0] != mark:
            self._known = mark, version_of(self._model)
        return self._known[1]

    @override
    async def embed(self, data: bytes, boxes: list[Box]) -> Embedded:
        self._mark()
        _check(boxes)
        check([data])
        seen = msgpack.decode(await ask(self._hand, msgpack.encode(Look(data, boxes))), type=Seen)
        if seen.refused is not None:
            raise PictureRefused(seen.refused.reason, seen.refused.detail)
        if seen.embedded is None:
            raise NoModel(seen.no_model)
        return seen.embedded

    def _mark(self) -> tuple[int, int, int]:
        """Return what changes with the file: which it is, when it was written, and how long it is. NoModel."""
        try:
            known = self._model.stat()
        except OSError as error:
            raise NoModel(f"there is no {self._model.name}") from error
        return known.st_ino, known.st_mtime_ns, known.st_size


def _check(boxes: list[Box]) -> None:
    if not 1 <= len(boxes) <= BOXES_MAX:
        raise BoxRefused(f"{len(boxes)} boxes, of 1 to {BOXES_MAX}")
    for box in boxes:
        if not _fits(box.x, box.width) or not _fits(box.y, box.height):
            raise BoxRefused(f"it has to lie within the picture, and be at least {SIDE_MIN:.0%} of it each way")


def _fits(start: float, length: float) -> bool:
    """Say whether a stretch lies between 0 and 1 and is long enough; what is no number does not."""
    return start >= 0 and length >= SIDE_MIN and start + length <= 1 + _ROUNDING
