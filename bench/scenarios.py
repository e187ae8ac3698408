"""Every scenario by name."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench import calls, fanout, idle, million, mix, overload, pages, photos, saves, searching, vectors, walks
from bench.data import Known
from bench.figures import Section
from bench.recommend import quality
from bench.report import CHAPTERS
from bench.vision import measure as vision

Scenario = Callable[[Path, Known], Section]

SCENARIOS: Final[dict[str, Scenario]] = {
    "photos": photos.measure,
    "calls": calls.measure,
    "rest": idle.measure,
    "pages": pages.measure,
    "fanout": fanout.measure,
    "saves": saves.measure,
    "mix": mix.measure,
    "overload": overload.measure,
    "million": million.measure,
    "search": searching.measure,
    "vision": vision.measure,
    "vectors": vectors.measure,
    "walks": walks.measure,
    "recommend": quality.measure,
}
"""In an order in which none finds what an earlier one has left behind in its way."""

LONG: Final = ("million", "search", "vision", "vectors", "walks", "recommend")
"""Those that are measured only when they are named."""

assert {*SCENARIOS} == {*CHAPTERS}, "every scenario is shown"
