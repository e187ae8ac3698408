"""Makes a network's numbers bytes: activations by ranges that were measured, weights by channel.

The ranges are in a file (`measure.py` makes it), so that nobody needs pictures to set Bowerbird up.
"""

from typing import Any, Final

import numpy as np
from onnx import ModelProto
from onnxruntime.quantization import (  # pyright: ignore[reportMissingTypeStubs] - it has none
    calibrate,
    qdq_quantizer,
    quant_utils,
)

QUANTIZED: Final = ("Conv", "Clip", "Add", "Gemm")
"""Kinds of nodes that compute with bytes; what makes the vector and the probabilities at the end does not."""

Ranges = dict[str, tuple[float, float]]

# Of unknown types.
_ranges: Any = calibrate
_quantizer: Any = qdq_quantizer
_kinds: Any = quant_utils.QuantType


def measured_names(model: ModelProto) -> list[str]:
    """Return the names of the activations whose ranges are needed."""
    made = {name for node in model.graph.node for name in node.output}
    used = [node for node in model.graph.node if node.op_type in QUANTIZED]
    return sorted({name for node in used for name in (*node.input, *node.output) if name in made})


def quantized(model: ModelProto, ranges: Ranges) -> ModelProto:
    """Return the network with bytes in it. KeyError when a range is missing."""
    known = {name: tuple(map(np.float32, ranges[name])) for name in measured_names(model)}
    copy = ModelProto()
    copy.CopyFrom(model)
    quantizer = _quantizer.QDQQuantizer(
        copy,
        per_channel=True,
        reduce_range=False,
        weight_qType=_kinds.QInt8,
        activation_qType=_kinds.QUInt8,
        tensors_range=_ranges.TensorsData(_ranges.CalibrationMethod.MinMax, known),
        nodes_to_quantize=[],
        nodes_to_exclude=[],
        op_types_to_quantize=list(QUANTIZED),
        extra_options={},
    )
    quantizer.quantize_model()
    return quantizer.model.model
