"""Whole pictures of every kind that is accepted, each full of what must not be served; mutants are made of them."""

from typing import Final

import numpy as np
from PIL import Image

from tests.support.hostile_pictures import encoded, scene, secrets, tell_tale

_WIDTH, _HEIGHT = 160, 120


def _see_through() -> Image.Image:
    image = scene(_WIDTH, _HEIGHT).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def _made() -> dict[str, bytes]:
    image, clear = scene(_WIDTH, _HEIGHT), _see_through()
    deep = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    frames = [scene(_WIDTH, _HEIGHT, seed) for seed in (2, 3)]
    moving = {"save_all": True, "append_images": frames, "duration": 50}
    exif = secrets(orientation=6)
    return {
        **{f"{name} with secrets": tell_tale(name) for name in ("JPEG", "PNG", "GIF", "WEBP")},
        "JPEG progressive": encoded(image, "JPEG", progressive=True, **exif),
        "JPEG of whole colour": encoded(image, "JPEG", subsampling=0, restart_marker_rows=1),
        "JPEG grey": encoded(image.convert("L"), "JPEG"),
        "JPEG CMYK": encoded(image.convert("CMYK"), "JPEG", icc_profile=exif["icc_profile"]),
        "PNG transparent": encoded(clear, "PNG"),
        "PNG palette": encoded(image.quantize(64), "PNG", transparency=3),
        "PNG 16 bit": encoded(deep, "PNG"),
        "PNG 1 bit": encoded(image.convert("1"), "PNG"),
        "PNG moving": encoded(image, "PNG", **moving),
        "GIF moving": encoded(image, "GIF", **moving),
        "GIF transparent": encoded(image.quantize(16), "GIF", transparency=0),
        "WEBP lossless": encoded(clear, "WEBP", lossless=True, **exif),
        "WEBP transparent": encoded(clear, "WEBP", **exif),
        "WEBP moving": encoded(image, "WEBP", **moving),
    }


SEEDS: Final = _made()
EMBEDDED: Final = (
    b"Rue-du-Secret",
    b"Exif\0\0",
    b"http://ns.adobe.com",
    b"xmpmeta",
    b"Photoshop",
    b"ICC_PROFILE",
    b"PK\3\4",
)
"""What no byte of an answer may hold, whatever came in."""
