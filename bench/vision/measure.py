"""Seeing: copies found again, likes found, different photographs told apart, and what a picture costs."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingTypeStubs] - it has none

from bench.figures import Figure, Goal, Section, figure, ratio
from bench.vision import hands, pairs, seen
from bench.vision.pictures import Picture, listed, pictures
from bowerbird.adapters.vision.decode import decode
from bowerbird.adapters.vision.network import Network
from bowerbird.adapters.vision.views import views
from bowerbird.ports.embedder import WHOLE
from tools.model.convert import convert, precise
from tools.model.graph import SIDE

Array = np.ndarray[Any, Any]
_runtime: Any = onnxruntime

LEAST: Final = {
    "JPEG of quality 40": 100,
    "a quarter of its sides": 94,
    "framed as a screenshot": 96,
    "a bar of text": 98,
    "cropped to 40-70 %": 98,
    "cropped to 20 %": 90,
}
"""What was measured elsewhere on other pictures, by the same model; of the last, what was asked."""
PRECISION_LEAST: Final = 0.42
REPEATS: Final = 5
TURNS: Final = 40

HOW: Final = (
    "{count} pictures of {packages} Debian packages, none of which the model was measured on: {kinds}; packages, "
    "licences and categories are in `bench/vision/catalogue.toml`. Each is made into its 736 rendition and kept as six "
    "vectors; a question is two of them. "
    "*Found*: of all pictures the one that a copy was made of has the nearest vector. *Precision*: which share of the "
    "ten nearest, by whole pictures, is of the picture's category, of {categories}; beside it, a histogram of hue, "
    "saturation and brightness. *Same*: the rule of `ports/likeness.py`, on copies and their originals, and on every "
    "two different pictures. Processor time is of one thread; hands are measured from outside."
)


def measure(_folder: object, _known: object) -> Section:
    """Measure everything."""
    some = pictures()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.onnx"
        file.write_bytes(convert())
        network = Network(file)
        index = seen.indexed(network, some)
        figures = [*_quality(network, some, index), *_speed(network, some)]
        renditions = [each.rendition for each in some]
        parts = [renditions[at : at + TURNS] for at in range(0, REPEATS * TURNS, TURNS)]
        figures += asyncio.run(hands.measure(file, parts))
    kinds = {kind: sum(each.kind == kind for each in some) for kind in sorted({each.kind for each in some})}
    how = HOW.format(
        count=len(some),
        packages=len(listed()),
        kinds=", ".join(f"{count} {kind}" for kind, count in kinds.items()),
        categories=len({each.category for each in some}),
    )
    return Section("Seeing pictures", how, figures)


def _quality(network: Network, some: Sequence[Picture], index: Array) -> list[Figure]:
    originals = [pairs.known(each.rendition) for each in some]
    found: list[Figure] = []
    held: list[Figure] = []
    for name, changed in seen.copies(some).items():
        near = seen.nearness(seen.questions(network, changed), index)
        goal = Goal(least=LEAST[name]) if name in LEAST else None
        found += _shares(f"found, {name}", some, near.argmax(1) == np.arange(len(some)), goal)
        copies = [pairs.known(data) for data in changed]
        same = np.array(pairs.confirmed(originals, copies, near.diagonal()))
        held += _shares(f"same, {name}", some, same, None)
    rows = {"embedding": index[:, 0], "colours alone": seen.colours(some)}
    names = [each.category for each in some]
    for who, each in rows.items():
        goal = Goal(least=PRECISION_LEAST) if who == "embedding" else None
        for kind, value in seen.by_kind(some, seen.precision(each, names), _mean).items():
            found.append(figure(f"precision at 10, {who}, {kind}", "", [value], goal if kind == "all" else None))
    tally, told = pairs.false_pairs(some, originals, index)
    print("\n".join(told))
    return [
        *found,
        *held,
        figure("pairs of different pictures", "", [tally.pairs]),
        figure("of them near enough to count points", "", [tally.near]),
        figure("held to be the same by hash", "", [tally.by_hash], Goal(most=0)),
        figure("held to be the same by points", "", [tally.by_points], Goal(most=0)),
    ]


def _shares(what: str, some: Sequence[Picture], values: Array, goal: Goal | None) -> list[Figure]:
    """Return figures for all, which the goal is for, and for each kind."""
    shares = seen.by_kind(some, values, _mean)
    return [
        figure(f"{what}, {kind}", "%", [100 * share], goal if kind == "all" else None) for kind, share in shares.items()
    ]


def _mean(values: Array) -> float:
    return float(values.mean())


def _speed(network: Network, some: Sequence[Picture]) -> list[Figure]:
    """Compare bytes with 32 bits, one view each."""
    options = _runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    whole = _runtime.InferenceSession(precise().SerializeToString(), options, providers=["CPUExecutionProvider"])
    shown = [views(decode(each.rendition), [WHOLE], SIDE) for each in some[:TURNS]]
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(REPEATS):
        ours.append(_ms(lambda: [network.see(each) for each in shown]))
        theirs.append(_ms(lambda: [whole.run(["embedding", "probabilities"], {"pixels": each}) for each in shown]))
    return [
        figure("one view, bytes", "ms", ours, Goal(most=7.1)),
        figure("one view, 32 bits", "ms", theirs),
        ratio("32 bits, of bytes", theirs, ours),
    ]


def _ms(work: Callable[[], Sequence[object]]) -> float:
    """Return the processor time of each of the things that are done."""
    began = time.process_time()
    count = len(work())
    return (time.process_time() - began) * 1e3 / count
