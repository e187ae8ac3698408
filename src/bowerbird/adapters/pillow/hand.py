"""The child that decodes pictures: `python -I -m bowerbird.adapters.pillow.hand LIMITS`, on the pipes of `base.hand`.

LIMITS is a PictureLimits as JSON.
"""

import encodings.ascii
import encodings.latin_1
import encodings.utf_16_be
import io
import sys
from functools import partial

import msgspec
from msgspec import msgpack
from PIL import Image

from bowerbird.adapters.pillow.decode import SRGB
from bowerbird.adapters.pillow.limits import RENDER, SHRINK, Outcome, PictureLimits, Refused
from bowerbird.adapters.pillow.render import render, shrink
from bowerbird.base.confine import COMPUTE, confine
from bowerbird.base.hand_loop import run
from bowerbird.ports.pictures import PictureRefused

_CODECS = (encodings.ascii, encodings.latin_1, encodings.utf_16_be)
"""Codecs that profiles and EXIF blocks may ask for: none can be loaded later."""


def answer(limits: PictureLimits, request: bytes) -> bytes:
    """Return an Outcome for a request."""
    kind, data = request[:1], request[1:]
    try:
        outcome = Outcome(shrunk=shrink(data, limits)) if kind == SHRINK else Outcome(rendered=render(data, limits))
    except PictureRefused as refusal:
        outcome = Outcome(refused=Refused(refusal.reason, refusal.detail))
    return msgpack.encode(outcome)


def warm(limits: PictureLimits) -> None:
    """Meet one picture of every kind, so that what Pillow loads when first needed is there before files are gone."""
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = SRGB.tobytes()
    for format_, mode in (("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("GIF", "P"), ("WEBP", "RGBA")):
        out = io.BytesIO()
        Image.new(mode, (8, 8)).save(out, format_, exif=exif, icc_profile=profile)
        answer(limits, RENDER + out.getvalue())
    answer(limits, RENDER)


def main() -> None:
    """Serve until the asking side hangs up."""
    limits = msgspec.json.decode(sys.argv[1], type=PictureLimits)
    warm(limits)
    run(partial(answer, limits), partial(confine, COMPUTE))


if __name__ == "__main__":
    main()
