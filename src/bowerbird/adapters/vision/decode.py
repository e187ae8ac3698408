"""From a rendition's bytes to pixels, within bounds that hold before memory is taken."""

from typing import Any, Final

import cv2
import numpy as np

from bowerbird.adapters.vision.limits import PIXELS_MAX
from bowerbird.base.sniff import HEAD_BYTES, picture_mime
from bowerbird.ports.pictures import PictureRefused

cv2.setNumThreads(1)
cv2.ocl.setUseOpenCL(False)

Array = np.ndarray[Any, Any]

DECODED: Final = ("image/jpeg", "image/webp")
"""What renditions are made of; OpenCV's reader of PNG takes whatever memory a file asks it to."""

_ASSERTION: Final = -215
_WITH_ALPHA: Final = 4


def decode(data: bytes) -> Array:
    """Return a picture as uint8, (height, width, 3), red, green, blue, on white. Raises PictureRefused."""
    if picture_mime(data[:HEAD_BYTES]) not in DECODED:
        raise PictureRefused("unsupported", "neither JPEG nor WebP")
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        if error.code == _ASSERTION:
            raise PictureRefused("too-many-pixels", f"more than {PIXELS_MAX} pixels") from error
        raise PictureRefused("not-a-picture", "it cannot be decoded") from error
    if found is None:
        raise PictureRefused("not-a-picture", "it cannot be decoded, or ends too early")
    return _on_white(found)


def _on_white(found: Array) -> Array:
    """Return red, green and blue of what has one, three or four channels."""
    if found.ndim == 2:  # noqa: PLR2004 - a plane
        return cv2.cvtColor(found, cv2.COLOR_GRAY2RGB)
    if found.shape[2] != _WITH_ALPHA:
        return cv2.cvtColor(found, cv2.COLOR_BGR2RGB)
    alpha = found[:, :, 3:].astype(np.uint16)
    mixed = (found[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return cv2.cvtColor(mixed.astype(np.uint8), cv2.COLOR_BGR2RGB)
