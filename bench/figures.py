"""Figures: what was measured, several times each, against which goal, and how a run is written down."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct

from bench.machine import Machine


class Goal(Struct, frozen=True):
    """What a figure is to reach: at least so much, or at most."""

    least: float | None = None
    most: float | None = None

    def met_by(self, value: float) -> bool:
        """Say whether a value will do."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


class Figure(Struct, frozen=True):
    """Something measured `repeats` times."""

    what: str
    unit: str
    median: float
    least: float
    most: float
    repeats: int
    goal: Goal | None = None


class Section(Struct, frozen=True):
    """The figures of a scenario, and in a sentence how they came about."""

    title: str
    how: str
    figures: list[Figure]


class Run(Struct, frozen=True):
    """A scenario's run: when, of which commit, on which machine."""

    at: str
    commit: str
    machine: Machine
    section: Section


def figure(what: str, unit: str, values: Sequence[float], goal: Goal | None = None) -> Figure:
    """Return a figure of values that were measured alike."""
    return Figure(what, unit, median(values), min(values), max(values), len(values), goal)


def ratio(what: str, values: Sequence[float], beside: Sequence[float], goal: Goal | None = None) -> Figure:
    """Return how much values are of those measured beside them, each pair right after one another."""
    return figure(what, "x", [value / other for value, other in zip(values, beside, strict=True)], goal)


def as_markdown(run: Run) -> str:
    """Return a run as a chapter."""
    machine, section = run.machine, run.section
    lines = [
        f"## {section.title}",
        "",
        section.how,
        "",
        (
            f"{run.at}, commit `{run.commit}`. {machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB; "
            f"{machine.system}; Python {machine.python}; load average before the run {machine.load}."
        ),
        "",
        "| figure | median | least to most | repeats | goal |",
        "|---|---:|---:|---:|---:|",
    ]
    return "\n".join([*lines, *map(_row, section.figures)]) + "\n"


def as_goals(runs: Sequence[Run]) -> str:
    """Return what has a goal, of all runs, the shortfalls first."""
    found = [(run.section.title, one) for run in runs for one in run.section.figures if one.goal is not None]
    found.sort(key=lambda pair: pair[1].goal is not None and pair[1].goal.met_by(pair[1].median))
    lines = ["| scenario | figure | goal | measured | |", "|---|---|---:|---:|---|"]
    for title, one in found:
        met = one.goal is not None and one.goal.met_by(one.median)
        lines.append(f"| {title} | {one.what} | {_goal(one)} | {_with_unit(one)} | {'met' if met else '**not met**'} |")
    return "\n".join(lines) + "\n"


def write(run: Run, folder: Path, name: str) -> None:
    """Write a run as JSON."""
    folder.mkdir(exist_ok=True)
    data = msgspec.json.format(msgspec.json.encode(run), indent=1)
    (folder / f"{name}.json").write_bytes(data + b"\n")


def read(folder: Path, names: Sequence[str]) -> list[Run]:
    """Return those of some runs that were written."""
    files = [folder / f"{name}.json" for name in names]
    return [msgspec.json.decode(file.read_bytes(), type=Run) for file in files if file.exists()]


def _row(one: Figure) -> str:
    between = f"{_number(one.least)} to {_number(one.most)}"
    return f"| {one.what} | {_with_unit(one)} | {between} | {one.repeats} | {_goal(one)} |"


def _with_unit(one: Figure) -> str:
    return f"{_number(one.median)}{'x' if one.unit == 'x' else f' {one.unit}'}"


def _goal(one: Figure) -> str:
    if one.goal is None:
        return ""
    least = "" if one.goal.least is None else f"≥ {_number(one.goal.least)}"
    return least or ("" if one.goal.most is None else f"≤ {_number(one.goal.most)}")


def _number(value: float) -> str:
    if value >= 100:  # noqa: PLR2004 - three digits say enough
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004 - as above
