"""What docs/performance.md shows of bench/results, in Markdown."""

from pathlib import Path
from typing import Final

from bench.figures import Run, as_goals, as_markdown, read

RESULTS: Final = Path(__file__).parent / "results"
CHAPTERS: Final = (
    *("pages", "saves", "mix", "overload", "fanout", "million", "photos", "calls", "rest"),
    *("search", "vision", "vectors", "walks", "recommend"),
)
"""Scenarios in the order in which they are shown."""


def goals() -> str:
    """Return every figure that has a goal, the shortfalls first."""
    return as_goals(_runs())


def chapters() -> str:
    """Return every scenario's figures."""
    return "\n".join(as_markdown(run) for run in _runs())


def _runs() -> list[Run]:
    return read(RESULTS, CHAPTERS)
