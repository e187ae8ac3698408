"""Small pictures made from a seed, each different, for tests that only need some photo."""

import io

import numpy as np
from PIL import Image


def jpeg(seed: int = 0, width: int = 600, height: int = 400) -> bytes:
    """Return a JPEG of soft patches of colour, the same for the same seed."""
    chance = np.random.default_rng(seed)
    patches = chance.integers(0, 256, (4, 6, 3), dtype=np.uint8)
    return encoded(Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC))


def part(data: bytes, share: float = 0.6) -> bytes:
    """Return the midst of a picture, so much of each side, in the size of the whole: alike, and yet another picture."""
    whole = Image.open(io.BytesIO(data))
    before, behind = (1 - share) / 2, (1 + share) / 2
    box = (whole.width * before, whole.height * before, whole.width * behind, whole.height * behind)
    return encoded(whole.resize(whole.size, Image.Resampling.BICUBIC, box=box))


def encoded(picture: Image.Image) -> bytes:
    """Return a picture as a JPEG."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
