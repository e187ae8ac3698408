"""Metrics of several processes as one: counts stay, the present is told by the living alone, files do not pile up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bowerbird.base.telemetry import PROCESS, SHARED_METRICS, forget_process, render_metrics

SCRIPT = """
from bowerbird.base.telemetry import counter, gauge, histogram
counter("done_total", "Done.", "kind").labels("a").inc(2)
gauge("held", "Held.").set(3)
gauge("lag", "Lag.", "group", over="livemostrecent").labels("feed").set({lag})
gauge("top", "Top.", over="livemax").set({lag})
histogram("took_seconds", "Took.", buckets=(0.1, 1)).observe({lag})
"""


def run(folder: Path, name: str, lag: float = 0.5) -> None:
    """Be a process of the tree for a moment."""
    env = {**os.environ, SHARED_METRICS: str(folder), PROCESS: name}
    subprocess.run([sys.executable, "-c", SCRIPT.format(lag=lag)], env=env, check=True, timeout=60)


FULL = """
import errno, os
take, taken = os.posix_fallocate, []
def take_if_there_is_any(*place):
    taken.append(place)
    if len(taken) > {room}:
        raise OSError(errno.ENOSPC, "full")
    take(*place)
os.posix_fallocate = take_if_there_is_any
from bowerbird.base.telemetry import counter
for kind in range(2000):
    counter("done_total", "Done.", "kind").labels(f"{{kind:040}}").inc()
(family,) = counter("done_total", "Done.", "kind").collect()
print(sum(sample.value for sample in family.samples if sample.name.endswith("_total")))
"""


def seen(folder: Path) -> dict[str, float]:
    """Return every sample by its name and labels; each is there once."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(render_metrics(folder).decode()):
        for sample in family.samples:
            name = " ".join((sample.name.removeprefix("bowerbird_"), *sample.labels.values()))
            assert name not in found
            found[name] = sample.value
    return found


def test_processes_tell_as_one(tmp_path: Path) -> None:
    run(tmp_path, "core", lag=0.5)
    run(tmp_path, "edge-1", lag=0.05)
    found = seen(tmp_path)
    assert (found["done_total a"], found["held"], found["lag feed"], found["top"]) == (4, 6, 0.05, 0.5)
    assert [found[f"took_seconds_{name}"] for name in ("bucket 0.1", "bucket 1.0", "bucket +Inf", "count")] == [
        1,
        2,
        2,
        2,
    ]


def test_what_a_process_counted_stays_and_what_it_was_goes(tmp_path: Path) -> None:
    run(tmp_path, "core")
    run(tmp_path, "edge-1", lag=0.05)
    forget_process(tmp_path, "edge-1")
    found = seen(tmp_path)
    assert (found["done_total a"], found["took_seconds_count"]) == (4, 2)
    assert (found["held"], found["lag feed"], found["top"]) == (3, 0.5, 0.5)
    forget_process(tmp_path, "core")
    assert {name.split()[0] for name in seen(tmp_path)} == {
        "done_total",
        *(f"took_seconds_{name}" for name in ("bucket", "count", "sum")),
    }


def test_a_process_that_is_started_again_counts_on_and_leaves_no_files(tmp_path: Path) -> None:
    run(tmp_path, "core")
    files = len(list(tmp_path.iterdir()))
    for _ in range(3):
        forget_process(tmp_path, "core")
        run(tmp_path, "core")
    assert len(list(tmp_path.iterdir())) == files
    found = seen(tmp_path)
    assert (found["done_total a"], found["held"], found["took_seconds_count"]) == (8, 3, 4)


@pytest.mark.parametrize("room", [0, 1, 2])
def test_metrics_that_the_disk_has_no_room_for_are_counted_in_memory(tmp_path: Path, room: int) -> None:
    """What the kernel does otherwise, it does on a full disk alone: tests/kills/test_full_disk.py."""
    env = {**os.environ, SHARED_METRICS: str(tmp_path), PROCESS: "core"}
    script = FULL.format(room=room)
    ended = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (0, b"2000.0\n"), ended.stderr
    assert all(0 < file.stat().st_size <= file.stat().st_blocks * 512 for file in tmp_path.iterdir())
    seen(tmp_path)
