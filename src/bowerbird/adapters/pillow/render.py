"""From a clean picture to all that is kept of it: renditions, hashes, colour, placeholder."""

import base64
import hashlib
import io
from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace
from PIL import Image
from thash import rgba_to_thumb_hash

from bowerbird.adapters.pillow.decode import Clean, decode, within
from bowerbird.adapters.pillow.limits import PictureLimits
from bowerbird.adapters.pillow.pdq import SIDE_MAX, pdq
from bowerbird.ports.pictures import WIDTHS, Rendered, Rendition

# Which format and why: docs/decisions/0003-pictures.md.
_SMALL_QUALITY, _SMALL_METHOD = 80, 2
_PHOTO_QUALITY = 85
_DRAWN_QUALITY = 90
_TRANSPARENT_METHOD = 0  # a fifth larger, and done in half the time, which is a second for the largest
_WHOLE_COLOUR = 0  # chroma at full resolution
_GAP = 1.5  # the first step, from all the pixels, in half the time that 2 takes, and nothing to be seen of it
_SHRUNK_SIDE = 3 * WIDTHS[-1]
_THUMB_SIDE = 100
_COLOURS = 16
_COLOUR_SIDE = 64
_VIVID = 3.0
_VISIBLE = 128


def render(data: bytes, limits: PictureLimits) -> Rendered:
    """Decode a picture and make everything of it. Raises PictureRefused."""
    clean = decode(data, limits)
    scaled = _scaled(clean.image)
    small = within(next(iter(scaled.values())), SIDE_MAX)
    return Rendered(
        width=clean.width,
        height=clean.height,
        sha256=hashlib.sha256(data).digest(),
        phash=pdq(np.asarray(_on_white(small).convert("L"), dtype=np.float64)),
        color=_dominant(within(small, _COLOUR_SIDE)),
        thumbhash=_placeholder(within(small, _THUMB_SIDE)),
        renditions=[*_renditions(scaled), _full(clean)],
    )


def shrink(data: bytes, limits: PictureLimits) -> Rendition:
    """Decode a picture no larger than need be, and make its widest small rendition alone. Raises PictureRefused."""
    clean = decode(data, replace(limits, full_side_max=min(limits.full_side_max, _SHRUNK_SIDE)))
    [image] = _scaled(clean.image, WIDTHS[-1:]).values()
    return Rendition(str(WIDTHS[-1]), *image.size, "image/webp", _small(image))


def _scaled(image: Image.Image, widths: Sequence[int] = WIDTHS) -> dict[int, Image.Image]:
    """Return the picture in every width it gets, the widest first; each is made from the one before."""
    scaled: dict[int, Image.Image] = {}
    for width in sorted({min(wanted, image.width) for wanted in widths}, reverse=True):
        size = (width, max(1, round(image.height * width / image.width)))
        if size != image.size:
            image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=_GAP)
        scaled[width] = image
    return scaled


def _renditions(scaled: dict[int, Image.Image]) -> list[Rendition]:
    """Return one rendition a wanted width: the picture in that width, or in its own if it is not so wide."""
    widest = max(scaled)
    data = {width: _small(image) for width, image in scaled.items()}
    widths = {str(wanted): min(wanted, widest) for wanted in WIDTHS}
    return [Rendition(name, *scaled[w].size, "image/webp", data[w]) for name, w in widths.items()]


def _small(image: Image.Image) -> bytes:
    return _encode(image, "WEBP", quality=_SMALL_QUALITY, method=_SMALL_METHOD)


def _full(clean: Clean) -> Rendition:
    image = clean.image
    if image.mode == "RGBA":
        mime, data = "image/webp", _encode(image, "WEBP", quality=_DRAWN_QUALITY, method=_TRANSPARENT_METHOD)
    elif clean.drawn:
        mime, data = "image/jpeg", _encode(image, "JPEG", quality=_DRAWN_QUALITY, subsampling=_WHOLE_COLOUR)
    else:
        mime, data = "image/jpeg", _encode(image, "JPEG", quality=_PHOTO_QUALITY)
    return Rendition("full", *image.size, mime, data)


def _encode(image: Image.Image, format_: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image)


def _dominant(image: Image.Image) -> str:
    """Return the colour that stands for the picture: common ones win, and vivid ones over dull ones as common."""
    pixels = np.asarray(image.convert("RGBA")).reshape(-1, 4)
    visible = pixels[pixels[:, 3] >= _VISIBLE][:, :3]
    if not len(visible):
        return "#ffffff"
    row = Image.fromarray(np.ascontiguousarray(visible[None]))
    few = row.quantize(_COLOURS, Image.Quantize.MEDIANCUT).convert("RGB")
    colours, counts = np.unique(np.asarray(few).reshape(-1, 3), axis=0, return_counts=True)
    vivid = (colours.max(axis=1) - colours.min(axis=1)) / 255
    red, green, blue = (int(v) for v in colours[np.argmax(counts * (1 + _VIVID * vivid))])
    return f"#{red:02x}{green:02x}{blue:02x}"


def _placeholder(image: Image.Image) -> str:
    """Return a ThumbHash, base64 without padding; which keeps the picture's shape as well."""
    rgba = np.asarray(image.convert("RGBA"))
    return base64.b64encode(bytes(rgba_to_thumb_hash(image.width, image.height, rgba))).decode().rstrip("=")
