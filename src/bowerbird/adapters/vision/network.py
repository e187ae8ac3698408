"""The model: one ONNX file that holds all that belongs to it, run on one thread.

Its input is `pixels`: uint8, (pictures, side, side, 3), red, green, blue. Its outputs are `embedding`, float32,
(pictures, dimensions), of length one, and `probabilities`, float32, (labels,), of the first picture. Its property
`labels` names the classes, a line each. Any such file will do; tools/model makes ours.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingTypeStubs] - it has none

from bowerbird.adapters.vision.decode import Array
from bowerbird.adapters.vision.version import version_of
from bowerbird.ports.embedder import NoModel

_INPUT: Final = "pixels"
_OUTPUTS: Final = ("embedding", "probabilities")
_LABELS: Final = "labels"
_SILENT: Final = 4

_runtime: Any = onnxruntime


class Network:
    """A model that is loaded. NoModel when the file is none, or none of this shape.

    `side`: of the squares it sees, in pixels. `labels`: the classes' names.
    """

    def __init__(self, file: Path) -> None:
        self.version = version_of(file)
        self._session = _open(file)
        inputs = {each.name: each.shape for each in self._session.get_inputs()}
        outputs = {each.name: each.shape for each in self._session.get_outputs()}
        self.labels: list[str] = self._session.get_modelmeta().custom_metadata_map.get(_LABELS, "").splitlines()
        if set(inputs) != {_INPUT} or not {*_OUTPUTS} <= set(outputs) or outputs[_OUTPUTS[1]] != [len(self.labels)]:
            raise NoModel(f"{file.name} has other inputs, outputs or labels than are needed")
        self.side: int = inputs[_INPUT][1]

    def see(self, pixels: Array) -> tuple[Array, Array]:
        """Return vectors, (pictures, dimensions), and probabilities, (labels,), of uint8 (pictures, side, side, 3)."""
        # One by one: together they are no faster, and take 20 MiB more.
        seen = [self._session.run(_OUTPUTS, {_INPUT: one[None]}) for one in pixels]
        return np.concatenate([embedding for embedding, _ in seen]), seen[0][1]


def _open(file: Path) -> Any:  # noqa: ANN401 - ONNX Runtime has no types
    options = _runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _SILENT
    try:
        return _runtime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own exceptions have no common base
        raise NoModel(f"{file.name} is no model: {error}") from error
