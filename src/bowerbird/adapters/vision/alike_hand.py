"""The child that matches: `python -I -m bowerbird.adapters.vision.alike_hand`, on the pipes of `base.hand`."""

from functools import partial

import cv2
import numpy as np
from msgspec import msgpack

from bowerbird.adapters.vision.alike import same
from bowerbird.adapters.vision.limits import Matched, Pair, Refused
from bowerbird.base.confine import COMPUTE, confine
from bowerbird.base.hand_loop import run
from bowerbird.ports.pictures import PictureRefused


def answer(request: bytes) -> bytes:
    """Return a Matched for a Pair."""
    pair = msgpack.decode(request, type=Pair)
    try:
        matched = Matched(same(pair.one, pair.others))
    except PictureRefused as refusal:
        matched = Matched(refused=Refused(refusal.reason, refusal.detail))
    return msgpack.encode(matched)


def warm() -> None:
    """Match a picture with itself, so that all that is loaded when first needed is there before files are gone."""
    chequered = np.kron(np.eye(2, dtype=np.uint8), np.full((64, 64), 255, np.uint8))
    for suffix in (".jpg", ".webp"):
        _, data = cv2.imencode(suffix, chequered)
        answer(msgpack.encode(Pair(data.tobytes(), [data.tobytes()])))


def main() -> None:
    """Serve until the asking side hangs up."""
    warm()
    run(answer, partial(confine, COMPUTE))


if __name__ == "__main__":
    main()
