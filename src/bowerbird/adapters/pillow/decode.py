"""From strangers' bytes to a clean picture: by content alone, refused early, upright, in sRGB, without metadata."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageCms
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from bowerbird.adapters.pillow.cost import memory_bytes
from bowerbird.adapters.pillow.limits import PictureLimits
from bowerbird.adapters.pillow.pieces import scanned_too_often, too_many
from bowerbird.base.sniff import picture_mime
from bowerbird.ports.pictures import PictureRefused, Refusal

# Limits of our own apply before Pillow's, which are meant for programs that have none.
Image.MAX_IMAGE_PIXELS = None


class _WebP(WebPImageFile):
    """A WebP that is decoded once: Pillow's own way keeps the decoder, and copies the frame once more."""

    def first_frame(self) -> Image.Image:
        """Decode, and let go of all that the decoder holds."""
        decoder = self._decoder
        del self._decoder
        frame = decoder.get_next()
        if frame is None:
            raise ValueError("there is no frame in it")
        return Image.frombuffer(self.mode, self.size, frame[0], "raw", self.rawmode, 0, 1)


_OPENERS: dict[str, Callable[[io.BytesIO], ImageFile]] = {
    "image/jpeg": JpegImageFile,
    "image/png": PngImageFile,
    "image/gif": GifImageFile,
    "image/webp": _WebP,
}
_DRAWN = {"image/png", "image/gif"}
SRGB = ImageCms.ImageCmsProfile(
    ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - no stub
)
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = {5, 6, 7, 8}
_OPAQUE = (255, 255)
_WEBP_SIDE_MAX = 16_383
# A JPEG is decoded at a half, a quarter or an eighth when what comes out is at least this much of the full rendition.
_DRAFT_NUMERATOR, _DRAFT_DENOMINATOR = 3, 4
_DRAFTS = (1, 2, 4, 8)


class Clean:
    """A decoded picture: `image` is RGB or RGBA of at most the full size, `width` and `height` those of the original.

    `drawn` tells that it came without loss, so that hard edges are likely.
    """

    def __init__(self, image: Image.Image, width: int, height: int, *, drawn: bool) -> None:
        self.image = image
        self.width = width
        self.height = height
        self.drawn = drawn


def decode(data: bytes, limits: PictureLimits) -> Clean:
    """Return the picture, or raise PictureRefused; every fault of Pillow or of memory is a refusal."""
    mime = _supported(data)
    if too_many(data, mime):
        raise PictureRefused("not-a-picture", "it is made of more pieces than a picture has")
    try:
        if mime == "image/webp":
            _check_size(*_webp_size(data), limits)
        opened = _OPENERS[mime](io.BytesIO(data))
        _check_size(*opened.size, limits)
        return _clean(opened, data, limits, drawn=mime in _DRAWN)
    except PictureRefused:
        raise
    except MemoryError as error:
        raise PictureRefused("too-many-pixels", "it needs more memory than a picture is given") from error
    except Exception as error:  # hostile bytes find exceptions of every kind in a decoder
        raise PictureRefused(_why(data, mime), f"{mime.removeprefix('image/')} does not decode: {error}") from error


def within(image: Image.Image, side: int) -> Image.Image:
    """Return the picture in its own shape, made smaller if a side of it is longer than `side`."""
    share = side / max(image.size)
    if share >= 1:
        return image
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _supported(data: bytes) -> str:
    mime = picture_mime(data)
    if mime in _OPENERS:
        return mime
    if mime:
        raise PictureRefused("unsupported", f"{mime} is not accepted: send JPEG, PNG, GIF or WebP")
    raise PictureRefused("not-a-picture", "it begins like no picture")


def _check_size(width: int, height: int, limits: PictureLimits) -> None:
    if min(width, height) < 1:
        raise PictureRefused("not-a-picture", "it has no pixels")
    if max(width, height) > limits.side_max:
        raise PictureRefused("too-many-pixels", f"{width} x {height}, of at most {limits.side_max} a side")
    if width * height > limits.pixels_max:
        raise PictureRefused("too-many-pixels", f"{width} x {height}, of at most {limits.pixels_max} in all")


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return the size that a WebP header states: its decoder takes memory for it before it can be asked.

    See RFC 9649, sections 2.5 to 2.7: lossy, lossless and extended pictures state it in three ways.
    """
    kind, body = data[12:16], data[20:30]
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1


def _why(data: bytes, mime: str) -> Refusal:
    """Tell a picture that was cut off, since its end is missing, from one that is broken."""
    whole = {
        "image/jpeg": b"\xff\xd9" in data[-4096:],
        "image/png": b"IEND" in data[-4096:],
        "image/gif": data.rstrip(b"\0").endswith(b";"),
        "image/webp": int.from_bytes(data[4:8], "little") + 8 <= len(data),
    }
    return "not-a-picture" if whole[mime] else "truncated"


def _clean(opened: ImageFile, data: bytes, limits: PictureLimits, *, drawn: bool) -> Clean:
    width, height = opened.size
    full = min(limits.full_side_max, _WEBP_SIDE_MAX)
    _plan(opened, data, full, limits)
    orientation = _orientation(opened)
    profile = opened.info.get("icc_profile")
    image = _opaque_if_it_is(_continuous(_loaded(opened)))
    image = within(image, min(full, limits.transparent_side_max) if image.mode == "RGBA" else full)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    image = _opaque_if_it_is(_srgb(image, profile))
    image.info = {}
    if orientation in _SIDEWAYS:
        width, height = height, width
    return Clean(image, width, height, drawn=drawn)


def _plan(opened: ImageFile, data: bytes, full: int, limits: PictureLimits) -> None:
    """Choose the size in which a JPEG is decoded; refuse a picture that takes too much memory or time in any."""
    width, height = opened.size
    if isinstance(opened, JpegImageFile) and scanned_too_often(data, width * height):
        raise PictureRefused("too-slow", "it goes over its pixels more often than a picture does")
    lossless = data[12:16] == b"VP8L"
    drafts = _DRAFTS if isinstance(opened, JpegImageFile) else _DRAFTS[:1]
    enough = full * _DRAFT_NUMERATOR // _DRAFT_DENOMINATOR
    first = max(draft for draft in drafts if draft == 1 or max(width, height) // draft >= enough)
    for draft in drafts[drafts.index(first) :]:
        size = max(1, width // draft), max(1, height // draft)
        if len(data) + memory_bytes(opened, size, full, lossless=lossless) <= limits.memory_bytes_max:
            if isinstance(opened, JpegImageFile) and draft > 1:
                opened.draft(None, size)
            return
    raise PictureRefused("too-many-pixels", f"{width} x {height} of this kind take more memory than a picture is given")


def _loaded(opened: ImageFile) -> Image.Image:
    if isinstance(opened, _WebP):
        return opened.first_frame()
    opened.load()
    return opened


def _orientation(opened: ImageFile) -> int:
    try:
        return int(opened.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - a broken EXIF block says nothing about the pixels
        return 1


def _continuous(opened: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be made smaller: palettes, bits and 16-bit greys cannot."""
    if opened.mode.startswith("I"):
        grey = np.asarray(opened)
        return Image.fromarray((grey >> 8).clip(0, 255).astype(np.uint8))
    if "transparency" in opened.info or opened.mode in {"PA", "LA", "La", "RGBa"}:
        return opened.convert("RGBA")
    return opened if opened.mode in {"RGB", "RGBA", "L", "CMYK"} else opened.convert("RGB")


def _srgb(image: Image.Image, profile: object) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if isinstance(profile, bytes) and profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                converted = ImageCms.profileToProfile(image, source, SRGB, outputMode=mode)
                return image if converted is None else converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that does not fit the picture is as good as none
    return image.convert(mode)


def _opaque_if_it_is(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == _OPAQUE:
        return image.convert("RGB")
    return image
