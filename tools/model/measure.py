"""Measures on pictures what conversion needs: `python -m tools.model.measure FOLDER ...`, once, by hand.

Writes measured.json: the range of every activation, and the mean of the vectors. Any folders of varied photographs
will do; ours are three of the sources of the demo, which `bowerbird serve --demo` leaves in its cache. They are not
those that bench/vision tries the model on.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingTypeStubs] - it has none
from onnx import ModelProto, helper
from PIL import Image

from bowerbird.adapters.vision.decode import Array
from bowerbird.adapters.vision.views import views
from bowerbird.ports.embedder import WHOLE
from tools.model.graph import DIMENSIONS, SIDE, build
from tools.model.measured import Measured, save
from tools.model.quantize import measured_names
from tools.model.weights import installed, read

SUFFIXES: Final = {".jpg", ".jpeg", ".png", ".webp"}
_DIGITS: Final = 6

_runtime: Any = onnxruntime


def pictures(folder: Path) -> list[Path]:
    """Return the pictures of a folder."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def seen(path: Path) -> Array:
    """Return a picture as the network is shown it, (1, side, side, 3)."""
    return views(np.asarray(Image.open(path).convert("RGB")), [WHOLE], SIDE)


def showing(model: ModelProto, names: Sequence[str]) -> Any:  # noqa: ANN401 - ONNX Runtime has no types
    """Return a session of the model that tells these of its activations too."""
    told = ModelProto()
    told.CopyFrom(model)
    told.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    return _runtime.InferenceSession(told.SerializeToString(), providers=["CPUExecutionProvider"])


def measure(files: Sequence[Path]) -> tuple[dict[str, tuple[float, float]], list[float]]:
    """Return the least and the most of every activation, and the mean of the vectors of length one."""
    model = build(read(installed()), np.zeros(DIMENSIONS))
    names = measured_names(model)
    session = showing(model, names)
    least, most = np.full(len(names), np.inf), np.full(len(names), -np.inf)
    total = np.zeros(DIMENSIONS)
    for file in files:
        vector, *activations = session.run(["embedding", *names], {"pixels": seen(file)})
        total += vector[0]
        least = np.minimum(least, [each.min() for each in activations])
        most = np.maximum(most, [each.max() for each in activations])
    ranges = {name: (_short(low), _short(high)) for name, low, high in zip(names, least, most, strict=True)}
    return ranges, [_short(value) for value in total / len(files)]


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def main() -> None:
    """Measure the folders that the command line names."""
    found = {folder.name: pictures(folder) for folder in map(Path, sys.argv[1:])}
    ranges, mean = measure([path for paths in found.values() for path in paths])
    save(Measured(pictures={name: len(paths) for name, paths in found.items()}, ranges=ranges, mean=mean))


if __name__ == "__main__":
    main()
