"""`bowerbird status`: whether the server runs, how far each consumer group is behind, how fast saves reach feeds."""

import asyncio
import os
from typing import Any

import click
from prometheus_client.parser import text_string_to_metric_families

from bowerbird.app.cli.root import Shared
from bowerbird.app.folder import Folder
from bowerbird.app.sections import Settings
from bowerbird.app.tree import Tree, read_tree
from bowerbird.app.visit import visit
from bowerbird.base.telemetry import SHARED_METRICS, render_metrics

_DELAY = "bowerbird_consumer_delay_seconds"
_PARKED_SHOWN_MAX = 1000


@click.command()
@click.pass_obj
def status(shared: Shared) -> None:
    """Show how the server is.

    Exits with 1 when it does not run.
    """
    settings = shared.settings()
    folder = Folder(settings.storage.data)
    running = folder.is_taken()
    data: dict[str, Any] = {"groups": [], "parked": 0}
    if folder.path.is_dir():
        data = asyncio.run(_status(settings, folder))
    tree = read_tree(folder) if running else None
    shared.say({"running": running, "address": tree.address if tree else None, **data}, _text(tree, data))
    if not running:
        raise click.exceptions.Exit(1)


async def _status(settings: Settings, folder: Folder) -> dict[str, Any]:
    delays = _delays(folder)
    async with visit(settings) as here:
        lags = await here.engines.log.lag()
        parked = await here.engines.log.parked(None, _PARKED_SHOWN_MAX)
    groups = [
        {
            "group": lag.group,
            "topic": lag.topic,
            "waiting": lag.records,
            "oldest_s": round(lag.oldest_us / 1e6, 3),
            **delays.get(lag.group, {}),
        }
        for lag in lags
    ]
    return {"groups": groups, "parked": len(parked)}


def _delays(folder: Folder) -> dict[str, dict[str, float]]:
    """Return, for each group, within which time half and nearly all events were handled after their commit."""
    if not folder.metrics.is_dir():
        return {}
    os.environ[SHARED_METRICS] = str(folder.metrics)
    counts: dict[str, list[tuple[float, float]]] = {}
    for family in text_string_to_metric_families(render_metrics().decode()):
        for sample in family.samples:
            if sample.name == f"{_DELAY}_bucket":
                bound = float(sample.labels["le"].replace("+Inf", "inf"))
                counts.setdefault(sample.labels["group"], []).append((bound, sample.value))
    return {group: {"p50_s": _quantile(b, 0.5), "p99_s": _quantile(b, 0.99)} for group, b in counts.items()}


def _quantile(buckets: list[tuple[float, float]], share: float) -> float:
    """Return the bound of the bucket in which the share lies."""
    total = buckets[-1][1]
    return next(bound for bound, count in buckets if count >= share * total)


def _text(tree: Tree | None, data: dict[str, Any]) -> str:
    lines = [f"Running at {tree.address}, process {tree.pid}." if tree else "Not running."]
    for group in data["groups"]:
        delay = f", handled within {group['p50_s']} s (half) and {group['p99_s']} s (99 %)" if "p50_s" in group else ""
        lines.append(f"  {group['group']:<10} {group['waiting']:>7} waiting, oldest {group['oldest_s']} s{delay}")
    lines.append(f"  {data['parked']} events are parked; `bowerbird log parked` shows them." if data["parked"] else "")
    return "\n".join(line for line in lines if line)
