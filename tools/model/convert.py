"""Makes the model that sees pictures: `python -m tools.model.convert FILE`, from packages that are installed.

The file is all of the model: graph, weights as bytes, mean, names of the labels. The same bytes come out each time, so
their digest is the model's version. It takes no network and no pictures.
"""

import sys
from pathlib import Path

import numpy as np
from onnx import ModelProto, helper

from tools.model import labels, measured
from tools.model.graph import build
from tools.model.quantize import quantized
from tools.model.weights import PACKAGE, installed, read


def precise() -> ModelProto:
    """Return the network as it was trained, with numbers of 32 bits."""
    return build(read(installed()), np.array(measured.load().mean))


def convert() -> bytes:
    """Return the model's file."""
    model = quantized(precise(), measured.load().ranges)
    helper.set_model_props(model, {"labels": "\n".join(labels.load()), "made of": PACKAGE})
    return model.SerializeToString(deterministic=True)


def main() -> None:
    """Write the file, whole or not at all."""
    file = Path(sys.argv[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.draft")
    draft.write_bytes(convert())
    draft.replace(file)


if __name__ == "__main__":
    main()
