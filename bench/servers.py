"""Servers to measure: a whole Bowerbird as `bowerbird serve` starts it, the raw application, and the usual service."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bench.data import ENVIRONMENT, Known
from bench.load import Plan, Tally, run
from bench.machine import cpu_us, pin, tree
from bench.peers.pins.security import token_for
from bench.raw_app import Answers
from bowerbird.app.secrets import FILE, derive
from tests.support.server import free_port, serving, stop

ROOT: Final = Path(__file__).resolve().parent.parent
READY_S: Final = 30.0
REST_S: Final = 0.3
REST_SHARE: Final = 0.05
REST_MAX_S: Final = 120.0


class Running(Struct, frozen=True):
    """A server: where it answers, the processes that serve requests, and all of its processes by name.

    `tokens`: what each person shows, by id.
    """

    port: int
    workers: list[int]
    processes: dict[str, int]
    tokens: dict[str, str]

    @property
    def pids(self) -> list[int]:
        """All processes."""
        return list(self.processes.values())


def loaded(server: Running, plan: Plan) -> Tally:
    """Carry out a plan on a server; its processor time counts until all is done that was left for behind answers."""
    before = cpu_us(server.pids)
    tally = run(plan)
    rest(server)
    return replace(tally, server_cpu_us=(cpu_us(server.pids) - before) * tally.count / tally.answered)


@contextmanager
def bowerbird(folder: Path, known: Known, workers: int, **settings: str) -> Generator[Running]:
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
        tokens = {one.id: one.token for one in [*known.people, known.author]}
        yield Running(server.port, edges, processes, tokens)


@contextmanager
def raw(folder: Path, pages: Iterable[tuple[str, str]], source: Running, workers: int) -> Generator[Running]:
    """Serve by the raw application what `source` answers at the paths of `pages`, each to one person."""
    file, port = folder / f"raw-{workers}.msgpack", free_port()
    master = bytes.fromhex((folder / "data" / FILE).read_text().strip())
    answers: dict[str, dict[str, tuple[list[tuple[bytes, bytes]], bytes]]] = {}
    with httpx.Client(base_url=f"http://127.0.0.1:{source.port}") as client:
        for path, person in pages:
            token = source.tokens[person]
            answers.setdefault(token, {})[path] = _answer(client, path, token)
    good_s = int(ENVIRONMENT["BOWERBIRD_IDENTITY_TOKEN_GOOD_S"])
    file.write_bytes(msgspec.msgpack.encode(Answers(derive(master, "sessions"), good_s, answers)))
    argv = [sys.executable, "-m", "granian", "--interface", "asginl", "--loop", "uvloop", "--no-ws", "--no-log"]
    argv += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers), "--factory", "bench.raw_app:make"]
    with _listening(argv, {"BENCH_RAW": str(file)}, folder / "raw.log", port, workers) as (edges, processes):
        yield Running(port, edges, processes, source.tokens)


@contextmanager
def usual(folder: Path, known: Known, workers: int) -> Generator[Running]:
    """Serve `folder`/data by the usual service, from a database of its own, filled anew."""
    database, port, secret = folder / "peer.db", free_port(), secrets.token_hex(32)
    filling = [sys.executable, "-m", "bench.peers.pins.fill", str(folder / "data" / "core.db"), str(database)]
    subprocess.run(filling, cwd=ROOT, check=True)
    argv = [sys.executable, "-m", "uvicorn", "bench.peers.pins.main:app", "--workers", str(workers)]
    argv += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    argv += ["--host", "127.0.0.1", "--port", str(port)]
    expires_s = int(time.time()) + 3_600
    tokens = {one.id: token_for(one.id, secret, expires_s) for one in [*known.people, known.author]}
    told = {"PEER_DATABASE": str(database), "PEER_SECRET": secret}
    with _listening(argv, told, folder / "usual.log", port, workers) as (edges, processes):
        yield Running(port, edges, processes, tokens)


@contextmanager
def _listening(
    argv: Sequence[str], told: dict[str, str], log: Path, port: int, workers: int
) -> Generator[tuple[list[int], dict[str, int]]]:
    """Run a server until it is left; yield its workers and all of its processes."""
    with log.open("ab") as output:
        process = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **told}, stdout=output, stderr=output)
    try:
        _wait_until(lambda: _answers(port), f"nobody answers on port {port}")
        edges = tree(process.pid)[-workers:]  # behind their manager and whatever helps it
        _wait_until(lambda: _rests(edges), "the workers did not come to rest")
        _place(edges)
        name = Path(argv[2]).name
        yield edges, {f"{name}-{pid}": pid for pid in tree(process.pid)}
    finally:
        stop(process)


def rest(server: Running) -> None:
    """Wait until a server has done all that it was given, behind its answers too."""
    _wait_until(lambda: _rests(server.pids), "the server does not come to rest", REST_MAX_S)


def _rests(pids: list[int]) -> bool:
    """Say whether processes have nothing to do."""
    before = cpu_us(pids)
    time.sleep(REST_S)
    return cpu_us(pids) - before < REST_S * 1e6 * REST_SHARE


def _answer(client: httpx.Client, path: str, token: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    headers = {"authorization": f"Bearer {token}", "accept": "application/json", "accept-encoding": "identity"}
    answer = client.get(path, headers=headers)
    answer.raise_for_status()
    kept = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() != b"date"]
    return kept, answer.content


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/v1/feed", timeout=1)
    except httpx.TransportError:
        return False
    return True


def _wait_until(ready: Callable[[], bool], otherwise: str, most_s: float = READY_S) -> None:
    until = time.monotonic() + most_s
    while not ready():
        if time.monotonic() > until:
            raise TimeoutError(otherwise)
        time.sleep(0.02)


def _place(pids: list[int]) -> None:
    cores = sorted(os.sched_getaffinity(0))
    for number, pid in enumerate(pids):
        pin(pid, {cores[number % len(cores)]})
