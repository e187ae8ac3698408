"""The model that set-up makes: the same bytes each time, as good as the network it is made of, from nothing hostile."""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingTypeStubs] - it has none
import pytest
from PIL import Image
from typing_extensions import override

from bowerbird.adapters.vision.views import views
from bowerbird.ports.embedder import WHOLE
from tests.support.hostile_pictures import scene
from tests.support.seen_pictures import KNOWN, cluttered
from tests.support.vision_hands import model_bytes, network
from tools.model import labels, measured
from tools.model.convert import convert, precise
from tools.model.graph import SIDE, build
from tools.model.quantize import measured_names, quantized
from tools.model.weights import NotRead, installed, read

Array = np.ndarray[Any, Any]
runtime: Any = onnxruntime


@pytest.fixture(scope="module")
def trained() -> Any:  # noqa: ANN401 - ONNX Runtime has no types
    return runtime.InferenceSession(precise().SerializeToString(), providers=["CPUExecutionProvider"])


def as_trained(image: Image.Image) -> Array:
    """Prepare a picture by the book: Pillow's bicubic, which is what the network was measured with."""
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC))[None]


def examples() -> list[Image.Image]:
    return [draw() for _, draw in KNOWN.values()] + [cluttered(640, 480, seed) for seed in range(4)]


def test_the_same_bytes_come_out_each_time() -> None:
    assert convert() == model_bytes()


def test_a_known_picture_has_its_label_in_full_precision(trained: Any) -> None:  # noqa: ANN401 - as above
    names = labels.load()
    for name, (number, draw) in KNOWN.items():
        probabilities = trained.run(["probabilities"], {"pixels": as_trained(draw())})[0]
        assert probabilities.sum() == pytest.approx(1, abs=1e-4)
        assert (names[number], int(probabilities.argmax())) == (name, number)
        assert probabilities[number] > 0.3


def test_bytes_see_what_full_precision_sees(trained: Any) -> None:  # noqa: ANN401 - as above
    """Prepared by OpenCV and with bytes for numbers, against Pillow's bicubic and 32 bits."""
    for image in examples():
        exact, probable = trained.run(["embedding", "probabilities"], {"pixels": as_trained(image)})
        rows, probabilities = network().see(views(np.asarray(image), [WHOLE], SIDE))
        assert float(exact[0] @ rows[0]) > 0.96
        assert np.abs(probabilities - probable).max() < 0.25


def test_numbers_beyond_what_was_measured_do_not_break_it() -> None:
    for pixels in (np.zeros((1, SIDE, SIDE, 3), np.uint8), np.full((1, SIDE, SIDE, 3), 255, np.uint8)):
        rows, probabilities = network().see(pixels)
        assert np.isfinite(rows).all()
        assert np.isfinite(probabilities).all()


def test_the_mean_is_taken_off_behind_length_one(trained: Any) -> None:  # noqa: ANN401 - as above
    mean = np.array(measured.load().mean)
    raw = runtime.InferenceSession(
        build(read(installed()), np.zeros_like(mean)).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    pixels = as_trained(scene(300, 200))
    (unit,), (centred,) = (each.run(["embedding"], {"pixels": pixels})[0] for each in (raw, trained))
    assert np.linalg.norm(unit) == pytest.approx(1, abs=1e-5)
    assert centred == pytest.approx((unit - mean) / np.linalg.norm(unit - mean), abs=1e-5)


def test_every_activation_has_a_range_that_was_measured() -> None:
    known = measured.load()
    assert set(known.ranges) == set(measured_names(precise()))
    assert sum(known.pictures.values()) > 300
    short = dict(known.ranges)
    del short["_conv_stem.capped"]
    with pytest.raises(KeyError):
        quantized(precise(), short)


def test_there_is_a_name_for_each_class() -> None:
    names = labels.load()
    assert len(names) == len(set(names)) == 1000
    assert (names[0], names[409], names[999]) == ("tench", "analog clock", "toilet tissue")


class Hostile:
    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("a pickle may run anything",))


@pytest.mark.parametrize("tensors", [Hostile(), OrderedDict[str, object](x=Hostile())])
def test_a_file_that_asks_for_more_is_not_read(tensors: object, tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    parts: list[object] = [0x1950A86A20F9469CFC6C, 1001, "the machine", tensors, "no storages"]
    file.write_bytes(b"".join(pickle.dumps(each, 2) for each in parts))
    with pytest.raises(NotRead, match="asks for"):
        read(file)


def test_a_file_that_is_cut_off_or_of_another_kind_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    whole = installed().read_bytes()
    for data in (b"", b"PK\3\4" + bytes(100), whole[:20_000], whole[:1_000_000]):
        file.write_bytes(data)
        with pytest.raises(NotRead):
            read(file)
