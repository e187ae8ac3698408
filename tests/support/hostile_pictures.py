"""Pictures for tests, drawn from formulas: plain ones, ones that carry secrets, and hostile ones."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

SECRET = "Rue-du-Secret-7"
"""Stands in every place where a picture can carry text about whoever took it."""

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")


def scene(width: int, height: int, seed: int = 1) -> Image.Image:
    """Return a picture with large shapes and fine texture; seeds give pictures that have nothing in common."""
    random = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 3))
    for cells in (2, 4, 8, 16, 32, 64):
        grain = Image.fromarray(random.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        pixels += np.asarray(grain.resize((width, height), Image.Resampling.BICUBIC), dtype=float) / cells**0.7
    pixels = (pixels - pixels.min()) / max(1.0, float(np.ptp(pixels))) * 255
    return Image.fromarray(pixels.astype(np.uint8))


def encoded(image: Image.Image, format_: str, **options: Any) -> bytes:  # noqa: ANN401 - an encoder's own options
    """Return the picture as bytes of a format."""
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """Decode a picture completely."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def secrets(orientation: int = 1) -> dict[str, bytes]:
    """Return EXIF (with a place on earth), XMP and an ICC profile, each holding SECRET."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = exif[0x010F] = SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0), 29: SECRET})
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{SECRET}</dc:creator></x:xmpmeta>'
    return {"exif": exif.tobytes(), "xmp": xmp.encode(), "icc_profile": _profile() + SECRET.encode()}


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(
        ImageCms.createProfile("sRGB")  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - no stub
    ).tobytes()


def swapped_profile() -> bytes:
    """Return an ICC profile in which red and green have changed places."""
    profile = _profile().replace(b"\0s\0R\0G\0B", b"\0x\0R\0G\0B")
    return profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def tell_tale(format_: str) -> bytes:
    """Return a picture of a format that holds SECRET wherever the format has room, and behind its end."""
    image = scene(300, 200)
    if format_ == "JPEG":
        data = encoded(image, format_, comment=SECRET, **secrets())
        data = data[:2] + segment(0xED, f"Photoshop 3.0\0{SECRET}".encode()) + data[2:]
    elif format_ == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Author", SECRET)
        info.add_itxt("XML:com.adobe.xmp", SECRET)
        info.add_text("Comment", SECRET, zip=True)
        has = secrets()
        data = encoded(image, format_, pnginfo=info, exif=has["exif"], icc_profile=has["icc_profile"])
    elif format_ == "GIF":
        data = encoded(image, format_, comment=SECRET)
    else:
        data = encoded(image, format_, **secrets())
    return data + SECRET.encode() + b"PK\3\4"


def segment(marker: int, body: bytes) -> bytes:
    """Return a JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def png(width: int, height: int, rows: bytes, depth: int = 1, colour: int = 0) -> bytes:
    """Return a PNG whose header says what it likes; `rows` is what is compressed for its pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def png_bomb(side: int) -> bytes:
    """Return a few kilobytes that are a black square of that many pixels a side."""
    return png(side, side, bytes((side + 7) // 8 + 1) * side)


def jpeg_of_size(width: int, height: int) -> bytes:
    """Return a small JPEG whose header states another size."""
    data = bytearray(encoded(scene(64, 64), "JPEG"))
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_of_size(width: int, height: int) -> bytes:
    """Return a small GIF whose header states another size."""
    data = bytearray(encoded(scene(16, 16), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def webp_of_size(width: int, height: int) -> bytes:
    """Return a small extended WebP whose header states another size."""
    data = bytearray(encoded(scene(16, 16), "WEBP", exif=secrets()["exif"]))
    data[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(data)


def mutated(data: bytes, seed: int) -> bytes:
    """Return the bytes with a few of them changed, removed or repeated, the header among the likely places."""
    random = np.random.default_rng(seed)
    out = bytearray(data)
    for _ in range(int(random.integers(1, 12))):
        reach = len(out) if random.random() < 0.5 else min(len(out), 600)
        at = int(random.integers(0, max(1, reach)))
        what = random.integers(0, 4)
        if what == 0:
            out[at : at + 1] = bytes([int(random.integers(0, 256))])
        elif what == 1:
            del out[at : at + int(random.integers(1, 64))]
        elif what == 2:
            out[at:at] = out[at : at + int(random.integers(1, 64))]
        else:
            out[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(out)
