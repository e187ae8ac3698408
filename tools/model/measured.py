"""What was measured on pictures: the file `measured.json`, which conversion needs and `measure.py` writes."""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

FILE: Final = Path(__file__).with_suffix(".json")


class Measured(Struct, frozen=True, kw_only=True):
    """`pictures`: of which, how many. `ranges`: the least and the most of every activation. `mean`: of the vectors."""

    pictures: dict[str, int]
    ranges: dict[str, tuple[float, float]]
    mean: list[float]


def load() -> Measured:
    """Return what was measured."""
    return msgspec.json.decode(FILE.read_bytes(), type=Measured)


def save(measured: Measured) -> None:
    """Write it, a range a line."""
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=1) + b"\n")
