"""The load generator: HTTP/1.1 by hand on kept connections, in a process of its own.

A plan comes as JSON on standard input, a Tally goes as JSON to standard output. Each connection sends its next request
when the answer to the last one is whole (a closed loop), so a latency holds the waiting behind the other connections.
"""

import asyncio
import os
import subprocess
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Final, cast

import msgspec
import uvloop
from msgspec import Struct
from typing_extensions import override

from bench.machine import cpu_us

WARM_S: Final = 0.4
TIMEOUT_S: Final = 120.0
ROOT: Final = Path(__file__).resolve().parent.parent


class Plan(Struct, frozen=True, kw_only=True):
    """What to send: `requests` whole, in turn, for so many seconds or (0) each once.

    `pause_s`: how long a connection rests after an answer. `watched`: processes whose processor time is told; `core`:
    where to run, None for anywhere.
    """

    port: int
    requests: list[bytes]
    connections: int
    seconds: float
    watched: list[int]
    pause_s: float = 0
    core: int | None = None


class Tally(Struct, frozen=True, kw_only=True):
    """What came back within the measured time. `statuses` counts answers by status."""

    count: int
    seconds: float
    p50_ms: float
    p99_ms: float
    statuses: dict[str, int]
    bytes_each: int
    watched_cpu_us: float
    own_cpu_us: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.seconds

    @property
    def cpu_us_each(self) -> float:
        """Processor time of the watched processes for one answer."""
        return self.watched_cpu_us / max(1, self.count)


class Load:
    """All connections and what they have seen."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.latencies = array("d")
        self.statuses: Counter[str] = Counter()
        self.bytes = 0
        self.measuring = plan.seconds == 0
        self.ended = asyncio.Event()
        self._requests = iter(plan.requests) if plan.seconds == 0 else cycle(plan.requests)
        self._open = plan.connections

    def next(self) -> bytes | None:
        """Return the next request, None at the end."""
        return None if self.ended.is_set() else next(self._requests, None)

    def note(self, status: str, size: int, took_s: float) -> None:
        """Take down an answer."""
        if self.measuring:
            self.latencies.append(took_s)
            self.statuses[status] += 1
            self.bytes += size

    def closed(self) -> None:
        """Note that a connection has nothing more to do."""
        self._open -= 1
        if not self._open:
            self.ended.set()

    async def run(self) -> Tally:
        """Send everything, or as much as the time allows."""
        loop, plan = asyncio.get_running_loop(), self.plan
        if not self.measuring:
            await self._connect(loop)
            await asyncio.sleep(WARM_S)
            self.measuring = True
        began, before, own = time.perf_counter(), cpu_us(plan.watched), time.process_time()
        if plan.seconds:
            await asyncio.sleep(plan.seconds)
        else:
            await self._connect(loop)
            await self.ended.wait()
        seconds, used, own_used = time.perf_counter() - began, cpu_us(plan.watched) - before, time.process_time() - own
        self.measuring = False
        self.ended.set()
        return self._tally(seconds, used, own_used * 1e6)

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> None:
        for _ in range(self.plan.connections):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.plan.port)

    def _tally(self, seconds: float, watched_us: float, own_us: float) -> Tally:
        ordered = sorted(self.latencies)
        count = len(ordered)
        return Tally(
            count=count,
            seconds=seconds,
            p50_ms=ordered[count // 2] * 1e3 if count else 0,
            p99_ms=ordered[min(count - 1, count * 99 // 100)] * 1e3 if count else 0,
            statuses=dict(self.statuses),
            bytes_each=self.bytes // max(1, count),
            watched_cpu_us=watched_us,
            own_cpu_us=own_us,
        )


class Connection(asyncio.Protocol):
    """One kept connection: a request, its answer, the next request."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._head = b""
        self._status = ""
        self._size = 0
        self._left = -1
        self._sent_s = 0.0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._send()

    @override
    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            data = self._head[end + 4 :]
            at = self._head.find(b"content-length: ", 0, end + 2)
            self._left = self._size = int(self._head[at + 16 : self._head.index(b"\r", at)]) if at >= 0 else 0
            self._status = self._head[9:12].decode()
        self._left -= len(data)
        if self._left <= 0:
            self._load.note(self._status, self._size, time.perf_counter() - self._sent_s)
            if self._load.plan.pause_s:
                asyncio.get_running_loop().call_later(self._load.plan.pause_s, self._send)
            else:
                self._send()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self._load.ended.is_set():
            self._load.note("lost", 0, 0.0)
            self._load.closed()

    def _send(self) -> None:
        self._head, self._left = b"", -1
        request = self._load.next()
        if request is None:
            self._load.closed()
            self._transport.abort()
            return
        self._sent_s = time.perf_counter()
        self._transport.write(request)


def get(path: str, token: str) -> bytes:
    """Return a request for a page, as a browser's client sends it."""
    return (
        f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
        f"user-agent: Bowerbird bench\r\nauthorization: Bearer {token}\r\n\r\n"
    ).encode()


def post(path: str, token: str, body: bytes) -> bytes:
    """Return a request that writes."""
    return (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\ncontent-type: application/json\r\n"
        f"user-agent: Bowerbird bench\r\nauthorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body


def run(plan: Plan) -> Tally:
    """Carry out a plan in a process of its own."""
    with running(plan) as tallies:
        return tallies()


@contextmanager
def running(plan: Plan) -> Generator[Callable[[], Tally]]:
    """Carry out a plan in a process of its own, beside what happens within, and yield what waits for its end."""
    argv = [sys.executable, "-m", "bench.load"]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with ThreadPoolExecutor(1) as waiting:
        answer = waiting.submit(process.communicate, msgspec.json.encode(plan), TIMEOUT_S)
        yield lambda: msgspec.json.decode(answer.result()[0], type=Tally)


def main() -> None:
    """Carry out the plan on standard input."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    if plan.core is not None:
        os.sched_setaffinity(0, {plan.core})

    async def load() -> Tally:
        return await Load(plan).run()

    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(load())))


if __name__ == "__main__":
    main()
