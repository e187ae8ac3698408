"""Builds the network as an ONNX graph, EfficientNet-Lite0, from its weights.

Input `pixels`: uint8, (pictures, 224, 224, 3), red, green, blue. Outputs: `embedding`, float32, (pictures, 320), of
length one with the mean off; and `probabilities`, float32, (1000,), of the first picture alone, since nobody asks for
those of the others.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from tools.model.weights import Tensors

SIDE: Final = 224
DIMENSIONS: Final = 320
OPSET: Final = 17
_IR: Final = 8
_EPSILON: Final = 1e-3
_CEILING: Final = 6.0
_MIDDLE: Final = 127.0
_HALF: Final = 128.0
"""With these two a byte is brought between -1 and 1, as it was when the network was trained."""


class Stage(NamedTuple):
    """Blocks alike: how many, the kernel's side, the first one's stride, and by how much each widens."""

    repeats: int
    kernel: int
    stride: int
    expansion: int


STAGES: Final = (
    Stage(1, 3, 1, 1),
    Stage(2, 3, 2, 6),
    Stage(2, 5, 2, 6),
    Stage(3, 3, 2, 6),
    Stage(3, 5, 1, 6),
    Stage(4, 5, 2, 6),
    Stage(1, 3, 1, 6),
)


class Network:
    """A graph in the making: each method adds nodes and returns the name of what comes out."""

    def __init__(self, weights: Tensors) -> None:
        self._weights = weights
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, kind: str, inputs: Sequence[str], name: str, **attributes: Any) -> str:  # noqa: ANN401 - a node's own attributes
        """Add a node, whose output bears its name."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    def constant(self, name: str, values: np.ndarray | np.floating) -> str:
        """Add numbers."""
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def normalised(self) -> str:
        """Bring bytes to numbers around nought, channels first."""
        numbers = self.add("Cast", ["pixels"], "cast", to=TensorProto.FLOAT)
        middle = self.constant("middle", np.float32(_MIDDLE))
        half = self.constant("half", np.float32(_HALF))
        scaled = self.add("Div", [self.add("Sub", [numbers, middle], "moved"), half], "scaled")
        return self.add("Transpose", [scaled], "channels_first", perm=[0, 3, 1, 2])

    def conv(self, source: str, name: str, norm: str, stride: int = 1, *, capped: bool = True) -> str:
        """Add a convolution with the batch normalisation behind it folded in; `capped` between 0 and 6."""
        weight = self._weights[f"{name}.weight"]
        scale = self._weights[f"{norm}.weight"] / np.sqrt(self._weights[f"{norm}.running_var"] + _EPSILON)
        bias = self._weights[f"{norm}.bias"] - self._weights[f"{norm}.running_mean"] * scale
        inputs = [
            source,
            self.constant(f"{name}.weight", weight * scale[:, None, None, None]),
            self.constant(f"{name}.bias", bias),
        ]
        depthwise = weight.shape[1] == 1
        out = self.add(
            "Conv",
            inputs,
            f"{name}.out",
            kernel_shape=weight.shape[2:],
            strides=[stride, stride],
            group=weight.shape[0] if depthwise else 1,
            auto_pad="SAME_UPPER",
        )
        return self._capped(out, name) if capped else out

    def block(self, source: str, number: int, stride: int, expansion: int) -> str:
        """Add a block: widen, look around, narrow; and add what came in where the shape stayed."""
        name = f"_blocks.{number}"
        out = source
        if expansion > 1:
            out = self.conv(out, f"{name}._expand_conv", f"{name}._bn0")
        out = self.conv(out, f"{name}._depthwise_conv", f"{name}._bn1", stride)
        out = self.conv(out, f"{name}._project_conv", f"{name}._bn2", capped=False)
        width_in = self._width(name, "expand" if expansion > 1 else "depthwise")
        width_out = self._weights[f"{name}._project_conv.weight"].shape[0]
        if stride == 1 and width_in == width_out:
            return self.add("Add", [source, out], f"{name}.sum")
        return out

    def embedding(self, features: str, mean: np.ndarray) -> str:
        """Average over the picture, then length one, mean off, and length one again."""
        average = self.add("ReduceMean", [features], "average", axes=[2, 3], keepdims=0)
        unit = self.add("LpNormalization", [average], "unit", axis=1, p=2)
        centred = self.add("Sub", [unit, self.constant("mean", mean.astype(np.float32))], "centred")
        return self.add("LpNormalization", [centred], "embedding", axis=1, p=2)

    def probabilities(self, features: str) -> str:
        """Classify the first picture."""
        bounds = [self.constant(name, np.array([value])) for name, value in (("first", 0), ("second", 1))]
        out = self.conv(self.add("Slice", [features, *bounds], "of_the_first"), "_conv_head", "_bn1")
        average = self.add("ReduceMean", [out], "head_average", axes=[2, 3], keepdims=0)
        weight = self.constant("_fc.weight", self._weights["_fc.weight"])
        bias = self.constant("_fc.bias", self._weights["_fc.bias"])
        scores = self.add("Gemm", [average, weight, bias], "scores", transB=1)
        row = self.add("Softmax", [scores], "row", axis=1)
        return self.add("Squeeze", [row, self.constant("rows", np.array([0]))], "probabilities")

    def _capped(self, source: str, name: str) -> str:
        if not any(each.name == "floor" for each in self.constants):
            self.constant("floor", np.float32(0))
            self.constant("ceiling", np.float32(_CEILING))
        return self.add("Clip", [source, "floor", "ceiling"], f"{name}.capped")

    def _width(self, block: str, first: str) -> int:
        """Return how many channels come into a block."""
        shape = self._weights[f"{block}._{first}_conv.weight"].shape
        return shape[1] if first == "expand" else shape[0]


def build(weights: Tensors, mean: np.ndarray) -> ModelProto:
    """Return the network as a checked model."""
    network = Network(weights)
    out = network.conv(network.normalised(), "_conv_stem", "_bn0", stride=2)
    number = 0
    for stage in STAGES:
        for repeat in range(stage.repeats):
            out = network.block(out, number, 1 if repeat else stage.stride, stage.expansion)
            number += 1
    outputs = {network.embedding(out, mean): ["pictures", DIMENSIONS], network.probabilities(out): [1000]}
    graph = helper.make_graph(
        network.nodes,
        "efficientnet-lite0",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["pictures", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        network.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=_IR)
    checker.check_model(model, full_check=True)  # pyright: ignore[reportUnknownMemberType] - no types
    return model
