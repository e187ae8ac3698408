"""Copies of a picture as people make them: encoded anew, made small, framed, written on, cut, mirrored."""

import io
import math
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

Random = np.random.Generator
Change = Callable[[Image.Image, Random], Image.Image]

_TEXT: Final = "LOOK WHAT I FOUND"


def recompressed(image: Image.Image, _: Random) -> Image.Image:
    """Return it after JPEG of quality 40."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=40)
    return Image.open(out).convert("RGB")


def quarter(image: Image.Image, _: Random) -> Image.Image:
    """Return it with a quarter of its sides."""
    return image.resize((max(16, image.width // 4), max(16, image.height // 4)), Image.Resampling.LANCZOS)


def framed(image: Image.Image, _: Random) -> Image.Image:
    """Return it as it stands in a screenshot of a telephone: bars above and below, a margin beside."""
    side, bar = image.width // 16, image.height // 5
    frame = Image.new("RGB", (image.width + 2 * side, image.height + 2 * bar), (24, 24, 28))
    draw = ImageDraw.Draw(frame)
    draw.rectangle((0, 0, frame.width, bar // 2), fill=(245, 245, 245))
    draw.ellipse((side, bar + image.height + side, 3 * side, bar + image.height + 3 * side), fill=(200, 60, 60))
    frame.paste(image, (side, bar))
    return frame


def texted(image: Image.Image, _: Random) -> Image.Image:
    """Return it with a bar of text over a fifth of it."""
    marked = image.copy()
    draw = ImageDraw.Draw(marked)
    top = image.height * 3 // 4
    draw.rectangle((0, top, image.width, top + image.height // 5), fill="white")
    place = (image.width / 2, top + image.height / 10)
    draw.text(place, _TEXT, fill="black", anchor="mm", font_size=max(8, image.height // 10))
    return marked


def cropped(image: Image.Image, random: Random, share: float) -> Image.Image:
    """Return a part of that share of its area, of its own shape, anywhere."""
    side = math.sqrt(share)
    width, height = max(8, round(image.width * side)), max(8, round(image.height * side))
    left = int(random.integers(0, image.width - width + 1))
    top = int(random.integers(0, image.height - height + 1))
    return image.crop((left, top, left + width, top + height))


def cropped_by_half(image: Image.Image, random: Random) -> Image.Image:
    """Return 40 to 70 % of it."""
    return cropped(image, random, float(random.uniform(0.4, 0.7)))


def cropped_to_a_fifth(image: Image.Image, random: Random) -> Image.Image:
    """Return 20 % of it."""
    return cropped(image, random, 0.2)


def mirrored(image: Image.Image, _: Random) -> Image.Image:
    """Return it seen in a mirror."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


COPIES: Final[dict[str, Change]] = {
    "JPEG of quality 40": recompressed,
    "a quarter of its sides": quarter,
    "framed as a screenshot": framed,
    "a bar of text": texted,
    "cropped to 40-70 %": cropped_by_half,
    "cropped to 20 %": cropped_to_a_fifth,
    "mirrored": mirrored,
}
