"""A run of the demo on this machine: one at a time for a data folder, until it is complete or told to stop."""

import asyncio
import fcntl
import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from msgspec import Struct

from bowerbird.app import demo_account
from bowerbird.app.demo import content
from bowerbird.app.demo.api import Api, DemoFailed, Told, client
from bowerbird.app.demo.clients import Clients
from bowerbird.app.demo.fill import fill
from bowerbird.app.demo.gather import Shelf, gather
from bowerbird.app.demo.members import Members
from bowerbird.app.demo.pictures import OnReady
from bowerbird.app.demo.progress import Progress
from bowerbird.app.folder import Folder
from bowerbird.base.processes import Processes
from bowerbird.base.world import World

_COMPLETE: Final = "demo-complete"


class Run(Struct, frozen=True):
    """What to fill: the server at an address, whose data is in a folder, with photos kept on a shelf."""

    address: str
    folder: Folder
    shelf: Path


def was_complete(folder: Folder) -> bool:
    """Return whether a demo was ever complete on this data."""
    return (folder.path / _COMPLETE).exists()


def kept_photos() -> Path:
    """Return where photos are kept for all data folders of whoever runs this."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "bowerbird" / "demo"


async def run(what: Run, progress: Progress) -> None:
    """Fill until it is complete. DemoFailed (the sentence says why) also when it is told to stop."""
    failures: list[Exception] = []
    try:
        with _alone(what.folder), _stoppable():
            await _fill(what, progress)
    except* (DemoFailed, Told) as group:
        failures += _leaves(group)
    except* asyncio.CancelledError:
        failures.append(DemoFailed("Stopped. Run `bowerbird demo` to go on where it was."))
    if failures:
        raise DemoFailed(str(failures[0])) from failures[0]
    (what.folder.path / _COMPLETE).touch()


async def _fill(what: Run, progress: Progress) -> None:
    world = World()
    all_of_it = content.load()
    shelf = Shelf(what.shelf)
    clients = Clients(Processes())

    async def fetch(on_ready: OnReady) -> None:
        await gather(all_of_it.sources, shelf, clients, lambda source: on_ready(shelf.of(source)), progress)

    async with client() as http:
        members = Members(Api(what.address, http, world), demo_account.password(what.folder, world), world)
        await fill(all_of_it, members, fetch, progress)


@contextmanager
def _stoppable() -> Generator[None]:
    """Let SIGTERM and SIGINT cancel what runs, so that it ends what it started."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is None:
        raise RuntimeError("only a task can be stopped")
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


@contextmanager
def _alone(folder: Folder) -> Generator[None]:
    """Hold the data folder's demo, so that two runs do not do the same work."""
    with (folder.run / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoFailed("The demo is being filled in already.") from error
        yield


def _leaves(group: ExceptionGroup[Exception]) -> list[Exception]:
    """Return the failures in a group, however deep they are."""
    found: list[Exception] = []
    for each in group.exceptions:
        # A check cannot tell what a group holds; that it is in a group of failures can.
        found += _leaves(cast("ExceptionGroup[Exception]", each)) if isinstance(each, ExceptionGroup) else [each]
    return found
