"""What a picture will take, told by its header: memory is refused before it is taken."""

from typing import Final

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.WebPImagePlugin import WebPImageFile

_NARROW: Final = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
"""Bytes of a pixel in Pillow's memory; all other modes take four."""
_WIDE: Final = 4
_KEPT_AS_IT_IS: Final = {"L", "RGB", "RGBA", "CMYK"}
_WEBP_LOSSY, _WEBP_LOSSLESS = 12, 16
"""Two canvases and the frame, and of a lossless one its decoder's own."""
_COEFFICIENT: Final = 2
_FINISHING: Final = 3
"""Copies at once of what comes out, while it is turned and its colours are brought to sRGB."""


def memory_bytes(opened: ImageFile, decoded: tuple[int, int], full_side: int, *, lossless: bool = False) -> int:
    """Return the most memory that the picture takes at once, beside its file, when it is decoded in a size.

    `full_side` is the longer side of what is kept of it; `lossless` says it of a WebP.
    """
    width, height = decoded
    pixels = width * height
    share = min(1.0, full_side / max(width, height))
    kept = int(pixels * share * share) * _WIDE
    own = _NARROW.get(opened.mode, _WIDE)
    transparent = opened.mode == "RGBA" or "transparency" in opened.info
    copied = transparent or opened.mode not in _KEPT_AS_IT_IS
    held = pixels * (own + (_WIDE if copied else 0))
    shrinking = held + kept + int(width * share) * height * _WIDE if share < 1 else held
    return max(_loading(opened, pixels, lossless=lossless), shrinking, kept * _FINISHING)


def _loading(opened: ImageFile, pixels: int, *, lossless: bool) -> int:
    if isinstance(opened, WebPImageFile):
        return pixels * (_WEBP_LOSSLESS if lossless else _WEBP_LOSSY)
    if isinstance(opened, JpegImageFile) and opened.info.get("progressive"):
        return pixels * _WIDE + _coefficients(opened)
    return pixels * _NARROW.get(opened.mode, _WIDE)


def _coefficients(opened: JpegImageFile) -> int:
    """Return what a progressive JPEG takes before the first of its pixels is known, however small it comes out."""
    layers: list[tuple[int, int, int, int]] = opened.layer
    across, down = max((layer[1] for layer in layers), default=1), max((layer[2] for layer in layers), default=1)
    pixels = opened.width * opened.height
    return sum(pixels * layer[1] * layer[2] * _COEFFICIENT // max(1, across * down) for layer in layers)
