"""Figures: what was measured, several times each, and how a run is written down."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct

from bench.machine import Machine


class Figure(Struct, frozen=True):
    """Something measured `repeats` times."""

    what: str
    unit: str
    median: float
    least: float
    most: float
    repeats: int


class Section(Struct, frozen=True):
    """The figures of a scenario, and in a sentence how they came about."""

    title: str
    how: str
    figures: list[Figure]


class Run(Struct, frozen=True):
    """A whole run: when, of which commit, on which machine."""

    at: str
    commit: str
    machine: Machine
    sections: list[Section]


def figure(what: str, unit: str, values: Sequence[float]) -> Figure:
    """Return a figure of values that were measured alike."""
    return Figure(what, unit, median(values), min(values), max(values), len(values))


def ratio(what: str, values: Sequence[float], beside: Sequence[float]) -> Figure:
    """Return how much values are of those measured beside them, each pair right after one another."""
    return figure(what, "x", [value / other for value, other in zip(values, beside, strict=True)])


def as_markdown(run: Run) -> str:
    """Return a run as a page."""
    machine = run.machine
    lines = [
        "# Measured",
        "",
        (
            f"{run.at}, commit `{run.commit}`. {machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB; "
            f"{machine.system}; Python {machine.python}; load average before the run {machine.load}. "
            "Medians with least and most; repeats interleaved. Written by `make bench`."
        ),
    ]
    for section in run.sections:
        lines += ["", f"## {section.title}", section.how, ""]
        lines += ["| figure | median | least to most | repeats |", "|---|---:|---:|---:|"]
        lines += [_row(one) for one in section.figures]
    return "\n".join(lines) + "\n"


def write(run: Run, folder: Path) -> None:
    """Write a run as JSON and as a page."""
    folder.mkdir(exist_ok=True)
    data = msgspec.json.format(msgspec.json.encode(run), indent=1)
    (folder / "latest.json").write_bytes(data + b"\n")
    (folder / "latest.md").write_text(as_markdown(run))


def _row(one: Figure) -> str:
    unit = "" if one.unit == "x" else f" {one.unit}"
    least, most = _number(one.least), _number(one.most)
    return (
        f"| {one.what} | {_number(one.median)}{'x' if one.unit == 'x' else unit} | {least} to {most} | {one.repeats} |"
    )


def _number(value: float) -> str:
    if value >= 100:  # noqa: PLR2004 - three digits say enough
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004 - as above
