"""What is remembered of each exchange: a count by route and status, a sampled latency, a sampled log line."""

from typing import Final

import structlog
from prometheus_client import Counter, Histogram

from bowerbird.base.telemetry import counter, histogram
from bowerbird.base.world import World
from bowerbird.edge.http.exchange import Exchange
from bowerbird.edge.http.settings import HttpSettings

_FAILURE: Final = 500
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_log: Final = structlog.get_logger("edge")


class Recorder:
    """Routes are named by their template, never by the address asked for, which may be private.

    Methods that no route takes are counted as one, since there is no end of them.
    """

    def __init__(self, settings: HttpSettings, world: World) -> None:
        self._settings = settings
        self._world = world
        self._counts: dict[tuple[str, str, int], Counter] = {}
        self._times: dict[str, Histogram] = {}

    def note(self, exchange: Exchange, route: str, status: int) -> None:
        """Record that an exchange was answered."""
        method = exchange.method if route and exchange.method in _METHODS else ""
        count = self._counts.get((method, route, status)) or self._counter(method, route, status)
        count.inc()
        chance = self._world.chance()
        if chance < self._settings.latency_share:
            self._timer(route).observe(self._world.monotonic_s() - exchange.started_s)
        if chance < self._settings.log_share or status >= _FAILURE:
            ms = round((self._world.monotonic_s() - exchange.started_s) * 1000, 1)
            _log.info("answered", method=method, route=route, status=status, ms=ms)

    def _counter(self, method: str, route: str, status: int) -> Counter:
        made = counter("http_requests", "Requests answered.", "method", "route", "status")
        child = made.labels(method, route, str(status))
        self._counts[method, route, status] = child
        return child

    def _timer(self, route: str) -> Histogram:
        timer = self._times.get(route)
        if timer is None:
            timer = histogram("http_latency_seconds", "Time to an answer, of a sample of requests.", "route")
            timer = self._times[route] = timer.labels(route)
        return timer
