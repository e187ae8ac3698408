"""From pixels to what the network sees: parts of a picture, each brought to one square size."""

import cv2
import numpy as np

from bowerbird.adapters.vision.decode import Array
from bowerbird.ports.embedder import Box


def views(pixels: Array, boxes: list[Box], side: int) -> Array:
    """Return the boxes of a picture as uint8, (boxes, side, side, 3)."""
    return np.stack([_squeezed(_cut(pixels, box), side) for box in boxes])


def _cut(pixels: Array, box: Box) -> Array:
    """Return the pixels of a box, one at least each way."""
    height, width = pixels.shape[:2]
    top, left = min(round(box.y * height), height - 1), min(round(box.x * width), width - 1)
    bottom, right = round((box.y + box.height) * height), round((box.x + box.width) * width)
    return pixels[top : max(bottom, top + 1), left : max(right, left + 1)]


def _squeezed(pixels: Array, side: int) -> Array:
    """Return them in a square, whatever their shape: averaged where they shrink, then interpolated where they grow.

    OpenCV's cubic interpolation alone would pass by most of the pixels of what shrinks.
    """
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (min(width, side), min(height, side)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)
