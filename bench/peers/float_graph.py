"""What vectors are held against: one usearch index of float32 in memory, with usearch's own settings."""

import sys
from pathlib import Path
from typing import Final

import numpy as np
from usearch.index import Index

from bench.vectors_data import VIEWS, block
from bowerbird.ports.vectors import DIMENSIONS, VIEWS_MAX

BLOCKS_A_SAVE: Final = 4


def opened(path: Path) -> Index:
    """Return the index in memory, as far as it is made."""
    index = Index(ndim=DIMENSIONS, metric="cos", dtype="f32")
    if path.exists():
        index.load(path)
    return index


def make(path: Path) -> Index:
    """Make the index, or what of it an earlier call has not made, and keep it."""
    index = opened(path)
    while len(index) < VIEWS:
        for _ in range(BLOCKS_A_SAVE):
            if len(index) < VIEWS:
                first = len(index)
                vectors = block(first // VIEWS_MAX)
                index.add(np.arange(first, first + len(vectors), dtype=np.uint64), vectors, threads=2)
        temporary = path.with_suffix(".new")
        index.save(temporary)
        temporary.replace(path)
    return index


if __name__ == "__main__":
    make(Path(sys.argv[1]))
