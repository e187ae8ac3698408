"""What waits where, told as metrics: every queue of a process, and how far each consumer group is behind."""

from collections.abc import Callable, Mapping
from typing import Final

from bowerbird.base.telemetry import gauge
from bowerbird.base.world import World
from bowerbird.ports.log import Log
from bowerbird.ports.records import EngineUnavailable

PAUSE_S: Final = 5.0

_waiting = gauge("queue_waiting", "Things waiting in a queue, all processes together.", "queue")
_behind = gauge("consumer_lag_events", "Events that a group has not handled.", "group", "topic", over="livemostrecent")
_oldest = gauge("consumer_lag_seconds", "Age of the oldest of them.", "group", "topic", over="livemostrecent")


async def watch(queues: Mapping[str, Callable[[], int]], log: Log | None, world: World) -> None:
    """Tell, again and again until cancelled, what waits; the log is asked by one process of the tree."""
    while True:
        for name, size in queues.items():
            _waiting.labels(name).set(size())
        if log is not None:
            await _tell_lag(log)
        await world.sleep(PAUSE_S)


async def _tell_lag(log: Log) -> None:
    try:
        lags = await log.lag()
    except EngineUnavailable:
        return
    for lag in lags:
        _behind.labels(lag.group, lag.topic).set(lag.records)
        _oldest.labels(lag.group, lag.topic).set(lag.oldest_us / 1e6)
