"""Pictures: a photo of 12 megapixels made into all that is kept of it, beside Pillow by hand and easy-thumbnails."""

import io
import time
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from bench.figures import Figure, Goal, Section, figure, ratio
from bench.peers.thumbnails import Thumbnails
from bowerbird.adapters.pillow.limits import PictureLimits
from bowerbird.adapters.pillow.render import render
from bowerbird.ports.pictures import WIDTHS

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS: Final = 7
SIZE: Final = (4000, 3000)
QUALITY: Final = 90
SEED: Final = 12

HOW: Final = (
    "A JPEG of 4000 x 3000 pixels, {mib:.1f} MiB, with detail at every scale, made for this. `bowerbird`: what the "
    "hand does: three WebP renditions, the cleaned original as JPEG, colour, ThumbHash, perceptual hash, SHA-256. "
    "`by hand`: Pillow with draft(), the same renditions at the same quality; and the same with a cleaned original, "
    "which needs all the pixels. `easy-thumbnails`: Django's usual pipeline at its defaults, the same widths as JPEG, "
    "the photo stored beside as it came. Processor time of one process with one thread, as a hand has, in turn."
)


def measure(_folder: object, _known: object) -> Section:
    """Measure all in turn."""
    data, thumbnails = photo(), Thumbnails()
    makers: dict[str, Callable[[bytes], object]] = {
        "bowerbird": lambda photo: render(photo, PictureLimits()),
        "by hand, renditions": renditions_by_hand,
        "by hand, renditions and original": all_by_hand,
        "easy-thumbnails": thumbnails.make,
    }
    took: dict[str, list[float]] = {name: [] for name in makers}
    for _ in range(REPEATS):
        for name, make in makers.items():
            began = time.process_time()
            make(data)
            took[name].append((time.process_time() - began) * 1e3)
    thumbnails.close()
    figures: list[Figure] = [figure(name, "ms", some) for name, some in took.items()]
    ours, hand, both, easy = took.values()
    figures += [
        ratio("bowerbird, of by hand, renditions", ours, hand),
        ratio("bowerbird, of by hand, renditions and original", ours, both, Goal(most=1.15)),
        ratio("easy-thumbnails, of bowerbird", easy, ours, Goal(least=3)),
    ]
    return Section("Pictures", HOW.format(mib=len(data) / (1 << 20)), figures)


def photo() -> bytes:
    """Return the JPEG: noise of every size laid over one another, as detail is in photos."""
    random = np.random.default_rng(SEED)
    sum_ = np.zeros((SIZE[1], SIZE[0], 3), dtype=np.float32)
    for step in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        small = random.normal(0, step**0.9, (SIZE[1] // step + 1, SIZE[0] // step + 1, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(small[:, :, channel]).resize(SIZE, Image.Resampling.BILINEAR)
            sum_[:, :, channel] += np.asarray(layer)
    pixels = (128 + sum_ / sum_.std() * 50).clip(0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def renditions_by_hand(data: bytes) -> list[bytes]:
    """Return the renditions, decoded no larger than they need."""
    image = Image.open(io.BytesIO(data))
    widest = max(WIDTHS)
    image.draft("RGB", (widest, widest * image.height // image.width))
    made: list[bytes] = []
    small: Image.Image = image
    for width in sorted(WIDTHS, reverse=True):
        small = small.resize((width, round(small.height * width / small.width)), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        small.save(out, "WEBP", quality=80, method=2)
        made.append(out.getvalue())
    return made


def all_by_hand(data: bytes) -> list[bytes]:
    """Return the renditions, and the original encoded anew."""
    out = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").save(out, "JPEG", quality=85)
    return [*renditions_by_hand(data), out.getvalue()]
