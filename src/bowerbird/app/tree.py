"""The tree of processes on one machine: core first, then the edge workers, all on one data folder and one socket."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from bowerbird.app.folder import Folder
from bowerbird.app.sections import Settings
from bowerbird.app.settings import SettingsError, variable
from bowerbird.base.processes import Processes
from bowerbird.base.telemetry import SHARED_METRICS, forget_process
from bowerbird.base.world import World
from bowerbird.runtime.listener import SETTLE_S, Listener
from bowerbird.runtime.supervisor import Child, Supervisor

READY_MS: Final = 60_000
_TREE_FILE: Final = "tree.json"
LISTEN_FD: Final = "BOWERBIRD_LISTEN_FD"
"""The variable that tells an edge worker the descriptor of the shared socket."""


def child_environment(file: Path | None, options: Mapping[str, object], folder: Folder) -> dict[str, str]:
    """Return what the children are told: this process's own surroundings, its settings file, and its options."""
    env = dict(os.environ)
    if file is not None:
        env["BOWERBIRD_SETTINGS"] = str(file.absolute())
    for name, value in options.items():
        if value is not None:
            env[variable(*name.split(".", 1))] = str(value)
    env[variable("storage", "data")] = str(folder.path)
    env[SHARED_METRICS] = str(folder.metrics)
    return env


class Tree(Struct, frozen=True):
    """A running tree, as it tells of itself in the data folder: where it answers, and the supervisor's process."""

    address: str
    pid: int


def read_tree(folder: Folder) -> Tree | None:
    """Return the tree that runs on a data folder, None before it is ready."""
    try:
        return msgspec.json.decode((folder.run / _TREE_FILE).read_bytes(), type=Tree)
    except FileNotFoundError:
        return None


async def run(settings: Settings, env: Mapping[str, str], behind: Callable[[str], Awaitable[None]]) -> None:
    """Run the tree until SIGTERM or SIGINT, then stop it without cutting a request.

    `behind` runs beside it from when it answers, is given the address, and is cancelled when it stops. Raises
    SettingsError and `supervisor.ChildFailed`.
    """
    folder = Folder(settings.storage.data).make()
    lock = folder.lock()
    shutil.rmtree(folder.metrics)
    folder.metrics.mkdir()
    tree_file = folder.run / _TREE_FILE
    tree_file.unlink(missing_ok=True)
    listener = _listen(settings)
    world = World()
    surroundings = {**env, LISTEN_FD: str(listener.descriptor)}
    ended = partial(forget_process, folder.metrics)
    supervisor = Supervisor(_stages(settings, listener), surroundings, Processes(), world, ended)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await _start_unless_stopped(supervisor, stop)
        if not stop.is_set():
            tree_file.write_bytes(msgspec.json.encode(Tree(address(settings), os.getpid())))
            beside = asyncio.ensure_future(behind(address(settings)))
            await stop.wait()
            beside.cancel()
            await asyncio.wait({beside})
        listener.ignore_new()
        await world.sleep(SETTLE_S)
        await supervisor.stop()
    finally:
        listener.close()
        os.close(lock)


async def _start_unless_stopped(supervisor: Supervisor, stop: asyncio.Event) -> None:
    """Start the tree, or give up as soon as it is told to stop."""
    starting = asyncio.create_task(supervisor.start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
        return
    starting.result()


def address(settings: Settings) -> str:
    """Return where browsers find the server."""
    if settings.http.origin:
        return settings.http.origin
    host = settings.server.host
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not listened on
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.server.port}"


def _listen(settings: Settings) -> Listener:
    host, port = settings.server.host, settings.server.port
    try:
        return Listener(host, port)
    except OSError as error:
        raise SettingsError(f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another port.") from error


def _stages(settings: Settings, listener: Listener) -> list[list[Child]]:
    drain_ms = settings.server.drain_timeout_ms
    core = Child(name="core", argv=(sys.executable, "-m", "bowerbird.app.core"), ready_ms=READY_MS, drain_ms=drain_ms)
    edges = [
        Child(
            name=f"edge-{number}",
            argv=(sys.executable, "-m", "bowerbird.app.edge"),
            ready_ms=READY_MS,
            drain_ms=drain_ms,
            inherits=(listener.descriptor,),
        )
        for number in range(1, settings.server.workers + 1)
    ]
    return [[core], edges]
