"""Telemetry: metrics that all processes of the tree add to, and structured logs that carry the request's id."""

import logging
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, Literal

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.multiprocess import (
    mark_process_dead as _mark_process_dead,  # pyright: ignore[reportUnknownVariableType] - it has no annotations
)

from bowerbird.base.shared_metrics import keep_metrics_by

SHARED_METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder where the processes of one tree keep their metrics."""
PROCESS: Final = "BOWERBIRD_PROCESS"
"""The variable that names a process among them. No two that run at once have one name; one that is started again takes
its own up and counts on, so that there are as many files as names."""

if SHARED_METRICS in os.environ and PROCESS in os.environ:
    # What metrics are made of, chosen before the first is made.
    keep_metrics_by(os.environ[PROCESS])

_LATENCY_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@cache
def counter(name: str, about: str, *labels: str) -> Counter:
    """Return the process's counter of that name, made at the first call."""
    return Counter(f"bowerbird_{name}", about, labels)


@cache
def gauge(
    name: str, about: str, *labels: str, over: Literal["livemax", "livemostrecent", "livesum"] = "livesum"
) -> Gauge:
    """Return the process's gauge of that name; `over` says how the values of the processes that live become one."""
    return Gauge(f"bowerbird_{name}", about, labels, multiprocess_mode=over)


@cache
def histogram(name: str, about: str, *labels: str, buckets: Sequence[float] = _LATENCY_S) -> Histogram:
    """Return the process's histogram of that name, of seconds unless the buckets say otherwise; 6 us an observation."""
    return Histogram(f"bowerbird_{name}", about, labels, buckets=buckets)


def render_metrics(folder: Path | None = None) -> bytes:
    """Return in Prometheus' text format what all processes that share a folder told, without one this process alone."""
    if folder is None:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    return generate_latest(registry)


def forget_process(folder: Path, name: str) -> None:
    """Leave out what a process that ended told of its present state; what it counted stays."""
    _mark_process_dead(name, str(folder))


def configure_logging(level: str, *, as_json: bool, process: str = "") -> None:
    """Send every log line, the libraries' too, to standard error: JSON for machines, columns for people.

    `process`: what each line says that it is from; "" says nothing.
    """

    def name(_logger: object, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        return {**event, "process": process} if process else event

    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        name,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
