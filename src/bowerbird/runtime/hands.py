"""Hands, seen by whoever asks: a bounded pool of child processes, started when needed, killed when in doubt."""

import asyncio
import contextlib
import resource
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence

import msgspec
from msgspec import Struct, msgpack

from bowerbird.base.hand import (
    LENGTH_BYTES,
    Answer,
    Confinement,
    Fault,
    HandBusy,
    HandDied,
    HandFailed,
    HandTimedOut,
    Hello,
    Said,
)
from bowerbird.base.processes import Processes
from bowerbird.base.telemetry import counter, gauge

ENVIRONMENT: Mapping[str, str] = {"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""All that a hand is told of its surroundings. It computes on one thread: confinement holds for one alone."""

_DIRECTORY = "/"

_asked = counter("hand_requests_total", "Requests that hands were asked, by outcome.", "hands", "outcome")
_confined = gauge(
    "hand_confinement",
    "1 for each layer that confines hands or is missing.",
    "hands",
    "layer",
    "state",
    over="livemax",
)


class HandLimits(Struct, frozen=True, kw_only=True):
    """What a pool and each of its processes may use.

    Requests that find all hands at work wait, `queue_max` of them, each for `wait_ms` at most. `memory_bytes_max` is
    address space. `cpu_s_max` and `requests_max` are over a process's life, after which another takes its place; a
    process that is idle for `idle_s` is ended.
    """

    hands_max: int = 2
    queue_max: int = 64
    wait_ms: int = 30_000
    memory_bytes_max: int = 1 << 30
    cpu_s_max: int = 3600
    files_max: int = 32
    requests_max: int = 500
    idle_s: int = 30
    start_ms: int = 20_000
    answer_bytes_max: int = 64 << 20


class HandsStatus(Struct, frozen=True, kw_only=True):
    """What a pool is doing, and has done since it was opened."""

    running: int
    idle: int
    waiting: int
    started: int
    answered: int
    died: int
    timed_out: int
    refused: int
    confinement: Confinement | None


class Hands:
    """A `base.hand.Hand` made of processes that all run `argv`. A crash fails the request that met it, no other.

    `name`: what metrics call the pool.
    """

    def __init__(self, processes: Processes, argv: Sequence[str], limits: HandLimits, name: str = "hands") -> None:
        self.name = name
        self._processes = processes
        self._argv = argv
        self._limits = limits
        self._places = asyncio.Semaphore(limits.hands_max)
        self._idle: list[_Child] = []
        self._running: set[_Child] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._closed = False
        self._confinement: Confinement | None = None
        self._counts = Counter[str]()

    async def ask(self, request: bytes, timeout_ms: int) -> bytes:
        """Return a hand's answer. Raises HandBusy, HandDied, HandTimedOut; a cancelled request costs its hand."""
        try:
            async with self._place():
                answer = await self._ask(request, timeout_ms)
        except HandFailed as error:
            self._count(type(error).__name__)
            raise
        self._count("answered")
        return answer

    def _count(self, outcome: str) -> None:
        self._counts[outcome] += 1
        _asked.labels(self.name, outcome).inc()

    def status(self) -> HandsStatus:
        """Return how the pool is doing, for `bowerbird status` and metrics."""
        return HandsStatus(
            running=len(self._running),
            idle=sum(child.alive for child in self._idle),
            waiting=self._waiting,
            started=self._counts["started"],
            answered=self._counts["answered"],
            refused=self._counts[HandBusy.__name__],
            died=self._counts[HandDied.__name__],
            timed_out=self._counts[HandTimedOut.__name__],
            confinement=self._confinement,
        )

    def pids(self) -> list[int]:
        """Return the processes that rest or run, for whoever measures them."""
        return [child.pid for child in (*self._idle, *self._running)]

    async def close(self) -> None:
        """Kill every hand; what they were asked fails, and what is asked from now on is refused."""
        self._closed = True
        children = [*self._idle, *self._running]
        self._idle.clear()
        await asyncio.gather(*self._ending, *(child.kill() for child in children))

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncGenerator[None]:
        """Wait for one of `hands_max` places, unless too many wait already. HandBusy."""
        if self._places.locked() and self._waiting >= self._limits.queue_max:
            raise HandBusy("too many requests are waiting")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.wait_ms / 1000):
                await self._places.acquire()
        except TimeoutError:
            raise HandBusy(f"no hand was free for {self._limits.wait_ms} ms") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    async def _ask(self, request: bytes, timeout_ms: int) -> bytes:
        child = self._wake() or await self._start()
        self._running.add(child)
        keep = False
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                answer = await child.exchange(request, self._limits.answer_bytes_max)
            keep = child.answered < self._limits.requests_max and not self._closed
        except TimeoutError:
            raise HandTimedOut(f"no answer in {timeout_ms} ms") from None
        finally:
            self._running.discard(child)
            if keep:
                self._rest(child)
            else:
                await asyncio.shield(child.kill())
        return answer

    def _rest(self, child: "_Child") -> None:
        self._idle.append(child)
        child.expiry = asyncio.get_running_loop().call_later(self._limits.idle_s, self._expire, child)

    def _wake(self) -> "_Child | None":
        """Return the hand that rested last and is still alive, so that those at the bottom expire."""
        while self._idle:
            child = self._idle.pop()
            child.cancel_expiry()
            if child.alive:
                return child
        return None

    def _expire(self, child: "_Child") -> None:
        self._idle.remove(child)
        ending = asyncio.create_task(child.kill())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _start(self) -> "_Child":
        if self._closed:
            raise HandBusy("the hands are closed")
        self._counts["started"] += 1
        try:
            child = _Child(await self._processes.start_piped(self._argv, ENVIRONMENT, _DIRECTORY))
        except OSError as error:
            raise HandBusy(f"a hand could not be started: {error}") from error
        try:
            child.limit(self._limits)
            async with asyncio.timeout(self._limits.start_ms / 1000):
                self._note(await child.greet())
        except (HandDied, TimeoutError) as error:
            await asyncio.shield(child.kill())
            raise HandBusy(f"a hand did not get ready: {error}") from error
        except BaseException:
            await asyncio.shield(child.kill())
            raise
        return child

    def _note(self, confinement: Confinement) -> None:
        self._confinement = confinement
        for state, layers in (("applied", confinement.applied), ("missing", confinement.missing)):
            for layer in layers:
                _confined.labels(self.name, layer, state).set(1)


class _Child:
    """One process: its frames, its rest, its end."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.expiry: asyncio.TimerHandle | None = None
        self.answered = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    def limit(self, limits: HandLimits) -> None:
        """Set what the kernel holds it to; it may have ended already, which its greeting will tell."""
        memory, cpu, files = limits.memory_bytes_max, limits.cpu_s_max, limits.files_max
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, (memory, memory))
            resource.prlimit(self._process.pid, resource.RLIMIT_CPU, (cpu, cpu))
            resource.prlimit(self._process.pid, resource.RLIMIT_NOFILE, (files, files))

    async def greet(self) -> Confinement:
        said = await self._read(1 << 20)
        if not isinstance(said, Hello):
            raise HandDied("spoke out of turn")
        return said.confinement

    async def exchange(self, request: bytes, answer_bytes_max: int) -> bytes:
        sink = self._process.stdin
        assert sink is not None  # noqa: S101 - it was started with pipes
        try:
            sink.write(len(request).to_bytes(LENGTH_BYTES, "big"))
            sink.write(request)
            await sink.drain()
        except (ConnectionError, RuntimeError) as error:
            raise HandDied("stopped listening") from error
        said = await self._read(answer_bytes_max)
        if isinstance(said, Answer):
            self.answered += 1
            return said.data
        raise HandDied(said.text if isinstance(said, Fault) else "spoke out of turn")

    async def _read(self, bytes_max: int) -> Said:
        source = self._process.stdout
        assert source is not None  # noqa: S101 - it was started with pipes
        try:
            length = int.from_bytes(await source.readexactly(LENGTH_BYTES), "big")
            if length > bytes_max:
                raise HandDied(f"would say {length} bytes, more than {bytes_max}")
            return msgpack.decode(await source.readexactly(length), type=Said)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise HandDied("ended without an answer") from error
        except msgspec.MsgspecError as error:
            raise HandDied("said what nobody understands") from error

    def cancel_expiry(self) -> None:
        if self.expiry is not None:
            self.expiry.cancel()

    async def kill(self) -> None:
        """End the process and wait until it is gone; killing it twice is the same."""
        self.cancel_expiry()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
