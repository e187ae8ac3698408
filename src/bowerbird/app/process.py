"""What every process of the tree does alike: read its settings, set up logs, run its work until told to stop."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Concatenate

import structlog
import uvloop
from msgspec import Struct

from bowerbird.app.folder import Folder
from bowerbird.app.opening import CANNOT_OPEN
from bowerbird.app.secrets import master_key
from bowerbird.app.sections import Settings, read
from bowerbird.app.settings import SettingsError
from bowerbird.base.telemetry import PROCESS, configure_logging
from bowerbird.base.world import World
from bowerbird.runtime.supervisor import Line

_log = structlog.get_logger()


class Process(Struct, frozen=True):
    """What a process of the tree starts from. `line`: to its supervisor; `stop` is set when it is to end."""

    settings: Settings
    folder: Folder
    master: bytes
    world: World
    line: Line
    stop: asyncio.Event


def run(work: Callable[Concatenate[Process, ...], Awaitable[None]], *words: str) -> None:
    """Run a process of the tree, with the words of its command line.

    Exit with 1, and a sentence in the log, when it cannot do its work.
    """
    try:
        uvloop.run(_until_told(lambda process: work(process, *words)))
    except (SettingsError, *CANNOT_OPEN) as error:
        _log.error("cannot_work", reason=str(error))
        sys.exit(1)


async def _until_told(work: Callable[[Process], Awaitable[None]]) -> None:
    file = os.environ.get("BOWERBIRD_SETTINGS")
    settings, _ = read(Path(file) if file else None)
    configure_logging(settings.log.level, as_json=settings.log.json, process=os.environ.get(PROCESS, ""))
    world = World()
    folder = Folder(settings.storage.data).make()
    master = master_key(settings.storage.master_key, folder.path, world)
    stop = asyncio.Event()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    line = Line()
    line.when_closed(stop.set)
    ending = asyncio.create_task(_end_in_time(stop, settings.server.drain_timeout_ms), name="end in time")
    try:
        await work(Process(settings, folder, master, world, line, stop))
    finally:
        ending.cancel()


async def _end_in_time(stop: asyncio.Event, timeout_ms: int) -> None:
    """Have the kernel end the process should stopping take too long, since not every stop is a supervisor's."""
    await stop.wait()
    signal.setitimer(signal.ITIMER_REAL, max(1.0, timeout_ms / 1000))


@asynccontextmanager
async def beside(stop: asyncio.Event, loops: Iterable[Coroutine[Any, Any, None]]) -> AsyncGenerator[None]:
    """Keep loops running beside the block, and end them behind it.

    When one fails, `stop` is set, so that the process ends in order, with 1, and its supervisor starts it again whole.
    """
    tasks = [asyncio.create_task(_guarded(loop, stop)) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    if any(isinstance(result, Exception) for result in results):
        sys.exit(1)


async def _guarded(loop: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    try:
        await loop
    except Exception:
        _log.exception("loop_failed")
        stop.set()
        raise
