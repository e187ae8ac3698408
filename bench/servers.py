"""Servers to measure: a whole Bowerbird as `bowerbird serve` starts it, and the raw application beside it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec
from msgspec import Struct

from bench.data import ENVIRONMENT, Known
from bench.machine import pin, tree
from bench.raw_app import Answers
from bowerbird.app.secrets import FILE, derive
from tests.support.server import free_port, serving, stop

ROOT: Final = Path(__file__).resolve().parent.parent
READY_S: Final = 20.0


class Running(Struct, frozen=True):
    """A server: where it answers, the processes that serve requests, and all of its processes by name."""

    port: int
    workers: list[int]
    processes: dict[str, int]

    @property
    def pids(self) -> list[int]:
        """All processes."""
        return list(self.processes.values())


@contextmanager
def bowerbird(folder: Path, workers: int, **settings: str) -> Generator[Running]:
    """Serve `folder`/data; workers have a core each, in turn, and core goes where it likes."""
    options = {name.removeprefix("BOWERBIRD_").lower(): value for name, value in ENVIRONMENT.items()}
    options |= {"server_workers": str(workers), **settings}
    told = folder / "data" / "run" / "tree.json"
    told.unlink(missing_ok=True)
    with serving(folder, **options) as server:
        _wait_until(told.exists, "the server did not say that it is ready")
        children = server.children()
        edges = sorted(pid for name, pid in children.items() if "edge" in name)
        _place(edges)
        processes = {"supervisor": server.process.pid}
        for name, pid in children.items():
            short = name.split(":")[0].rpartition(".")[2]
            processes[short if short not in processes else f"{short}-{pid}"] = pid
        yield Running(int(server.base_url.rpartition(":")[2]), edges, processes)


@contextmanager
def raw(folder: Path, known: Known, paths: list[str], peer: Running, workers: int) -> Generator[Running]:
    """Serve by the raw application what `peer` answers at the paths, to each reader."""
    file, port = folder / f"raw-{workers}.msgpack", free_port()
    master = bytes.fromhex((folder / "data" / FILE).read_text().strip())
    pages = {token: {path: _answer(peer.port, path, token) for path in paths} for token in known.readers}
    good_s = int(ENVIRONMENT["BOWERBIRD_IDENTITY_TOKEN_GOOD_S"])
    file.write_bytes(msgspec.msgpack.encode(Answers(derive(master, "sessions"), good_s, pages)))
    argv = [sys.executable, "-m", "granian", "--interface", "asginl", "--loop", "uvloop", "--no-ws", "--no-log"]
    argv += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers), "--factory", "bench.raw_app:make"]
    process = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, "BENCH_RAW": str(file)})
    try:
        _wait_until(lambda: _listens(port), f"nobody listens on port {port}")
        edges = tree(process.pid)[1:]
        _place(edges)
        yield Running(port, edges, {f"raw-{pid}": pid for pid in tree(process.pid)})
    finally:
        stop(process)


def _answer(port: int, path: str, token: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    headers = {"authorization": f"Bearer {token}", "accept": "application/json", "accept-encoding": "identity"}
    answer = httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers)
    answer.raise_for_status()
    kept = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() != b"date"]
    return kept, answer.content


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_until(ready: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + READY_S
    while not ready():
        if time.monotonic() > until:
            raise TimeoutError(otherwise)
        time.sleep(0.02)


def _place(pids: list[int]) -> None:
    cores = sorted(os.sched_getaffinity(0))
    for number, pid in enumerate(pids):
        pin(pid, {cores[number % len(cores)]})
