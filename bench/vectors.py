"""Vectors: a million of them searched exactly and by usearch on files, beside one graph of float32 in memory."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure, Goal, Section, figure, ratio
from bench.vectors_child import ADD_S, ADDS_A_S, BOARDS, LIMIT, QUERIES, Adds, Answers, Asked, peers_pin
from bench.vectors_data import PINS, PRIVATE_PINS, VIEWS, blocks, board_of, boards, pin_id, queries
from bowerbird.base.ids import Id
from bowerbird.ports.vectors import DIMENSIONS, VIEWS_MAX

HERE: Final = Path(__file__).parent.parent
REPEATS: Final = 3

HOW: Final = (
    f"{VIEWS:,} public vectors, {VIEWS_MAX} of each of {PINS:,} pins, and {PRIVATE_PINS * VIEWS_MAX:,} private ones, "
    f"drawn around 2,000 centres as bench/vectors_data.py tells. {QUERIES:,} searches for {LIMIT} pins, one after "
    f"another: among what is public, and `with private boards`, {BOARDS} of them, searched exactly beside. Recall: of "
    "the ten best pins by float32, how many are found. Memory: PSS after the searches less that before the index was "
    "opened, what is mapped and was touched included. `float32`: usearch in memory with its own settings, all public "
    "views, no visibility. `adds`: pictures of six views, put by a second process as fast as they go, then "
    f"{ADDS_A_S} a second for {ADD_S} s while searches go on and graphs grow."
)
FLOAT_BYTES: Final = (VIEWS + PRIVATE_PINS * VIEWS_MAX) * DIMENSIONS * 4

Answer = TypeVar("Answer")
Best = NDArray[np.int64]
"""Shape (QUERIES, LIMIT): pins by number."""


def measure(folder: Path, _known: object) -> Section:
    """Fill what is not there yet, and measure."""
    folder = folder / "vectors"
    folder.mkdir(exist_ok=True)
    root, peer = folder / "ours", folder / "float32"
    _child("fill", root, int)
    subprocess.run([sys.executable, "-m", "bench.peers.float_graph", peer], cwd=HERE, check=True)
    public, filtered = truth(folder)
    ours, peers = list[Answers](), list[Answers]()
    for _ in range(REPEATS):
        ours.append(_child("ask", root, Answers))
        peers.append(_child("peer", peer, Answers))
    adds, beside = _beside(root, folder / "added")
    good, p99 = Goal(least=0.95), Goal(most=60)
    figures = [
        figure("recall@10", "", [_recall(one.public, public, pin_id) for one in ours], good),
        figure(
            "recall@10, with private boards",
            "",
            [_recall(one.filtered, filtered, pin_id) for one in ours],
            Goal(least=0.95),
        ),
        figure("float32: recall@10", "", [_recall(one.public, public, peers_pin) for one in peers]),
        *_times("search", [one.public for one in ours], p99),
        *_times("search with private boards", [one.filtered for one in ours], p99),
        *_times("float32: search", [one.public for one in peers], None),
        figure("memory", "MiB", [one.mib for one in ours]),
        figure("float32: memory", "MiB", [one.mib for one in peers]),
        ratio("memory, of float32's", [one.mib for one in ours], [one.mib for one in peers], Goal(most=0.3)),
        figure("open", "ms", [one.open_ms for one in ours]),
        figure("adds, as fast as they go", "pictures/s", [adds.most]),
        figure("adds, beside searches", "pictures/s", [adds.steady], Goal(least=ADDS_A_S * 0.99)),
        figure("add, beside searches: p99", "ms", [_p99(adds.put_ms)]),
        *_times("search, beside adds and growing graphs", [beside.filtered], p99),
        figure("graphs grown meanwhile", "", [adds.grown]),
        figure("writer at rest: memory", "MiB", [adds.rest_mib]),
        figure("writer growing a graph: peak of its process", "MiB", [adds.peak_mib]),
        figure(
            "on the disk, of the vectors in float32",
            "x",
            [_disk(root) / FLOAT_BYTES],
        ),
    ]
    return Section("A million vectors", HOW, figures)


def truth(folder: Path) -> tuple[Best, Best]:
    """Return the best public pins of each query, and the best of those and the asker's; reckoned once."""
    kept = folder / "truth.npz"
    if not kept.exists():
        public, filtered = _exact()
        np.savez(kept, public=public, filtered=filtered)
    found = np.load(kept)
    return found["public"], found["filtered"]


def _exact() -> tuple[Best, Best]:
    """Search one by one, a block at a time."""
    asked, mine = queries(QUERIES), {*boards(BOARDS)}
    ends = {one: _Best() for one in ("public", "filtered")}
    for first, vectors in blocks():
        pins = np.arange(first, first + len(vectors) // VIEWS_MAX)
        cosines = (asked @ vectors.T).reshape(len(asked), -1, VIEWS_MAX).max(axis=2)
        if first < PINS:
            ends["public"].take(pins, cosines)
            ends["filtered"].take(pins, cosines)
        else:
            seen = np.array([board_of(int(pin)) in mine for pin in pins])
            ends["filtered"].take(pins[seen], cosines[:, seen])
    return ends["public"].pins, ends["filtered"].pins


class _Best:
    """The best pins of each query among those taken."""

    def __init__(self) -> None:
        self.pins: Best = np.zeros((QUERIES, 0), np.int64)
        self._cosines: NDArray[np.float32] = np.zeros((QUERIES, 0), np.float32)

    def take(self, pins: NDArray[np.int64], cosines: NDArray[np.float32]) -> None:
        """Take some pins, shape (pins,), with their cosines, shape (QUERIES, pins)."""
        every = np.concatenate([self._cosines, cosines], axis=1)
        names = np.concatenate([self.pins, np.broadcast_to(pins, cosines.shape)], axis=1)
        order = np.argsort(-every, axis=1)[:, :LIMIT]
        self._cosines = np.take_along_axis(every, order, axis=1)
        self.pins = np.take_along_axis(names, order, axis=1)


def _recall(asked: Asked, best: Best, name: Callable[[int], Id]) -> float:
    """Return how many of the best pins were found, of all."""
    pairs = zip(asked.found, best.tolist(), strict=True)
    return sum(len({*found} & {bytes(name(pin)) for pin in row}) for found, row in pairs) / best.size


def _beside(root: Path, copy: Path) -> tuple[Adds, Answers]:
    """Search while another process adds, in a copy."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy)
    try:
        return _searched_beside(copy)
    finally:
        shutil.rmtree(copy)


def _searched_beside(root: Path) -> tuple[Adds, Answers]:
    adding = subprocess.Popen(_argv("add", root), cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert adding.stdout is not None
    assert adding.stderr is not None
    for line in adding.stderr:
        if line.strip() == "steady":
            break
    answers = _child("ask", root, Answers)
    said, failed = adding.communicate()
    assert adding.returncode == 0, failed
    return msgspec.json.decode(said, type=Adds), answers


def _child(doing: str, folder: Path, kind: type[Answer]) -> Answer:
    done = subprocess.run(_argv(doing, folder), cwd=HERE, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=kind)


def _argv(doing: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "bench.vectors_child", doing, str(folder)]


def _times(name: str, asked: list[Asked], goal: Goal | None) -> list[Figure]:
    return [
        figure(f"{name}: p50", "ms", [float(np.percentile(one.ms, 50)) for one in asked]),
        figure(f"{name}: p99", "ms", [_p99(one.ms) for one in asked], goal),
        figure(f"{name}: CPU, mean", "ms", [float(np.mean(one.cpu_ms)) for one in asked]),
        figure(f"{name}: CPU, p99", "ms", [_p99(one.cpu_ms) for one in asked]),
    ]


def _p99(values: list[float]) -> float:
    return float(np.percentile(values, 99))


def _disk(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))
