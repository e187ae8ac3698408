"""The child that embeds: `python -I -m bowerbird.adapters.vision.embed_hand MODEL`, on the pipes of `base.hand`.

MODEL is the path of the model's file.
"""

import sys
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from msgspec import msgpack

from bowerbird.adapters.vision.embed import embed
from bowerbird.adapters.vision.limits import Look, Refused, Seen
from bowerbird.adapters.vision.network import Network
from bowerbird.base.confine import COMPUTE, confine
from bowerbird.base.hand_loop import run
from bowerbird.ports.embedder import VIEWS, NoModel
from bowerbird.ports.pictures import PictureRefused


def answer(network: Network, request: bytes) -> bytes:
    """Return a Seen for a Look."""
    look = msgpack.decode(request, type=Look)
    try:
        seen = Seen(embed(network, look.data, look.boxes))
    except PictureRefused as refusal:
        seen = Seen(refused=Refused(refusal.reason, refusal.detail))
    return msgpack.encode(seen)


def without_model(reason: str, _request: bytes) -> bytes:
    """Say that there is none, whatever is asked."""
    return msgpack.encode(Seen(no_model=reason))


def warm(network: Network) -> None:
    """Meet one picture of every kind, so that all that is loaded when first needed is there before files are gone."""
    for suffix in (".jpg", ".webp"):
        _, data = cv2.imencode(suffix, np.zeros((8, 8, 3), np.uint8))
        answer(network, msgpack.encode(Look(data.tobytes(), list(VIEWS))))


def main() -> None:
    """Serve until the asking side hangs up."""
    try:
        network = Network(Path(sys.argv[1]))
    except NoModel as error:
        run(partial(without_model, str(error)), partial(confine, COMPUTE))
    warm(network)
    run(partial(answer, network), partial(confine, COMPUTE))


if __name__ == "__main__":
    main()
