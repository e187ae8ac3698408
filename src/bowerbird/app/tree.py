"""The tree of processes on one machine: core first, the edge last, all on one data folder and one public socket."""

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from bowerbird.app import announced
from bowerbird.app.folder import Folder
from bowerbird.app.sections import Settings
from bowerbird.app.settings import SettingsError, variable
from bowerbird.app.stages import stages_of
from bowerbird.base.processes import Processes
from bowerbird.base.telemetry import SHARED_METRICS, forget_process
from bowerbird.base.world import World
from bowerbird.runtime.listener import Listener
from bowerbird.runtime.supervisor import Supervisor

_LOOK_S: Final = 0.02
_TELL_S: Final = 0.2
_log = structlog.get_logger()


def child_environment(file: Path | None, options: Mapping[str, object], folder: Folder) -> dict[str, str]:
    """Return what the children are told: this process's own surroundings, its settings file, and its options."""
    env = dict(os.environ)
    if file is not None:
        env["BOWERBIRD_SETTINGS"] = str(file.absolute())
    for name, value in options.items():
        if value is not None:
            env[variable(*name.split(".", 1))] = str(value)
    env[variable("storage", "data")] = str(folder.path)
    return env


async def run(settings: Settings, env: Mapping[str, str], behind: Callable[[str], Awaitable[None]]) -> None:
    """Run the tree until SIGTERM or SIGINT, then stop it without cutting a request.

    SIGHUP replaces the edge workers, one after another, so that they take up new settings and new code; at a terminal,
    which sends it when it is closed, it ends the tree as ever.
    `behind` runs beside it from when it answers, is given the address, and is cancelled when it stops. Raises
    SettingsError and `supervisor.ChildFailed`.
    """
    folder = Folder(settings.storage.data).make()
    with ExitStack() as held:
        lock = folder.lock()
        held.callback(os.close, lock)
        listener = _listen(settings)
        held.callback(listener.close)
        shutil.rmtree(folder.metrics)
        folder.metrics.mkdir()
        announced.withdraw(folder)
        held.callback(announced.withdraw, folder)
        stop = asyncio.Event()
        roll = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, (stop if os.isatty(0) else roll).set)
        world = World()
        surroundings = {**env, SHARED_METRICS: str(folder.metrics)}
        stages = stages_of(settings, folder, held, listener.descriptor, lock)
        supervisor = Supervisor(stages, surroundings, Processes(), world, partial(forget_process, folder.metrics))
        await _start_unless_stopped(supervisor, stop)
        if not stop.is_set():
            tree = announced.announce(folder, settings)
            also = (behind(tree.address), _rolling(supervisor, roll), _telling(folder, supervisor, world))
            await _beside(also, stop)
        listener.ignore_new()
        await _until_accepted(listener, settings.server.drain_timeout_ms / 1000, world)
        await supervisor.stop()


async def _beside(some: Iterable[Awaitable[object]], stop: asyncio.Event) -> None:
    """Wait until told to stop with other things going on; should one fail, the log says so, and the tree stays."""
    running = [asyncio.ensure_future(_logged(one)) for one in some]
    await stop.wait()
    for one in running:
        one.cancel()
    await asyncio.wait(running)


async def _rolling(supervisor: Supervisor, roll: asyncio.Event) -> None:
    """Roll the tree whenever told to, for ever."""
    while True:
        await roll.wait()
        roll.clear()
        await supervisor.roll()


async def _telling(folder: Folder, supervisor: Supervisor, world: World) -> None:
    """Tell commands where the processes stand, for ever."""
    told: list[announced.Running] = []
    while True:
        states = supervisor.states().items()
        present = [announced.Running(name, state.value, pid) for name, (state, pid) in states]
        if present != told:
            with suppress(OSError):  # a full disk is told of elsewhere
                announced.tell(folder, present)
                told = present
        await world.sleep(_TELL_S)


async def _logged(behind: Awaitable[object]) -> None:
    try:
        await behind
    except Exception:  # noqa: BLE001 - whatever it is, people are being served
        _log.exception("failed_beside_the_tree")


async def _until_accepted(listener: Listener, longest_s: float, world: World) -> None:
    """Wait while workers accept the connections that wait; should they not, those are refused in the end."""
    deadline_s = world.monotonic_s() + longest_s
    while listener.waiting() and world.monotonic_s() < deadline_s:
        await world.sleep(_LOOK_S)


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


def _listen(settings: Settings) -> Listener:
    host, port = settings.server.host, settings.server.port
    try:
        return Listener(host, port)
    except OSError as error:
        raise SettingsError(f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another.") from error
