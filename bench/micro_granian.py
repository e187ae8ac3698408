"""What granian costs and how it stops: requests/s, memory a worker, and what clients see when a worker goes.

    python bench/micro_granian.py

Three ways to run two workers are compared, each restarted under load and then stopped:
`manager`   granian's own process manager; each worker has a listening socket of its own (SO_REUSEPORT)
`reuseport` processes of ours with granian embedded, each with a listening socket of its own
`shared`    processes of ours with granian embedded, all accepting from one socket that this process holds open
"""

import asyncio
import collections
import ctypes
import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop
from granian import Granian
from granian.constants import Interfaces
from granian.net import SocketHolder  # pyright: ignore[reportPrivateImportUsage] - the public way to it
from granian.server.embed import Server
from typing_extensions import override

HOST = "127.0.0.1"
BODY = b"x" * 6144
HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"6144")]
LAST_HEADERS = [*HEADERS, (b"connection", b"close")]
DRAIN_S = 1.0
BACKLOG = 1024
IN_FLIGHT_MAX = 20_000
REQUEST = b"GET / HTTP/1.1\r\nhost: bench\r\n\r\n"

draining = False


async def app(
    scope: dict[str, Any], _receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Answer 6 KB, in no time, or after 50 ms on /slow; while draining ask the client to go elsewhere."""
    if scope["path"] == "/slow":
        await asyncio.sleep(0.05)
    await send({"type": "http.response.start", "status": 200, "headers": LAST_HEADERS if draining else HEADERS})
    await send({"type": "http.response.body", "body": BODY})


class SharedServer(Server):
    """Granian embedded, accepting from a socket that it inherits."""

    inherited: int

    @override
    def _init_shared_socket(self) -> None:
        is_unix = False
        self._ssp, self._shd = None, SocketHolder(self.inherited, is_unix, BACKLOG)  # pyright: ignore[reportCallIssue] - granian's stub lacks the arguments


def stop_accepting(descriptor: int) -> None:
    """Put a socket that nobody knows in the place of granian's; the real one stays open elsewhere."""
    nobody = socket.socket()
    nobody.bind((HOST, 0))
    nobody.listen(1)
    nobody.settimeout(0)
    os.dup2(nobody.fileno(), descriptor)


def ignore_new(listener: socket.socket) -> None:
    """Attach a filter of one instruction, `return 0`, that drops what arrives for a listening socket.

    Closing or shutting it down would reset those who wait to be accepted, and granian spins on a socket shut down.
    """
    program = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
    listener.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", 1, ctypes.addressof(program)))


async def serve(way: str, port: int, descriptor: int) -> None:
    """Be one worker until SIGTERM; `-drain` ways first leave the list, then ask clients to go, then stop."""
    make = SharedServer if way.startswith("shared") else Server
    server = make(
        app,
        HOST,
        port,
        interface=Interfaces.ASGINL,
        backlog=BACKLOG,
        backpressure=IN_FLIGHT_MAX,
        websockets=False,
        log_enabled=False,
    )
    if isinstance(server, SharedServer):
        server.inherited = descriptor
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    running = asyncio.create_task(server.serve())
    await told.wait()
    if way.endswith("-drain"):
        global draining  # noqa: PLW0603 - the application above is a bare function
        draining = True
        if way.startswith("shared"):
            stop_accepting(descriptor)
        await asyncio.sleep(DRAIN_S)
    server.stop()
    await running


def manage(port: int) -> None:
    """Be granian's own manager of two workers."""
    Granian(
        "micro_granian:app",
        HOST,
        port,
        interface=Interfaces.ASGINL,
        workers=2,
        backlog=BACKLOG,
        backpressure=IN_FLIGHT_MAX,
        websockets=False,
        log_enabled=False,
        respawn_interval=1.0,
        working_dir=Path(__file__).parent,
    ).serve()


class Fleet:
    """Two workers, one way or the other."""

    def __init__(self, way: str, workers: int = 2) -> None:
        self.way = way
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not way.startswith("shared"):
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.listener.bind((HOST, 0))
        self.port = self.listener.getsockname()[1]
        if way.startswith("shared"):
            self.listener.listen(BACKLOG)
        self.processes = [self.spawn() for _ in range(1 if way == "manager" else workers)]

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start one process."""
        inherited = self.listener.fileno()
        arguments = [sys.executable, __file__, "worker", self.way, str(self.port), str(inherited)]
        return subprocess.Popen(arguments, pass_fds=(inherited,))

    async def restart(self) -> None:
        """Replace every worker, one after the other, the new one first."""
        if self.way == "manager":
            self.processes[0].send_signal(signal.SIGHUP)
            await asyncio.sleep(5)
            return
        for number, old in enumerate(self.processes):
            self.processes[number] = self.spawn()
            await asyncio.sleep(1)
            old.terminate()
            await asyncio.to_thread(old.wait)

    async def stop(self) -> None:
        """Stop all; when drained, the kernel first ignores further connections and the workers take the last."""
        if self.way == "shared-drain":
            ignore_new(self.listener)
            await asyncio.sleep(0.1)
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            await asyncio.to_thread(process.wait)
        self.listener.close()

    def pids(self) -> list[int]:
        """Return the workers' process numbers."""
        if self.way != "manager":
            return [process.pid for process in self.processes]
        parent = self.processes[0].pid
        return [int(p) for p in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


class Client(asyncio.Protocol):
    """One connection that asks again as soon as it is answered; it notes every reply cut off."""

    def __init__(self, load: "Load", path: bytes, *, once: bool) -> None:
        self.load, self.once = load, once
        self.request = REQUEST.replace(b"/", path, 1)
        self.waiting = False
        self.received = bytearray()
        self.over = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send the next request."""
        self.waiting, self.asked = True, time.perf_counter()
        self.transport.write(self.request)

    @override
    def data_received(self, data: bytes) -> None:
        self.received += data
        head = self.received.find(b"\r\n\r\n")
        if head < 0 or len(self.received) < head + 4 + len(BODY):
            return
        self.waiting = False
        self.load.answered += 1
        last = b"connection: close" in self.received[:head].lower()
        self.received.clear()
        if last or self.once or self.load.over:
            self.transport.close()
        else:
            self.ask()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self.waiting:
            self.load.failures[type(exc).__name__ if exc else "closed without an answer"] += 1
        if not self.over.done():
            self.over.set_result(None)


class Load:
    """Clients that keep their connection, that make a new one each time, and that ask for something slow."""

    def __init__(self, port: int) -> None:
        self.port, self.over = port, False
        self.answered = 0
        self.failures: collections.Counter[str] = collections.Counter()

    async def client(self, path: bytes, *, once: bool) -> None:
        """Ask, and connect again, until the load is over."""
        while not self.over:
            try:
                _, protocol = await asyncio.get_running_loop().create_connection(
                    lambda: Client(self, path, once=once), HOST, self.port
                )
            except OSError as error:
                self.failures[f"not connected: {type(error).__name__}"] += 1
                await asyncio.sleep(0.01)
                continue
            await protocol.over

    async def run(self, keeping: int, connecting: int, slow: int, until: Awaitable[None]) -> None:
        """Ask until `until` is over."""
        kinds = [(b"/", False)] * keeping + [(b"/", True)] * connecting + [(b"/slow", False)] * slow
        clients = [asyncio.create_task(self.client(path, once=once)) for path, once in kinds]
        await until
        self.over = True
        await asyncio.wait(clients)


def cpu_s(pid: int) -> float:
    """Return the seconds of CPU that a process has used, by the scheduler's count, all threads together."""
    return sum(int(p.read_text().split()[0]) for p in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def pss_mb(pid: int) -> float:
    """Return the proportional set size of a process."""
    return int(Path(f"/proc/{pid}/smaps_rollup").read_text().split("Pss:")[1].split()[0]) / 1024


async def measure_speed(way: str) -> None:
    """Print requests a second and CPU a request of one worker, and its memory afterwards."""
    fleet = Fleet(way, workers=1)
    await asyncio.sleep(2)
    pid = fleet.pids()[0]
    rates: list[float] = []
    costs: list[float] = []
    for _ in range(3):
        load, began, used = Load(fleet.port), time.perf_counter(), cpu_s(pid)
        await load.run(64, 0, 0, asyncio.sleep(3))
        rates.append(load.answered / (time.perf_counter() - began))
        costs.append((cpu_s(pid) - used) / load.answered * 1e6)
    print(
        f"{way:16} {statistics.median(rates):8.0f} requests/s {statistics.median(costs):6.1f} us CPU a request", end=" "
    )
    print(f"{pss_mb(pid):6.1f} MB PSS the worker")
    await fleet.stop()


async def measure_restart(way: str) -> None:
    """Print what clients saw while both workers were replaced under load."""
    fleet = Fleet(way)
    await asyncio.sleep(2)
    load = Load(fleet.port)

    async def script() -> None:
        await asyncio.sleep(0.5)
        for _ in range(3):
            await fleet.restart()
        await asyncio.sleep(0.5)

    await load.run(16, 16, 8, script())
    memory = [round(pss_mb(pid), 1) for pid in fleet.pids()]
    print(f"{way:16} {load.answered:7} answered, failed: {dict(load.failures) or 'none'}; PSS {memory} MB")
    await fleet.stop()


async def measure_stop(way: str) -> None:
    """Print what clients saw, refusals apart, while everything was stopped under load."""
    failures: collections.Counter[str] = collections.Counter()
    for _ in range(3):
        fleet = Fleet(way)
        await asyncio.sleep(2)
        load = Load(fleet.port)

        async def script(fleet: Fleet = fleet) -> None:
            await asyncio.sleep(0.5)
            await fleet.stop()

        await load.run(16, 16, 8, script())
        failures += load.failures
    del failures["not connected: ConnectionRefusedError"]
    print(f"{way:16} failed: {dict(failures) or 'none'}")


async def main() -> None:
    """Run all comparisons."""
    print("one worker, 64 connections, 6 KB")
    for way in ("reuseport", "shared"):
        await measure_speed(way)
    print("two workers replaced three times under load (16 kept connections, 16 new ones each time, 8 slow)")
    for way in ("manager", "reuseport", "reuseport-drain", "shared", "shared-drain"):
        await measure_restart(way)
    print("two workers stopped under load, three times")
    for way in ("manager", "reuseport", "reuseport-drain", "shared", "shared-drain"):
        await measure_stop(way)


if __name__ == "__main__":
    if sys.argv[1:2] != ["worker"]:
        asyncio.run(main())
    elif sys.argv[2] == "manager":
        manage(int(sys.argv[3]))
    else:
        uvloop.run(serve(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
