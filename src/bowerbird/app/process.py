"""What every process of the tree does alike: read its settings, set up logs, run its work until told to stop."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from msgspec import Struct

from bowerbird.app.folder import Folder
from bowerbird.app.secrets import master_key
from bowerbird.app.sections import Settings, read
from bowerbird.base.telemetry import configure_logging
from bowerbird.base.world import World
from bowerbird.runtime.supervisor import Line


class Process(Struct, frozen=True):
    """What a process of the tree starts from. `line`: to its supervisor; `stop` is set when it is to end."""

    settings: Settings
    folder: Folder
    master: bytes
    world: World
    line: Line
    stop: asyncio.Event


def run(work: Callable[[Process], Awaitable[None]]) -> None:
    """Run a process of the tree."""
    uvloop.run(_until_told(work))


async def _until_told(work: Callable[[Process], Awaitable[None]]) -> None:
    file = os.environ.get("BOWERBIRD_SETTINGS")
    settings, _ = read(Path(file) if file else None)
    configure_logging(settings.log.level, as_json=settings.log.json)
    world = World()
    folder = Folder(settings.storage.data).make()
    master = master_key(settings.storage.master_key, folder.path, world)
    stop = asyncio.Event()
    line = Line()
    line.when_closed(stop.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await work(Process(settings, folder, master, world, line, stop))
