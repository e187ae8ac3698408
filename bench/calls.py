"""What a call between processes costs: ours beside gRPC's, in one run."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import uvloop

from bench.figures import Figure, Goal, Section, figure, ratio
from bench.micro_rpc import CALLER, called
from bench.peers.grpc_pages import Client as GrpcClient
from bowerbird.base.ids import Id

Ask = Callable[[], Awaitable[object]]
Cpu = Callable[[], Awaitable[int]]

CALLERS: Final = (1, 16)
CALLS: Final = 2_000
REPEATS: Final = 5

HOW: Final = (
    "1 KB in, 6 KB out over a unix socket between two processes, uvloop on both sides, one connection. `callers` ask "
    f"one call after another, {CALLS:,} together; CPU is that of both sides, all threads. Ours are calls to a service: "
    "with a caller context, sealed, behind a breaker, retried when lost. `grpc`: grpc.aio with protobuf "
    "(bench/peers/grpc_pages.py), neither signed nor retried, asked in turn with ours."
)


def measure(_folder: object, _known: object) -> Section:
    """Measure both in turn."""
    return Section("A call between processes", HOW, uvloop.run(_measure()))


async def _measure() -> list[Figure]:
    costs: dict[tuple[str, int], list[float]] = {}
    rates: dict[tuple[str, int], list[float]] = {}
    async with AsyncExitStack() as stack:
        peers = await _open(stack)
        for repeat in range(REPEATS + 1):
            for callers in CALLERS:
                for name, (ask, cpu) in peers.items():
                    cost, rate = await _cost(ask, cpu, callers)
                    if repeat:  # the first time warms up
                        costs.setdefault((name, callers), []).append(cost)
                        rates.setdefault((name, callers), []).append(rate)
    figures: list[Figure] = []
    for (name, callers), some in costs.items():
        goal = Goal(most=90) if name == "bowerbird" else None
        figures.append(figure(f"{name}, {callers} callers: CPU a call, both sides", "us", some, goal))
        figures.append(figure(f"{name}, {callers} callers", "calls/s", rates[name, callers]))
    for callers in CALLERS:
        ours, theirs = costs["bowerbird", callers], costs["grpc", callers]
        figures.append(ratio(f"grpc's CPU a call, of ours, {callers} callers", theirs, ours, Goal(least=8)))
    return figures


async def _open(stack: AsyncExitStack) -> dict[str, tuple[Ask, Cpu]]:
    """Start both servers, and connect to each."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    ours, theirs = str(folder / "ours"), str(folder / "theirs")
    for argv in (["bench/micro_rpc.py", ours], ["-m", "bench.peers.grpc_pages", theirs]):
        other = await asyncio.create_subprocess_exec(sys.executable, *argv)
        stack.push_async_callback(other.wait)
        stack.callback(other.terminate)
    peers, pages = called(ours)
    await peers.start()
    stack.push_async_callback(peers.close)
    grpc = GrpcClient(theirs)
    stack.push_async_callback(grpc.close)
    ids, note = [Id(bytes([n]) * 16) for n in range(25)], "w" * 450
    raw: list[bytes] = [*ids]
    return {
        "bowerbird": (lambda: pages.page(CALLER, ids, note), pages.cpu_ns),
        "grpc": (lambda: grpc.page(raw, note), grpc.cpu_ns),
    }


async def _cost(ask: Ask, cpu: Cpu, callers: int) -> tuple[float, float]:
    """Return the CPU microseconds of a call, and calls a second."""

    async def one() -> None:
        for _ in range(CALLS // callers):
            await ask()

    theirs, ours, began = await cpu(), time.process_time_ns(), time.perf_counter()
    await asyncio.gather(*[one() for _ in range(callers)])
    rate = CALLS / (time.perf_counter() - began)
    return (await cpu() - theirs + time.process_time_ns() - ours) / CALLS / 1000, rate
