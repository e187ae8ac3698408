"""A whole Bowerbird in processes of its own, as `bowerbird serve` starts it, for journeys through its public faces."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import apsw
import httpx

from bowerbird.app import announced
from bowerbird.app.folder import Folder
from tests.support.records_sql import rows

READY_S = 60.0
STOP_S = 30.0


class Server:
    """A running server. `port`: where it answers; `data`: its folder; `log`: the file of what its processes say."""

    def __init__(self, port: int, data: Path, log: Path, env: dict[str, str], process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}"
        self.data = data
        self.log = log
        self.env = env
        self.process = process

    def command(
        self, *arguments: str, stdin: str = "", file_bytes_max: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line on the same data; no file can grow beyond a limit that is given."""
        argv = _argv(*arguments, file_bytes_max=file_bytes_max)
        return subprocess.run(argv, env=self.env, input=stdin, capture_output=True, text=True, timeout=60, check=False)

    def killed_command(self, *arguments: str) -> None:
        """Run a command as far as its first word on standard error, and kill it there."""
        with subprocess.Popen(_argv(*arguments), env=self.env, stderr=subprocess.PIPE) as running:
            assert running.stderr is not None
            next(running.stderr)
            running.kill()

    def children(self) -> dict[str, int]:
        """Return the process numbers of the tree, by the module that each runs."""
        pid = self.process.pid
        found: dict[str, int] = {}
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            try:
                words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            except FileNotFoundError:  # it has just ended
                continue
            name = next((word.decode() for word in words if word.startswith(b"bowerbird.")), "?")
            found[f"{name}:{child}"] = int(child)
        return found


@contextmanager
def serving(folder: Path, **settings: str) -> Generator[Server]:
    """Serve on a free port with data in `folder`; settings by variable name without BOWERBIRD_, in lower case."""
    port = free_port()
    data = folder / "data"
    log = folder / "server.log"
    env = environment(data, port, settings)
    with log.open("ab") as output:
        process = subprocess.Popen(_argv("serve"), env=env, stdout=output, stderr=output)
    server = Server(port, data, log, env, process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        stop(process)


def _argv(*arguments: str, file_bytes_max: int | None = None) -> list[str]:
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({file_bytes_max}, {file_bytes_max}))\n"
    code = "from bowerbird.app.cli import main; main()"
    return [sys.executable, "-c", code if file_bytes_max is None else limit + code, *arguments]


def environment(data: Path, port: int, settings: Mapping[str, str]) -> dict[str, str]:
    """Return what a server under test is told: cheap passwords, one worker, and the settings of the test."""
    return {
        **os.environ,
        "BOWERBIRD_STORAGE_DATA": str(data),
        "BOWERBIRD_SERVER_PORT": str(port),
        "BOWERBIRD_SERVER_WORKERS": "1",
        "BOWERBIRD_IDENTITY_HASH_MEMORY_KIB": "64",
        "BOWERBIRD_IDENTITY_HASH_PASSES": "1",
        "BOWERBIRD_SAFETY_REGISTER_LIMIT": "0",
        "BOWERBIRD_FETCH_ALLOWED_HOSTS": "127.0.0.1",
        **{f"BOWERBIRD_{name}".upper(): value for name, value in settings.items()},
    }


@contextmanager
def running_server(folder: Path) -> Generator[str]:
    """Serve, and yield the address alone."""
    with serving(folder) as server:
        yield server.base_url


def stop(process: subprocess.Popen[bytes]) -> int:
    """Stop a server as Ctrl-C does; kill it, and fail, when it does not end."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def set_schema(file: Path, version: int) -> int:
    """Write the version of its schema into a database, and return the one before."""
    connection = apsw.Connection(str(file))
    (before,) = rows(connection, "PRAGMA user_version")[0]
    rows(connection, f"PRAGMA user_version = {version}")
    connection.close()
    return before


def answers(data: Path, base_url: str) -> bool:
    """Return whether a tree answers, and its supervisor has said so: one worker answers while others still start."""
    try:
        return announced.read(Folder(str(data))) is not None and httpx.get(f"{base_url}/readyz", timeout=5).is_success
    except httpx.TransportError:
        return False


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        if answers(server.data, server.base_url):
            return
        time.sleep(0.1)
    raise AssertionError(f"the server did not become ready:\n{server.log.read_text()[-5000:]}")
