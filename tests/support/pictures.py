"""Small pictures made from a seed, each different, for tests that only need some photo."""

import io

import numpy as np
from PIL import Image


def jpeg(seed: int = 0, width: int = 600, height: int = 400) -> bytes:
    """Return a JPEG of soft patches of colour, the same for the same seed."""
    chance = np.random.default_rng(seed)
    patches = chance.integers(0, 256, (4, 6, 3), dtype=np.uint8)
    picture = Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
