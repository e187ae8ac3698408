"""The load generator: HTTP/1.1 by hand on kept connections, in a process of its own.

A plan comes as MessagePack on standard input, a Tally goes as MessagePack to standard output. In a closed loop each
connection sends its next request when the answer to the last one is whole, so a latency holds the waiting behind the
other connections. In an open loop (`rate`) requests are due at fixed times, whatever became of the former ones, and a
latency is counted from when its request was due.
"""

import asyncio
import gc
import os
import subprocess
import sys
import time
from array import array
from collections import Counter, deque
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

WARM_S: Final = 0.4
TIMEOUT_S: Final = 120.0
CONNECTING_MAX: Final = 200
TICK_S: Final = 0.001
ROOT: Final = Path(__file__).resolve().parent.parent

KINDS: Final[dict[bytes, str]] = {b"GET": "read"}
"""What a request is, by its method; a write, unless it is named here."""


class Plan(Struct, frozen=True, kw_only=True):
    """What to send: `requests` whole, in turn, for so many seconds or (0) each once.

    `rate`: so many a second in an open loop; 0 is a closed one, in which a connection rests for `pause_s` after an
    answer. `core`: where to run, None for anywhere.
    """

    port: int
    requests: list[bytes]
    connections: int
    seconds: float
    rate: float = 0
    pause_s: float = 0
    core: int | None = None


class Times(Struct, frozen=True):
    """How long answers of one kind took; `late` counts those above a second."""

    count: int
    p50_ms: float
    p99_ms: float
    most_ms: float
    late: int


class Tally(Struct, frozen=True, kw_only=True):
    """What came back within the measured time. `statuses` counts answers by status, `kinds` times them apart.

    `answered`: all that came back, while it warmed up too. `server_cpu_us`: what `servers.loaded` adds.
    """

    count: int
    answered: int
    seconds: float
    p50_ms: float
    p99_ms: float
    kinds: dict[str, Times]
    statuses: dict[str, int]
    unanswered: int
    bytes_each: int
    own_cpu_us: float
    server_cpu_us: float = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.seconds

    @property
    def cpu_us_each(self) -> float:
        """Processor time of the server for one answer."""
        return self.server_cpu_us / max(1, self.count)


class Load:
    """All connections and what they have seen."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.latencies = {kind: array("d") for kind in ("read", "write")}
        self.statuses: Counter[str] = Counter()
        self.bytes = 0
        self.answered = 0
        self.measuring = plan.seconds == 0
        self.ended = asyncio.Event()
        self.idle: deque[Connection] = deque()
        self.due: deque[tuple[bytes, float]] = deque()
        self._requests = iter(plan.requests) if plan.seconds == 0 else cycle(plan.requests)
        self._open = plan.connections

    def next(self) -> bytes | None:
        """Return the next request, None at the end."""
        return None if self.ended.is_set() else next(self._requests, None)

    def note(self, kind: str, status: str, size: int, took_s: float) -> None:
        """Take down an answer."""
        self.answered += 1
        if self.measuring:
            self.latencies[kind].append(took_s)
            self.statuses[status] += 1
            self.bytes += size

    def free(self, connection: "Connection") -> None:
        """Give a connection the next thing to do."""
        if self.plan.rate:
            if self.due:
                connection.send(*self.due.popleft())
            else:
                self.idle.append(connection)
        elif self.plan.pause_s:
            asyncio.get_running_loop().call_later(self.plan.pause_s, self.go_on, connection)
        else:
            self.go_on(connection)

    def go_on(self, connection: "Connection") -> None:
        """Send the next request, or close."""
        request = self.next()
        if request is None:
            self.closed()
            connection.close()
        else:
            connection.send(request, time.perf_counter())

    def closed(self) -> None:
        """Note that a connection has nothing more to do."""
        self._open -= 1
        if not self._open:
            self.ended.set()

    async def run(self) -> Tally:
        """Send everything, or as much as the time allows."""
        plan = self.plan
        pacing: asyncio.Task[None] | None = None
        if not self.measuring:
            await self._connect()
            pacing = asyncio.create_task(self._pace()) if plan.rate else None
            await asyncio.sleep(WARM_S)
            self.measuring = True
        began, own = time.perf_counter(), time.process_time()
        if plan.seconds:
            await asyncio.sleep(plan.seconds)
        else:
            await self._connect()
            await self.ended.wait()
        seconds, own_used = time.perf_counter() - began, time.process_time() - own
        self.measuring = False
        self.ended.set()
        if pacing is not None:
            pacing.cancel()
        return self._tally(seconds, own_used * 1e6)

    async def _connect(self) -> None:
        loop, places = asyncio.get_running_loop(), asyncio.Semaphore(CONNECTING_MAX)

        async def one() -> None:
            async with places:
                await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.plan.port)

        await asyncio.gather(*(one() for _ in range(self.plan.connections)))

    async def _pace(self) -> None:
        """Send what is due on whichever connection has been idle longest; what finds none waits for one."""
        began, sent = time.perf_counter(), 0
        while True:
            upto = int((time.perf_counter() - began) * self.plan.rate)
            while sent < upto:
                due = began + sent / self.plan.rate
                sent += 1
                request = self.next()
                if request is None:
                    return
                if self.idle:
                    self.idle.popleft().send(request, due)
                else:
                    self.due.append((request, due))
            await asyncio.sleep(TICK_S)

    def _tally(self, seconds: float, own_us: float) -> Tally:
        ordered = sorted([took for some in self.latencies.values() for took in some])
        every = _times(ordered)
        return Tally(
            count=len(ordered),
            answered=self.answered,
            seconds=seconds,
            p50_ms=every.p50_ms,
            p99_ms=every.p99_ms,
            kinds={kind: _times(sorted(some)) for kind, some in self.latencies.items() if some},
            statuses=dict(self.statuses),
            unanswered=len(self.due) + (self.plan.connections - len(self.idle) if self.plan.rate else 0),
            bytes_each=self.bytes // max(1, len(ordered)),
            own_cpu_us=own_us,
        )


class Connection(asyncio.Protocol):
    """One kept connection: a request, its answer, the next request."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._head: bytes = b""
        self._kind = "read"
        self._status: str = ""
        self._size: int = 0
        self._left: int = -1
        self._since_s = 0.0
        self._closing = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._load.free(self)

    @override
    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            if self._head:
                data = self._head + data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._head = data
                return
            at = data.find(b"content-length: ", 0, end + 2)
            self._size = int(data[at + 16 : data.index(b"\r", at)]) if at >= 0 else 0
            self._status = data[9:12].decode()
            self._left = self._size - len(data) + end + 4
        else:
            self._left -= len(data)
        if self._left <= 0:
            self._load.note(self._kind, self._status, self._size, time.perf_counter() - self._since_s)
            self._load.free(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not (self._closing or self._load.ended.is_set()):
            self._load.note(self._kind, "lost", 0, 0.0)
            self._load.closed()

    def send(self, request: bytes, since_s: float) -> None:
        """Send a request, whose latency counts from a time on."""
        self._head, self._left, self._since_s = b"", -1, since_s
        self._kind = KINDS.get(request[:3], "write")
        self._transport.write(request)

    def close(self) -> None:
        """Close the connection."""
        self._closing = True
        self._transport.abort()


def _times(ordered: list[float]) -> Times:
    count = len(ordered)
    if not count:
        return Times(0, 0, 0, 0, 0)
    late = sum(took > 1 for took in ordered)
    return Times(count, ordered[count // 2] * 1e3, ordered[count * 99 // 100] * 1e3, ordered[-1] * 1e3, late)


def get(path: str, token: str) -> bytes:
    """Return a request for a page, as a browser's client sends it."""
    return (
        f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
        f"user-agent: Bowerbird bench\r\nauthorization: Bearer {token}\r\n\r\n"
    ).encode()


def send(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """Return a request that writes."""
    kind = "content-type: application/json\r\n" if body else ""
    return (
        f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n{kind}"
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
        answer = waiting.submit(process.communicate, msgspec.msgpack.encode(plan), TIMEOUT_S)
        yield lambda: msgspec.msgpack.decode(answer.result()[0], type=Tally)


def main() -> None:
    """Carry out the plan on standard input."""
    plan = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Plan)
    if plan.core is not None:
        os.sched_setaffinity(0, {plan.core})
    gc.freeze()

    async def load() -> Tally:
        return await Load(plan).run()

    sys.stdout.buffer.write(msgspec.msgpack.encode(uvloop.run(load())))


if __name__ == "__main__":
    main()
