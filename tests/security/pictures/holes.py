"""Guards of the decoder taken away, one by one, and what must find that each is gone: a bomb, or a class of mutants."""

from typing import Final

from msgspec import Struct

from tests.support.spoiled import Edits


class Hole(Struct, frozen=True):
    """A hole in words, what must find it, and how it is made."""

    told: str
    found_by: tuple[str, ...]
    edits: Edits


HOLES: Final = [
    Hole(
        "goes through any number of pieces",
        ("a PNG of many texts",),
        {"pieces": ("> PIECES_MAX\n", "> 1 << 60\n")},
    ),
    Hole(
        "goes over its pixels any number of times",
        ("a JPEG of 20,000 passes",),
        {"pieces": ("* pixels > SCANNED_PIXELS_MAX", "* pixels > 1 << 60")},
    ),
    Hole(
        "takes whatever memory it needs",
        ("a PNG of 79 million pixels, transparent",),
        {"decode": ("<= limits.memory_bytes_max", "<= 1 << 60")},
    ),
    Hole(
        "keeps EXIF",
        ("JPEG with secrets", "WEBP lossless"),
        {
            "decode": ("    image.info = {}\n", '    image.info = {"exif": opened.getexif().tobytes()}\n'),
            "render": ("**options)\n    return", '**options, exif=image.info.get("exif", b""))\n    return'),
        },
    ),
    Hole(
        "serves what it was given",
        ("JPEG with secrets", "PNG with secrets", "GIF with secrets", "WEBP with secrets"),
        {
            "render": (
                'return Rendition("full", *image.size, mime, data)',
                'return Rendition("full", *image.size, mime, GIVEN[0])',
            ),
            "render 2": (
                "    clean = decode(data, limits)\n",
                "    GIVEN[:] = [data]\n    clean = decode(data, limits)\n",
            ),
            "render 3": ("_COLOURS = 16\n", "GIVEN = []\n_COLOURS = 16\n"),
        },
    ),
]
