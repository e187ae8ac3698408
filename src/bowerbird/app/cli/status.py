"""`bowerbird status`: whether the server runs, how far each consumer group is behind, how fast saves reach feeds."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import click
from msgspec.structs import asdict
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from bowerbird.app import announced
from bowerbird.app.announced import Tree
from bowerbird.app.cli.root import Shared, data_option
from bowerbird.app.folder import Folder
from bowerbird.app.sections import Settings
from bowerbird.app.visit import visit
from bowerbird.base.telemetry import render_metrics
from bowerbird.ports.log import Lag
from bowerbird.ports.records import EngineUnavailable

_DELAY = "bowerbird_consumer_delay_seconds_bucket"
_STARTS = "bowerbird_process_starts_total"
_CONFINEMENT = "bowerbird_hand_confinement"
_PARKED_SHOWN_MAX = 1000


@click.command()
@data_option
@click.pass_obj
def status(shared: Shared, data: str | None) -> None:
    """Show how the server is.

    How far behind each consumer group is, within which time half and 99 % of its events were handled since the start,
    how the hands that touch strangers' bytes are confined, and what had to be started again.

    Exits with 1 when the server does not run, or does not answer.
    """
    settings = shared.settings({"storage.data": data})
    folder = Folder(settings.storage.data)
    running = folder.is_taken()
    tree = announced.read(folder)
    lags: list[Lag] = []
    parked, trouble = 0, None
    if folder.path.is_dir():
        try:
            lags, parked = asyncio.run(_asked(settings))
        except EngineUnavailable as error:
            trouble = str(error)
    samples = _samples(folder) if tree else []
    delays = _delays(samples)
    found: dict[str, Any] = {
        "running": running,
        "address": tree.address if tree else None,
        "trouble": trouble,
        "processes": [asdict(process) for process in announced.processes(folder)],
        "groups": [_group(lag, delays.get(lag.group, {})) for lag in lags],
        "parked": parked,
        "hands": _hands(samples),
        "starts": {s.labels["process"]: int(s.value) for s in samples if s.name == _STARTS},
    }
    shared.say(found, "\n".join(_lines(tree, found)))
    if tree is None or trouble:
        raise click.exceptions.Exit(1)


async def _asked(settings: Settings) -> tuple[list[Lag], int]:
    """Return how far behind each group is, and how many events are parked. EngineUnavailable."""
    async with visit(settings) as here:
        log = here.engines.log
        return await log.lag(), len(await log.parked(None, _PARKED_SHOWN_MAX))


def _group(lag: Lag, delays: dict[str, float | None]) -> dict[str, Any]:
    oldest_s = round(lag.oldest_us / 1e6, 3)
    return {"group": lag.group, "topic": lag.topic, "waiting": lag.records, "oldest_s": oldest_s, **delays}


def _samples(folder: Folder) -> list[Sample]:
    families = text_string_to_metric_families(render_metrics(folder.metrics).decode())
    return [sample for family in families for sample in family.samples]


def _hands(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """Return, for each pool of hands that was ever used, which layers confine it and which are missing."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"applied": [], "missing": []})
    for sample in samples:
        if sample.name == _CONFINEMENT:
            found[sample.labels["hands"]][sample.labels["state"]].append(sample.labels["layer"])
    return [{"hands": name, **layers} for name, layers in sorted(found.items())]


def _delays(samples: Sequence[Sample]) -> dict[str, dict[str, float | None]]:
    """Return, for each group, within which time half and nearly all events were handled after their commit."""
    counts: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for sample in samples:
        if sample.name == _DELAY:
            counts[sample.labels["group"]].append((float(sample.labels["le"]), sample.value))
    return {group: {"p50_s": _quantile(b, 0.5), "p99_s": _quantile(b, 0.99)} for group, b in counts.items()}


def _quantile(buckets: list[tuple[float, float]], share: float) -> float | None:
    """Return the bound of the bucket in which the share lies; None where that is the last, which has none."""
    *bounded, (_, total) = buckets
    return next((bound for bound, count in bounded if count >= share * total), None)


def _lines(tree: Tree | None, found: dict[str, Any]) -> list[str]:
    return [
        _first_line(tree, found),
        *([f"  Trouble: {found['trouble']}"] if found["trouble"] else []),
        *map(_process_line, found["processes"]),
        *map(_group_line, found["groups"]),
        *map(_hands_line, found["hands"]),
        *(f"  {name} was started {count} times." for name, count in found["starts"].items() if count > 1),
        *([f"  {found['parked']} events are parked; `bowerbird log parked` shows them."] if found["parked"] else []),
    ]


def _first_line(tree: Tree | None, found: dict[str, Any]) -> str:
    if tree is not None:
        return f"Running at {tree.address}, process {tree.pid}."
    return "Starting or stopping: the data folder is taken." if found["running"] else "Not running."


def _process_line(process: dict[str, Any]) -> str:
    return f"  {process['name']:<10} {process['state']:>8}, process {process['pid']}"


def _group_line(group: dict[str, Any]) -> str:
    line = f"  {group['group']:<10} {group['waiting']:>7} waiting, oldest {group['oldest_s']} s"
    if "p50_s" not in group:
        return line
    return f"{line}, handled within {_seconds(group['p50_s'])} (half) and {_seconds(group['p99_s'])} (99 %)"


def _seconds(bound: float | None) -> str:
    return "longer than is counted" if bound is None else f"{bound} s"


def _hands_line(hands: dict[str, Any]) -> str:
    line = f"  {hands['hands']}: confined by {len(hands['applied'])} layers"
    return f"{line}; missing: {', '.join(hands['missing'])}" if hands["missing"] else line
